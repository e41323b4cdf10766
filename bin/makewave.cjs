#!/usr/bin/env node
/**
 * The command. In a checkout it runs the sources; where it is installed, the built files, since Node runs no TypeScript in node_modules.
 * This file is CommonJS without newer syntax, so that a Node too old for the rest can still say so.
 */
"use strict"
const wanted = require("../package.json").engines.node.replace(">=", "")
const [major, minor] = wanted.split(".").map(Number)
const [hereMajor, hereMinor] = process.versions.node.split(".").map(Number)
const isInstalled = /[\\/]node_modules[\\/]/.test(__dirname)

if (hereMajor > major || (hereMajor === major && hereMinor >= minor)) {
  import(isInstalled ? "../dist/cli/main.js" : "../src/cli/main.ts")
} else {
  const cure = isInstalled
    ? "install a later one, for instance from https://nodejs.org"
    : "run npm ci, which installs one here"
  console.error(
    `error: makewave needs Node ${wanted} or later, and this is Node ${process.versions.node}: ${cure}`,
  )
  process.exitCode = 1
}
