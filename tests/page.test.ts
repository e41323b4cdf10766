/** Pages that use an exported model, in Chromium: the one of docs/in-a-page.md as it stands, a finished one from a disk, and its size. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { type Browser, chromium as launcher } from "playwright"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Mixture, NGram } from "../src/counting/index.ts"
import { Vocabulary } from "../src/data/index.ts"
import { toJavaScript } from "../src/interchange/index.ts"
import { toPage } from "../src/interchange/javascript-page.ts"
import { models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { chromium } from "./requirements.ts"

/** 300 lines of 39 different characters, as a list of towns has. */
const lines = (() => {
  const random = new Generator(5)
  const parts = [..."abcdefghijklmnopqrstuvwxyzäöüßéèåø -'.&", "ing", "er", "burg", "ton", "wald", "bach"]
  return Array.from({ length: 300 }, () =>
    random
      .randint(0, parts.length, 3 + Number(random.randint(0, 5, 1)[0]))
      .reduce((line, k) => line + parts[k], "")
      .trim(),
  )
})()
const vocabulary = Vocabulary.from(lines)
const { size: vocabularySize, symbols } = vocabulary
const network = new models.gru({ vocabularySize, contextLength: 32, embedding: 48, hidden: 176 }).initialize(
  new Generator(1),
)
const counts = new NGram({ order: 4, vocabularySize }).fit(lines.map((line) => vocabulary.encode(line)))
const mixture = new Mixture({ network, counts, weight: 0.6 })
const given = { symbols, lines, counted: lines }

test("what `make` makes of 300 lines has at most 150 KB gzipped, with counts and all code", () => {
  expect(vocabularySize).toBeGreaterThan(38)
  expect(network.parameterCount).toBeGreaterThan(127_000)
  for (const content of [
    toJavaScript(mixture, { ...given, bits: 8 }),
    toPage(mixture, { ...given, bits: 8 }, { title: "New towns" }),
  ])
    expect(gzipSync(content).length).toBeLessThan(150_000)
})

test("fewer bits are a smaller file", () => {
  const sizes = [16, 8, 6, 4, 3, 2].map((bits) => gzipSync(toJavaScript(mixture, { ...given, bits })).length)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect(sizes.at(-1)).toBeLessThan(50_000)
})

