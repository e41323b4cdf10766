/**
 * Additions in a copy of src, each of which touches a file of its own and a table: a model and an optimizer by docs/adding-a-model.md and
 * docs/adding-an-optimizer.md, followed to the letter; a format of export; a kind of data. The command line knows them all.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { beginMakewave, objects, THINGS } from "./command-line.ts"

let copy = ""
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "makewave-adding-"))
  cpSync("src", join(copy, "src"), { recursive: true })
  cpSync("package.json", join(copy, "package.json"))
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"))
  writeFileSync(join(copy, "things.txt"), THINGS)

  const [gated, ...inModels] = blocksOf("docs/adding-a-model.md")
  write("src/models/gated.ts", gated)
  put("src/models/index.ts", [inModels[0], "import "], [inModels[1], "export "])
  put("src/models/index.ts", [inModels[2], "  wavenet: WaveNet,\n"])

  const [rmsprop, ...inOptim] = blocksOf("docs/adding-an-optimizer.md")
  write("src/optim/rmsprop.ts", rmsprop)
  put("src/optim/index.ts", [inOptim[0], "import "], [inOptim[1], "export "])
  const table = /^export const optimizers = .*\n/m
  const index = readFileSync(join(copy, "src/optim/index.ts"), "utf8")
  write("src/optim/index.ts", index.replace(table, inOptim[2]))

  write("src/interchange/json.ts", json)
  put("src/interchange/formats.ts", ['import { json } from "./json.ts"\n', "import "])
  put("src/interchange/formats.ts", ["  json,\n", "  npz: "])

  write("src/runs/corpora/fasta.ts", fasta)
  const kinds = "src/runs/corpora/index.ts"
  write(kinds, readFileSync(join(copy, kinds), "utf8").replace("sound, text]", "sound, fasta, text]"))
  put(kinds, ['import { fasta } from "./fasta.ts"\n', "import "])
})
afterAll(() => rmSync(copy, { recursive: true }))

/** A format of export. */
const json = `/** Parameters as JSON: an array of numbers for each name. */
import type { StateDict } from "../nn/module.ts"
import type { Format } from "./formats.ts"

export const json = {
  extension: ".json",
  description: "the parameters as arrays",
  takes: "numbers",
  content: ({ model }: { model: { stateDict(): StateDict } }) =>
    JSON.stringify(Object.fromEntries(Object.entries(model.stateDict()).map(([name, { data }]) => [name, [...data]]))),
} as const satisfies Format
`

/** A kind of data. */
const fasta = `/** Sequences of a FASTA file: a line that begins with > names one, and the lines after it are the sequence. */
import { readBytes } from "../../data/disk.ts"
import { parseLines } from "../../data/text.ts"
import { kindOfLines } from "./text.ts"

const has = ({ data = "" }) => data.endsWith(".fasta")

export const fasta = kindOfLines({ has, recognizes: async (given) => has(given) }, async (name) => {
  const text = new TextDecoder().decode(await readBytes(name))
  const sequences = text.split(/^>.*$/m).map((lines) => lines.replaceAll("\\n", ""))
  return parseLines(sequences.join("\\n"), { name })
})
`

/** The TypeScript of a page. */
const blocksOf = (page: string) =>
  Array.from(readFileSync(page, "utf8").matchAll(/^```ts\n(.*?)^```/gms), ([, block]) => block)

const write = (path: string, text: string) => writeFileSync(join(copy, path), text)

/** Puts each text before the first line that begins with another. */
function put(path: string, ...texts: readonly (readonly [string, string])[]): void {
  let file = readFileSync(join(copy, path), "utf8")
  for (const [text, before] of texts) {
    const at = file.search(new RegExp(`^${before}`, "m"))
    expect(at, `${path} has a line that begins with ${before}`).toBeGreaterThan(-1)
    file = file.slice(0, at) + text + file.slice(at)
  }
  write(path, file)
}

const makewave = (...args: string[]) =>
  beginMakewave(args, copy, { main: join(copy, "src/cli/main.ts") }).ended

test("the model and the optimizer train, with settings of their own", async () => {
  const { code, stdout, stderr } = await makewave(
    ...["train", "things.txt", "--model", "gated", "--gate-bias", "--hidden", "3", "--steps", "20"],
    ...["--optimizer", "rmsprop", "--alpha", "0.9", "--out", "run", "--json"],
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(objects(stdout).at(-1)).toMatchObject({ run: "run", steps: 20 })
  const { recipe } = JSON.parse(readFileSync(join(copy, "run", "config.json"), "utf8"))
  expect(recipe).toMatchObject({ context: 8, embedding: 10, hidden: 3, gateBias: true })
  expect(recipe).toMatchObject({ optimizer: "rmsprop", alpha: 0.9, weightDecay: 0, learningRate: 0.01 })
})

test("help, errors and the table of layers know them", async () => {
  const { stdout: help } = await makewave("train", "--help")
  expect(help.replace(/\s+/g, " ")).toContain("--gate-bias gated: biases in the gates")
  expect(help).toMatch(/--alpha <number> +rmsprop: .*\n.*\(default: 0\.99\)/)
  const sentence = "the optimizer adamw has no such setting: leave it out, or choose rmsprop"
  expect((await makewave("train", "--alpha", "0.9")).stderr).toBe(`error: --alpha 0.9: ${sentence}\n`)
  const { stdout: table } = await makewave("inspect", "gated")
  expect(readFileSync("docs/adding-a-model.md", "utf8")).toContain(table.trimEnd())
})

test("a model leaves in the format", async () => {
  const { stdout } = await makewave("export", "run", "--format", "json")
  expect(stdout).toMatch(/model\.json: [\d,]+ bytes/)
  const numbers = JSON.parse(readFileSync(join(copy, "run", "model.json"), "utf8"))
  expect(numbers["head.bias"]).toHaveLength(4)
})

test("the kind of data is trained on, evaluated and sampled from", async () => {
  const sequences = THINGS.trim().split("\n")
  writeFileSync(join(copy, "genes.fasta"), sequences.map((each, k) => `>gene ${k}\n${each}\n`).join(""))
  const trained = await makewave(
    "train",
    "genes.fasta",
    "--model",
    "bigram",
    "--steps",
    "9",
    "--out",
    "genes",
  )
  expect(trained.stdout).toContain(`${sequences.length} lines`)
  expect((await makewave("evaluate", "genes", "--json")).code).toBe(0)
  const { stdout } = await makewave("sample", "genes", "--count", "3", "--seed", "1")
  expect(stdout).toMatch(/^([abc]*\n){3}$/)
})
