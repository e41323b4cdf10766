/** The notebooks of the lecture: those that are kept, and what comes out when a real Jupyter executes the chapters with the Deno kernel. */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { chapters } from "../lecture/tools/chapters.ts"
import { testByPython } from "./by-python.ts"
import { dataFolder } from "./golden.ts"
import { pythonWith } from "./python.ts"

interface Notebook {
  readonly nbformat: number
  readonly metadata: { readonly kernelspec: { readonly name: string } }
  readonly cells: readonly NotebookCell[]
}

interface NotebookCell {
  readonly id: string
  readonly cell_type: "markdown" | "code"
  readonly source: Lines
  readonly execution_count?: number | null
  readonly outputs?: readonly Output[]
}

/** Of a notebook, a text is a list of lines; of a message, a text. */
type Lines = string | readonly string[]

interface Output {
  readonly output_type: string
  readonly name?: string
  readonly text?: Lines
  readonly data?: Readonly<Record<string, Lines>>
}

const joined = (lines: Lines = ""): string => (typeof lines === "string" ? lines : lines.join(""))
const readNotebook = (file: string): Notebook => JSON.parse(readFileSync(file, "utf8"))
const kept = (name: string): string => `lecture/notebooks/${name}.ipynb`

let folder: string
/** Jupyter, with a kernel that is the Deno of this checkout. */
let env: NodeJS.ProcessEnv
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-notebooks-"))
  const kernel = join(folder, "jupyter/kernels/deno")
  mkdirSync(kernel, { recursive: true })
  writeFileSync(
    join(kernel, "kernel.json"),
    JSON.stringify({
      argv: [resolve("node_modules/.bin/deno"), "jupyter", "--kernel", "--conn", "{connection_file}"],
      display_name: "Deno",
      language: "typescript",
    }),
  )
  env = { ...process.env, JUPYTER_PATH: join(folder, "jupyter") }
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = promisify(execFile)
const notebooks = (...words: string[]) =>
  run(pythonWith("jupytext")!, ["lecture/tools/notebooks.py", ...words], { env, maxBuffer: 2 ** 26 })

describe("kept", () => {
  test.each(chapters.map(({ name, cells }) => [name, cells] as const))(
    "%s is that of its chapter",
    (name, cells) => {
      const notebook = readNotebook(kept(name))
      expect(
        notebook.cells.map(({ cell_type, source }) => ({ kind: cell_type, source: joined(source) })),
        "make it again: npm run notebooks",
      ).toEqual(cells)
      expect(notebook.nbformat).toBe(4)
      expect(notebook.metadata.kernelspec.name).toBe("deno")
      const code = notebook.cells.filter(({ cell_type }) => cell_type === "code")
      expect(code.map(({ execution_count }) => execution_count)).toEqual(code.map((_, k) => k + 1))
      expect(code.flatMap(({ outputs = [] }) => outputs).filter(isFault)).toEqual([])
      expect(JSON.stringify(notebook)).not.toContain(resolve("."))
    },
  )
})

/** An error, or a warning. */
const isFault = ({ output_type, name }: Output): boolean => output_type === "error" || name === "stderr"

/** What a cell printed, and the text of what it showed. */
const textOf = ({ text, data }: Output): string => joined(text) || `${joined(data?.["text/plain"])}\n`

/** Deno prints a list as Node does, but for its quotes and where it breaks lines. */
const plain = (printed: string): string => printed.replaceAll("'", '"').replace(/\s+/g, " ").trim()

describe("executed by Jupyter", { timeout: 400_000 }, () => {
  testByPython("jupytext")("each chapter prints what it prints in Node", async () => {
    const to = join(folder, "executed")
    await notebooks("--to", to, "--json")
    for (const { number, name } of chapters) {
      const { cells } = readNotebook(join(to, `${name}.ipynb`))
      const outputs = cells.flatMap(({ outputs = [] }) => outputs)
      expect(outputs.filter(isFault), name).toEqual([])
      const { stdout } = await run(process.execPath, [
        "--conditions=makewave-source",
        "lecture/tools/chapter.ts",
        String(number),
      ])
      expect(plain(outputs.map(textOf).join("")), name).toBe(plain(stdout))
    }
  })

  test.skipIf(!dataFolder || !pythonWith("jupytext"))(
    "with names.txt the last network begins as the notebook's",
    async () => {
      const to = join(folder, "names.txt")
      await notebooks("8", "--data", "makemore-names", "--steps", "1", "--to", to)
      const { cells } = readNotebook(join(to, "08-scaling-up.ipynb"))
      expect(
        cells
          .flatMap(({ outputs = [] }) => outputs)
          .map(textOf)
          .join(""),
      ).toMatch(/\b0\/ +1: 3\.3167\b/)
    },
  )

  testByPython("jupytext")("--check names the chapter that its notebook is not of", async () => {
    const to = join(folder, "stale")
    mkdirSync(to)
    const [{ name }, { name: other }] = chapters
    const notebook = readNotebook(kept(name))
    writeFileSync(join(to, `${name}.ipynb`), JSON.stringify(notebook))
    writeFileSync(join(to, `${other}.ipynb`), JSON.stringify(notebook))
    await expect(notebooks("1", "2", "--check", "--to", to)).rejects.toMatchObject({
      stdout: `${other}.ts has changed since its notebook was made\n`,
      stderr: expect.stringMatching(/^error: make them again: npm run notebooks$/m),
    })
    expect(existsSync(join(to, "03-layers-and-containers.ipynb"))).toBe(false)
  })

  testByPython("jupytext")(
    "without the kernel, and for a chapter that is not there, it says so",
    async () => {
      const bare = { ...process.env, HOME: join(folder, "none") }
      const words = ["lecture/tools/notebooks.py", "4", "--to", join(folder, "none")]
      await expect(run(pythonWith("jupytext")!, words, { env: bare })).rejects.toMatchObject({
        stderr: expect.stringMatching(
          /^error: 04-.*Jupyter has no Deno kernel: npx deno jupyter --install\n$/m,
        ),
      })
      await expect(notebooks("77")).rejects.toMatchObject({
        stderr: `error: chapter 77: there are chapters 1 to ${chapters.length}\n`,
      })
    },
  )
})