describe.skipIf(!chromium)("in Chromium", () => {
  let folder = ""
  let browser: Browser
  let server: Server
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-page-"))
    browser = await launcher.launch({ executablePath: chromium, args: ["--no-sandbox"] })
    const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" }
    server = createServer(({ url = "/" }, response) => {
      try {
        const bytes = readFileSync(join(folder, url))
        response.setHeader("content-type", types[extname(url)]).end(bytes)
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  })
  afterAll(async () => {
    await browser.close()
    server.close()
    rmSync(folder, { recursive: true })
  })

  /** A page, and the errors that its scripts have thrown. */
  async function opened(url: string) {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on("pageerror", ({ message }) => errors.push(message))
    await page.goto(url)
    return { page, errors }
  }

  test("the page of docs/in-a-page.md makes a new name at a click, from a server", async () => {
    const [, html] = /```html\n([\s\S]*?)```/.exec(readFileSync("docs/in-a-page.md", "utf8"))!
    expect(html.split("\n").length).toBeLessThan(20)
    writeFileSync(join(folder, "names.html"), html)
    writeFileSync(join(folder, "names.js"), toJavaScript(mixture, { ...given, bits: 8 }))
    const { port } = server.address() as AddressInfo
    const { page, errors } = await opened(`http://127.0.0.1:${port}/names.html`)
    await page.getByLabel("Begins with").fill("ab")
    await page.getByRole("button").click()
    const made = (await page.getByRole("status").textContent()) ?? ""
    expect(made).toMatch(/^ab/)
    expect(lines).not.toContain(made)
    await page.getByLabel("Begins with").fill("%")
    await page.getByRole("button").click()
    expect(await page.getByRole("status").textContent()).toMatch(/^prompt: "%" is not one of the symbols/)
    expect(errors).toEqual([])
    await page.close()
  })

  test("the finished page makes names from a disk, by keyboard, and says what does not fit", async () => {
    const file = join(folder, "towns.html")
    writeFileSync(file, toPage(mixture, { ...given, bits: 8 }, { title: "New towns" }))
    const { page, errors } = await opened(pathToFileURL(file).href)
    expect(await page.title()).toBe("New towns")
    const items = page.getByRole("listitem")
    const made = await items.allTextContents()
    expect(new Set(made).size).toBe(12)
    expect(made.filter((each) => lines.includes(each) || each === "")).toEqual([])
    await page.keyboard.press("Tab")
    await page.keyboard.type("wa")
    await page.keyboard.press("Enter")
    for (const each of await items.allTextContents()) expect(each).toMatch(/^wa/)
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await expect.poll(() => page.locator("output").textContent()).toBe("0.9")
    await page.getByLabel("They begin with").fill("%")
    await page.getByRole("button", { name: "Make more" }).click()
    expect(await page.getByRole("status").textContent()).toBe("Nothing here has “%”.")
    expect(await items.count()).toBe(0)
    await page.getByLabel("They begin with").fill("WA")
    await page.getByRole("button", { name: "Make more" }).click()
    for (const each of await items.allTextContents()) expect(each).toMatch(/^wa/)
    await page.getByLabel("They begin with").fill(" WA ")
    await page.getByRole("button").first().click()
    expect(await items.count()).toBeGreaterThan(0)
    for (const each of await items.allTextContents()) expect(each).toMatch(/^wa/)
    await page.getByLabel("They begin with").fill("wa".repeat(40))
    await page.getByRole("button", { name: "Make more" }).click()
    expect(await page.getByRole("status").textContent()).toMatch(/^Nothing was found that begins so/)
    expect(errors).toEqual([])
    await page.close()
  })

  test.each([
    ["with a clipboard", "", true],
    [
      "that does not give it to the page",
      "navigator.clipboard.writeText = async () => { throw new Error('denied') }",
      true,
    ],
    ["without one", "Object.defineProperty(navigator, 'clipboard', { value: undefined })", true],
    [
      "that copies nothing",
      "navigator.clipboard.writeText = async () => { throw new Error('denied') }; document.execCommand = () => false",
      false,
    ],
  ])("what the finished page shows is copied in a browser %s", async (_, prepared, works) => {
    const file = join(folder, "copied.html")
    writeFileSync(file, toPage(mixture, { ...given, bits: 8 }, { title: "New towns" }))
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] })
    const page = await context.newPage()
    await page.addInitScript(`${prepared}`)
    await page.goto(pathToFileURL(file).href)
    const shown = await page.getByRole("listitem").allTextContents()
    expect(shown).toHaveLength(12)
    const button = page.getByRole("button", { name: "Copy all" })
    await button.focus()
    await page.keyboard.press("Enter")
    const status = page.getByRole("status")
    await expect.poll(() => status.textContent()).toMatch(works ? /^Copied\.$/ : /^This browser does not let/)
    expect(await button.evaluate((each) => each === document.activeElement)).toBe(true)
    const field = page.getByLabel("They begin with")
    if (works) {
      await page.evaluate(() => document.body.append(document.createElement("textarea")))
      await page.locator("textarea").focus()
      await page.keyboard.press("ControlOrMeta+V")
      expect(await page.locator("textarea").inputValue()).toBe(shown.join("\n"))
    }
    await field.fill("%")
    await page.keyboard.press("Enter")
    expect(await button.count()).toBe(0)
    await context.close()
  })

  test("spaces around the beginning are no part of it, but for one that the list has there", async () => {
    const kinds = ["Red", "Green", "Old", "Young", "Merry"]
    const names = kinds.flatMap((kind) =>
      ["Pony", "Boar", "Baker", "Barrel"].map((each) => `The ${kind} ${each}`),
    )
    const all = [...names, "Velora", "Velinda", "Veldran", "Velando", "Velarina"]
    const vocabulary = Vocabulary.from(all)
    const { symbols, size: vocabularySize } = vocabulary
    const ngram = new NGram({ order: 3, vocabularySize }).fit(all.map((line) => vocabulary.encode(line)))
    const file = join(folder, "spaces.html")
    writeFileSync(file, toPage(ngram, { symbols, counted: all }, { title: "Taverns" }))
    const { page, errors } = await opened(pathToFileURL(file).href)
    const items = page.getByRole("listitem")
    for (const [typed, begins] of [
      [" Vel", /^Vel\S/],
      ["vel ", /^Vel\S/],
      ["  ", /^\S/],
      ["the ", /^The \S/],
    ] as const) {
      await page.getByLabel("They begin with").fill(typed)
      await page.getByRole("button", { name: "Make more" }).click()
      const made = await items.allTextContents()
      // Counts give every symbol a chance, so a few may go on with a space.
      expect(made.filter((each) => begins.test(each)).length, typed).toBeGreaterThan(made.length / 2)
    }
    expect(errors).toEqual([])
    await page.close()
  })

  test("a list that is written from right to left begins at the right", async () => {
    const names = ["محمد", "احمد", "خالد", "جميل", "سامر", "سالم", "مريم", "حامد"]
    const vocabulary = Vocabulary.from(names)
    const { symbols, size: vocabularySize } = vocabulary
    const ngram = new NGram({ order: 2, vocabularySize }).fit(names.map((line) => vocabulary.encode(line)))
    const file = join(folder, "right.html")
    writeFileSync(file, toPage(ngram, { symbols, counted: names }, { title: "أسماء" }))
    const { page, errors } = await opened(pathToFileURL(file).href)
    expect(await page.locator("ul").evaluate((list) => getComputedStyle(list).direction)).toBe("rtl")
    expect(errors).toEqual([])
    await page.close()
  })

  test("a script works from a disk in a page that names no encoding, and in a worker", async () => {
    const text = toJavaScript(mixture, { ...given, bits: 8, global: "towns" })
    writeFileSync(join(folder, "towns.js"), text)
    writeFileSync(
      join(folder, "plain.html"),
      '<!doctype html><title>a</title><script src="towns.js"></script>',
    )
    const { page, errors } = await opened(pathToFileURL(join(folder, "plain.html")).href)
    const program = "towns.symbols.join() + towns.sample({ seed: 5, prompt: 'ö' })"
    const here = await page.evaluate(program)
    const { sample } = await import(
      /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(toJavaScript(mixture, { ...given, bits: 8 }))}`
    )
    expect(here).toBe(symbols.join() + sample({ seed: 5, prompt: "ö" }))
    const inWorker = await page.evaluate(
      ([text, program]) =>
        new Promise((resolve) => {
          const worker = new Worker(URL.createObjectURL(new Blob([`${text}\npostMessage(${program})`])))
          worker.onmessage = ({ data }) => resolve(data)
        }),
      [text, program],
    )
    expect(inWorker).toBe(here)
    expect(errors).toEqual([])
    await page.close()
  })
})
