/**
 * docs/adding-a-model.md and docs/adding-an-optimizer.md, followed to the letter in a copy of src: each touches a file of its own and
 * its table, and the command line knows the model, the optimizer and their settings.
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
})
afterAll(() => rmSync(copy, { recursive: true }))

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
  const sentence = "the optimizer sgd has no such setting: leave it out, or choose rmsprop"
  expect((await makewave("train", "--alpha", "0.9")).stderr).toBe(`error: --alpha 0.9: ${sentence}\n`)
  const { stdout: table } = await makewave("inspect", "gated")
  expect(readFileSync("docs/adding-a-model.md", "utf8")).toContain(table.trimEnd())
})