describe("in a cell", { timeout: 120_000 }, () => {
  interface Result {
    readonly status: "ok" | "error"
    readonly outputs: readonly Readonly<Record<string, unknown>>[]
  }

  /** Deno's kernel loses what it has not sent 5 ms after the end of a cell. */
  const printing = (value: string) =>
    `console.log(${value})\nawait new Promise((done) => setTimeout(done, 300))`

  async function results(cells: readonly { code: string; interrupt?: boolean }[]): Promise<Result[]> {
    const child = run(pythonWith("jupytext")!, ["tests/cells.py", "lecture"], { env })
    child.child.stdin!.end(JSON.stringify(cells))
    return JSON.parse((await child).stdout)
  }

  testByPython("jupytext")(
    "a wrong shape and missing data are sentences, and the next cell runs",
    async () => {
      const [, shape, data, next] = await results([
        { code: `import { loadText, nn, Tensor } from "makewave"` },
        { code: `new nn.Linear(30, 200).forward(Tensor.full([4, 20], 1))` },
        { code: `await loadText("nowhere.txt")` },
        { code: printing("6 * 7") },
      ])
      expect(shape.outputs).toMatchObject([
        { type: "error", evalue: "Linear: (4, 20) ends in 20, the layer takes 30 inputs" },
      ])
      expect(data.outputs).toMatchObject([
        { type: "error", evalue: expect.stringMatching(/^nowhere\.txt: no such file or data set\. Give/) },
      ])
      expect(next.outputs).toMatchObject([{ type: "stream", text: "42\n" }])
    },
  )

  testByPython("jupytext")("the first training can be interrupted while it compiles", async () => {
    const [, interrupted, next] = await results([
      {
        code: `
          import { Flat, follow, train } from "makewave"
          const column = { data: new Int32Array(100), shape: [100] }
          const training = train(new Flat({ vocabularySize: 7, contextLength: 1 }).initialize(), { inputs: { ...column, shape: [100, 1] }, targets: column }, { steps: 300_000 })`,
      },
      { code: 'console.log("begins")\nawait follow(training)', interrupt: true },
      { code: "6 * 7" },
    ])
    expect(interrupted.outputs.find(({ type }) => type === "error")).toMatchObject({
      evalue: expect.stringMatching(/^interrupted: the model is as it was after [\d,]+ of 300,000 steps/),
    })
    expect(next.status).toBe("ok")
  })

  testByPython("jupytext")("an interrupted training keeps its steps and goes on", async () => {
    const [, interrupted, step, rest] = await results([
      {
        code: `
          import { Flat, follow, Generator, train } from "makewave"
          const random = new Generator(42)
          const inputs = { data: Int32Array.from({ length: 300 }, (_, k) => k % 7), shape: [100, 3] }
          const targets = { data: Int32Array.from({ length: 100 }, (_, k) => k % 7), shape: [100] }
          const model = new Flat({ vocabularySize: 7, contextLength: 3 }).initialize(random)
          const training = train(model, { inputs, targets }, { steps: 30_000, generator: random })`,
      },
      { code: "await follow(training)", interrupt: true },
      { code: printing("training.step") },
      { code: `await follow(training)\n${printing("training.step")}` },
    ])
    const sentence = /^interrupted: the model is as it was after ([\d,]+) of 30,000 steps/
    const error = interrupted.outputs.find(({ type }) => type === "error")
    expect(error).toMatchObject({ evalue: expect.stringMatching(sentence) })
    const [, taken] = sentence.exec(String(error?.evalue))!
    expect(step.outputs).toMatchObject([{ text: `${taken.replace(",", "")}\n` }])
    expect(rest.outputs.at(-1)).toMatchObject({ text: "30000\n" })
  })
})
