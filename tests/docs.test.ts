/** What the documentation says is there: links lead somewhere, paths and scripts exist. */

import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"

const pages = globSync(["*.md", "docs/*.md"]).sort()
const read = (page: string) => readFileSync(page, "utf8")

test.each(pages)("%s: links lead somewhere", (page) => {
  const links = Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, link]) => link)
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
})

/** Of the worked examples: they are written while one follows the page. */
const yours = ["nn/prelu.ts", "models/gated.ts", "optim/rmsprop.ts"]

test.each(pages)("%s: the files it names are there", (page) => {
  const named = Array.from(
    read(page).matchAll(/(?<![\w/.])((?:src|tests|bench|examples|lecture|docs)\/[\w./-]*\w)/g),
    ([, path]) => path,
  )
  const missing = named.filter((path) => !existsSync(path) && !yours.some((file) => path.endsWith(file)))
  expect(missing).toEqual([])
})

test.each(pages)("%s: the scripts it runs are there", (page) => {
  const { scripts } = JSON.parse(read("package.json"))
  const run = Array.from(read(page).matchAll(/npm run (?:-s )?([\w:]+)/g), ([, script]) => script)
  expect(run.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
})

test("every page of docs is linked from another", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      Array.from(read(page).matchAll(/\]\(([\w./-]+\.md)/g), ([, link]) => join(dirname(page), link)),
    ),
  )
  expect(pages.filter((page) => page.startsWith("docs/") && !linked.has(page))).toEqual([])
})
