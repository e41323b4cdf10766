/** What the page weighs: what is fetched until the first loss, and all that is built. */
import { globSync, readFileSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { brotliCompressSync } from "node:zlib"
import { parseSync } from "oxc-parser"
import { expect, test } from "vitest"
import { builtPage, PATIENCE } from "./page.ts"

test("until its first loss the page fetches 200 KB, besides the engine", { timeout: PATIENCE }, async () => {
  const page = await builtPage()
  const inAssets = (name: string) => join(page, "assets", name)
  const html = readFileSync(join(page, "index.html"), "utf8")
  const of = (files: readonly string[], pattern: RegExp): string => {
    const found = pattern.exec(files.map((file) => readFileSync(file, "utf8")).join("\n"))?.[1]
    return inAssets(found ?? expect.fail(`${files} names no ${pattern.source}`))
  }
  const main = Array.from(html.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g), ([, name]) => inAssets(name))
  const worker = of(main, /(worker-[\w-]+\.js)/)
  const trainer = of([worker], /(trainer-[\w-]+\.js)/)
  const names = of([trainer], /(en-[\w-]+\.js)/)

  const fetched = new Map<string, number>([["index.html", brotliCompressSync(html).length]])
  const follow = (file: string): void => {
    if (fetched.has(basename(file))) return
    const text = readFileSync(file, "utf8")
    fetched.set(basename(file), brotliCompressSync(text).length)
    if (!file.endsWith(".js")) return
    for (const { moduleRequest } of parseSync(file, text).module.staticImports)
      follow(inAssets(moduleRequest.value))
  }
  for (const file of [...main, worker, trainer, names]) follow(file)
  const bytes = Object.fromEntries(fetched)
  expect(Object.keys(bytes).length, JSON.stringify(bytes)).toBeGreaterThan(5)
  expect(bytes[basename(trainer)], JSON.stringify(bytes)).toBeLessThan(112_000)
  const sum = [...fetched.values()].reduce((total, each) => total + each, 0)
  expect(sum, JSON.stringify(bytes)).toBeLessThanOrEqual(200_000)
})

test("the page is built of one engine and 17 MB in all", { timeout: PATIENCE }, async () => {
  const page = await builtPage()
  const files = globSync("**/*", { cwd: page }).map((name) => ({ name, ...statSync(join(page, name)) }))
  expect(files.filter(({ name }) => name.endsWith(".wasm"))).toHaveLength(1)
  const sum = files.reduce((total, { size }) => total + size, 0)
  expect(sum).toBeLessThanOrEqual(17_000_000)
})
