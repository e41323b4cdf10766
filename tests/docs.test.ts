/** What the documentation says is there: links lead somewhere, paths and scripts exist. */

import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { makewaveHere } from "./command-line.ts"

const pages = globSync(["*.md", "docs/*.md"]).sort()
const read = (page: string) => readFileSync(page, "utf8")

test.each(pages)("%s: links lead somewhere", (page) => {
  const links = Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, link]) => link)
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
})

test.each(pages)("%s: the headings it links to are there", (page) => {
  const links = read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)
  const headings = (file: string) =>
    Array.from(read(file).matchAll(/^#+ (.+)$/gm), ([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, "")
        .replaceAll(" ", "-"),
    )
  for (const [, file, anchor] of links)
    expect(headings(file ? join(dirname(page), file) : page)).toContain(anchor)
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

test("the README names every example and the chapters' folder", () => {
  const readme = read("README.md")
  expect(globSync("examples/[0-9]*.ts").filter((file) => !readme.includes(`(${file})`))).toEqual([])
  expect(readme).toContain("](lecture)")
})

test("the README's package file is that of this version", () => {
  const { name, version, engines } = JSON.parse(read("package.json"))
  const readme = read("README.md")
  expect(readme.match(new RegExp(`${name}-[\\d.]+\\.tgz`, "g"))).toEqual([`${name}-${version}.tgz`])
  expect(readme).toContain(`It needs Node ${engines.node.replace(">=", "")} or later`)
})

const helpOf = async (...command: string[]) => (await makewaveHere([...command, "--help"])).stdout
const overview = await helpOf()
const commands = Array.from(
  overview.slice(overview.indexOf("Commands:"), overview.indexOf("Examples:")).matchAll(/^ {2}([a-z-]+) /gm),
  ([, command]) => command,
).filter((command) => command !== "help")
/** Of the worked examples as well. The page on makemore has makemore's flags. */
const yourFlags = ["--gate-bias", "--alpha"]

test.each(pages.filter((page) => page !== "docs/from-makemore.md"))(
  "%s: the flags it names are there",
  async (page) => {
    const typed = new RegExp(`(?:makewave(?: --)? |\`)(${commands.join("|")})\\b([^\`\\n|]*)`, "g")
    for (const [line, command, args] of read(page).matchAll(typed))
      for (const [flag] of args.matchAll(/(?<=\s)--[a-z][\w-]*/g))
        if (!yourFlags.includes(flag))
          expect(await helpOf(command), line).toMatch(new RegExp(`${flag}(?![\\w-])`))
  },
)

test("the map has a row for each folder of src", () => {
  const folders = globSync("src/*/").map((folder) => folder.split(/[\\/]/)[1])
  expect(folders).toContain("tensor")
  const map = read("docs/map-of-the-code.md")
  expect(folders.filter((folder) => !map.includes(`\n| \`${folder}\` |`))).toEqual([])
})

test("each command is on the README", () => {
  expect(commands).toContain("train")
  expect(commands.filter((command) => !new RegExp(`\\*\\*\`${command}\\b`).test(read("README.md")))).toEqual(
    [],
  )
})

test("every page of docs is linked from another", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      Array.from(read(page).matchAll(/\]\(([\w./-]+\.md)/g), ([, link]) => join(dirname(page), link)),
    ),
  )
  expect(pages.filter((page) => page.startsWith("docs/") && !linked.has(page))).toEqual([])
})
