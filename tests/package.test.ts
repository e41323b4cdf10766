/** The package as it is published: packed, unpacked into a project of one's own, and used there. */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { chromium } from "playwright"
import { afterAll, beforeAll, expect, test } from "vitest"
import { chromium as executablePath } from "./requirements.ts"

const run = promisify(execFile)

/** The project. Its dependencies are those of the checkout, so that nothing is downloaded. */
let project = ""
const at = (...path: string[]) => join(project, ...path)

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "makewave-package-"))
  await run("npm", ["pack", "--pack-destination", project])
  const { name, version, dependencies } = JSON.parse(readFileSync("package.json", "utf8"))
  mkdirSync(at("node_modules"))
  await run("tar", ["xzf", at(`${name}-${version}.tgz`), "-C", at("node_modules")])
  await run("mv", [at("node_modules/package"), at("node_modules", name)])
  for (const dependency of Object.keys(dependencies)) {
    mkdirSync(dirname(at("node_modules", dependency)), { recursive: true })
    symlinkSync(resolve("node_modules", dependency), at("node_modules", dependency))
  }
  writeFileSync(at("package.json"), '{ "type": "module", "private": true }')
}, 120_000)
afterAll(() => rmSync(project, { recursive: true }))

if (executablePath)
  test("Vite bundles it into a page without a warning, with one engine, and the page trains", {
    timeout: 120_000,
  }, async () => {
    writeFileSync(
      at("index.html"),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    )
    writeFileSync(
      at("page.js"),
      `import * as makewave from "makewave"
      const { Generator, parseLines, train, Vocabulary, WaveNet, windows } = makewave
      async function losses() {
        const { lines } = parseLines("anna\\nbo\\nclara\\ndan\\n")
        const vocabulary = Vocabulary.from(lines)
        const model = new WaveNet({ vocabularySize: vocabulary.size, contextLength: 8 }).initialize(new Generator(42))
        const rows = windows(lines, vocabulary, 8)
        const losses = []
        for await (const { loss } of train(model, rows, { steps: 20 })) losses.push(loss)
        return losses
      }
      globalThis.losses = losses()
      globalThis.makewave = makewave`,
    )
    const { build, createLogger, preview } = await import("vite")
    const warnings: string[] = []
    const customLogger = createLogger("silent")
    customLogger.warn = customLogger.warnOnce = (message) => warnings.push(message)
    const options = { root: project, configFile: false as const, logLevel: "warn" as const, customLogger }
    // The lists of names are the largest chunk.
    const bundle = await build({ ...options, build: { chunkSizeWarningLimit: 800 } })
    expect(warnings).toEqual([])
    const files = "output" in bundle ? bundle.output.map(({ fileName }) => fileName) : []
    expect(files.filter((name) => name.endsWith(".wasm"))).toHaveLength(1)

    const server = await preview({ ...options, preview: { port: 0 } })
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
    try {
      const page = await browser.newPage()
      const said: string[] = []
      page.on("console", (message) => said.push(message.text()))
      page.on("pageerror", (error) => said.push(error.message))
      await page.goto(server.resolvedUrls?.local[0] ?? "")
      const losses = (await page.evaluate("globalThis.losses")) as number[]
      expect(losses).toHaveLength(20)
      expect(losses[19]).toBeLessThan(losses[0])
      expect(said).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  })
