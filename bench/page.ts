/**
 * A name by an exported script: each model with 8 bits a number, in Node, and the script of a network mixed with counts in Chromium too.
 * The weights are drawn, so a name is nine symbols, which is the end of a name of eight.
 */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { chromium } from "playwright"
import { Mixture, NGram } from "../src/counting/index.ts"
import { toJavaScript, type Written } from "../src/interchange/javascript.ts"
import { Model, models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { type Benchmark, type Contender, Unavailable } from "./benchmark.ts"

const symbols = Array.from(".abcdefghijklmnopqrstuvwxyzäöüßéèåø -'&", String)
const vocabularySize = symbols.length

/** 300 lines of eight random symbols. */
const random = new Generator(3)
const sequences = Array.from({ length: 300 }, () => random.randint(1, vocabularySize, 8))
const lines = sequences.map((ids) => Array.from(ids, (id) => symbols[id]).join(""))

function scriptOf(model: Written, global?: string) {
  const counted = model instanceof Model ? undefined : lines
  const text = toJavaScript(model, { symbols, bits: 8, lines, counted, global })
  return { text, notes: [`${(gzipSync(text, { level: 9 }).length / 1000).toFixed(1)} KB gzipped`] }
}

/** Names before the measurement, until the engine has compiled the script. */
const WARM = 100

interface Script {
  sample(options: { seed: number; maximumLength: number }): string
}

const inNode = (name: string, make: () => Written): Contender => ({
  name,
  async prepare() {
    const { text, notes } = scriptOf(make())
    const folder = mkdtempSync(join(tmpdir(), "makewave-bench-page-"))
    writeFileSync(join(folder, "script.mjs"), text)
    const { sample }: Script = await import(pathToFileURL(join(folder, "script.mjs")).href)
    const run = async (count: number) => {
      for (let seed = 0; seed < count; seed++) sample({ seed, maximumLength: 9 })
      return undefined
    }
    await run(WARM)
    return {
      run,
      notes,
      close: async () => rmSync(folder, { recursive: true }),
    }
  },
})

const inChromium = (name: string, make: () => Written): Contender => ({
  name,
  async prepare() {
    const executablePath = process.env.CHROMIUM || "/usr/bin/chromium"
    if (!existsSync(executablePath))
      throw new Unavailable(`no Chromium at ${executablePath}: set CHROMIUM to its path`)
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
    const page = await browser.newPage()
    const { text, notes } = scriptOf(make(), "script")
    await page.addScriptTag({ content: text })
    const run = (count: number) =>
      page.evaluate((count) => {
        const { script } = globalThis as unknown as { script: Script }
        const begin = performance.now()
        for (let seed = 0; seed < count; seed++) script.sample({ seed, maximumLength: 9 })
        return ((performance.now() - begin) * 1000) / count
      }, count)
    await run(WARM)
    return {
      run,
      notes,
      close: () => browser.close(),
    }
  },
})

const sizes = { vocabularySize, embedding: 48, hidden: 176 }
const recurrent = ["rnn", "gru", "lstm"]

const networks = Object.entries(models).map(([name, Class]) => ({
  name,
  make: () => new Class(recurrent.includes(name) ? sizes : { vocabularySize }).initialize(new Generator(1)),
}))

const counts = (order: number) => new NGram({ order, vocabularySize }).fit(sequences)

const mixture = () =>
  new Mixture({ network: new models.gru(sizes).initialize(new Generator(1)), counts: counts(4), weight: 0.6 })

export const page: Benchmark = {
  name: "page",
  description:
    "a name of nine symbols by an exported script, 300 lines in its list; 2,000 µs are wanted in Node, 5,000 in a page",
  steps: 5,
  lossesWithin: 0,
  contenders: [
    inNode("gru and 4-grams", mixture),
    inChromium("gru and 4-grams, in Chromium", mixture),
    ...networks.map(({ name, make }) => inNode(name, make)),
    inNode("6-grams", () => counts(6)),
  ],
}
