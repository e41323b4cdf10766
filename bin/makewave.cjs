#!/usr/bin/env node
/** The installed command. It is CommonJS without newer syntax, so that a Node too old for the rest can still say so. */
"use strict"
const wanted = require("../package.json").engines.node.replace(">=", "")
const [major, minor] = wanted.split(".").map(Number)
const [hereMajor, hereMinor] = process.versions.node.split(".").map(Number)

if (hereMajor > major || (hereMajor === major && hereMinor >= minor)) {
  import("../dist/cli/main.js")
} else {
  console.error(
    `error: makewave needs Node ${wanted} or later, and this is Node ${process.versions.node}: install a later one, for instance from https://nodejs.org`,
  )
  process.exitCode = 1
}
