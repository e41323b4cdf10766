/** What the documentation says is there: links lead somewhere, paths and scripts exist, and the README's first lines run. */

import { execFile } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const pages = globSync(["*.md", "docs/*.md"]).sort()
const read = (page: string) => readFileSync(page, "utf8")

test.each(pages)("%s: links lead somewhere", (page) => {
  const links = Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, link]) => link)
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
})

/** Of the worked examples: they are written while one follows the page. */
const yours = ["nn/prelu.ts", "models/gated.ts"]

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

test("the README's first lines print what its first example does", { timeout: 60_000 }, async () => {
  const [, lines] = /```ts\n([\s\S]*?)```/.exec(read("README.md"))!
  const folder = mkdtempSync(join(tmpdir(), "makewave-readme-"))
  try {
    const file = join(folder, "first-lines.ts")
    const source = pathToFileURL(resolve("src/index.ts")).href
    writeFileSync(file, lines.replace('"makewave"', JSON.stringify(source)))
    const run = async (...args: string[]) => (await promisify(execFile)(process.execPath, args)).stdout
    expect(await run(file)).toBe(await run("examples/01-first-lines.ts"))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
