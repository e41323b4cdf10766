/**
 * Runs chapters and their twins in PyTorch, and compares the numbers that each cell and its twin print. A twin is a Markdown cell with
 * Python in a fold, below its cell of code; the twins of a chapter are one program. Text is not compared, and a twin that prints nothing
 * is not either.
 *
 *   npm run -s twins                                     all chapters, with their own data and steps
 *   npm run -s twins -- 6 8 --data makemore-names --steps 1000
 *   npm run -s twins -- --json
 *
 * `MAKEWAVE_PYTHON` is a Python with torch; python3 where it is not set.
 */
import "../../examples/errors.ts"
import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import { loadText, UserError } from "../../src/index.ts"
import { type Chapter, chosen, requireSteps } from "./chapters.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: "string" }, steps: { type: "string" }, json: { type: "boolean" } },
})
requireSteps(values.steps)
const { MAKEWAVE_PYTHON: python = "python3" } = process.env

/** The line that is printed before the cell of this number. */
const mark = (cell: number) => `\u0001cell ${cell}`

/** "40 × 0.5e-3" has 40 and 0.5e-3; "BatchNorm1d" and "layers.2" have none. */
const NUMBER = /(?<![\w.])[-−]?\d+(\.\d+)?(e[-+]?\d+)?(?!\w)/g

interface Difference {
  /** The number of the cell in its chapter, from 1. */
  readonly cell: number
  readonly here: string
  readonly inPyTorch: string
}

interface Comparison {
  readonly chapter: number
  readonly cells: number
  readonly numbers: number
  readonly differences: readonly Difference[]
}

async function compare(chapter: Chapter): Promise<Comparison> {
  const twins = twinsOf(chapter)
  if (twins.size === 0) return { chapter: chapter.number, cells: 0, numbers: 0, differences: [] }
  const { data = chapter.defaults.data ?? "names", steps = chapter.defaults.steps ?? "0" } = values
  const folder = await mkdtemp(join(tmpdir(), "makewave-twins-"))
  try {
    const { lines } = await loadText(data)
    await writeFile(join(folder, "names.txt"), `${lines.join("\n")}\n`)
    const [here, there] = await Promise.all([
      run(
        process.execPath,
        ["--conditions=makewave-source", "--input-type=module-typescript", "-", data, steps],
        programOf(chapter, twins),
        { cwd: resolve(import.meta.dirname, "../..") },
      ),
      run(python, ["-"], pythonOf(twins, steps), { cwd: folder }),
    ])
    return { chapter: chapter.number, ...differencesOf(outputs(here), outputs(there)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Python by the number of the cell above it. */
function twinsOf({ cells }: Chapter): ReadonlyMap<number, string> {
  const twins = new Map<number, string>()
  let above = 0
  for (const [k, { kind, source }] of cells.entries()) {
    if (kind === "code") above = k + 1
    const [, code] = /```python\n([\s\S]*?)```/.exec(source) ?? []
    if (code !== undefined) twins.set(above, (twins.get(above) ?? "") + code)
  }
  return twins
}

const programOf = ({ cells }: Chapter, twins: ReadonlyMap<number, string>): string =>
  cells
    .flatMap(({ kind, source }, k) =>
      kind === "code" ? [`console.log(${JSON.stringify(mark(twins.has(k + 1) ? k + 1 : 0))})`, source] : [],
    )
    .join("\n")

/** A twin that draws does so nowhere: torch is all that is asked for. */
const pythonOf = (twins: ReadonlyMap<number, string>, steps: string): string =>
  [
    "import sys, unittest.mock",
    'sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = unittest.mock.MagicMock()',
    `steps = ${steps}`,
    ...Array.from(twins).flatMap(([cell, code]) => [`print(${JSON.stringify(mark(cell))})`, code]),
  ].join("\n")

async function run(
  command: string,
  words: string[],
  input: string,
  { cwd }: { cwd: string },
): Promise<string> {
  const child = spawn(command, words, { cwd })
  const failed = new Promise<never>((_, reject) => child.once("error", reject))
  child.stdin.end(input)
  const ended = Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once("close", done)),
  ])
  const [stdout, stderr, code] = await Promise.race([ended, failed]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT"
      ? new UserError(`${command}: there is no such program: let MAKEWAVE_PYTHON be a Python with torch`)
      : error
  })
  if (code === 0) return stdout
  if (stderr.includes("No module named 'torch'"))
    throw new UserError(`${command} has no torch: install it, or let MAKEWAVE_PYTHON be a Python that has it`)
  throw new UserError(`${command} ended with ${code}:\n${stderr.trim()}`)
}

/** What was printed, by the number of the cell. */
function outputs(printed: string): ReadonlyMap<number, string> {
  const [, ...parts] = printed.split("\u0001cell ")
  return new Map(parts.map((part) => [Number.parseInt(part, 10), part.slice(part.indexOf("\n") + 1)]))
}

function differencesOf(here: ReadonlyMap<number, string>, there: ReadonlyMap<number, string>) {
  const differences: Difference[] = []
  let [cells, numbers] = [0, 0]
  for (const [cell, printed] of there) {
    const wanted = printed.match(NUMBER) ?? []
    if (wanted.length === 0) continue
    const got = here.get(cell)?.match(NUMBER) ?? []
    cells++
    numbers += wanted.length
    if (got.length !== wanted.length)
      differences.push({ cell, here: `${got.length} numbers`, inPyTorch: `${wanted.length}` })
    else
      for (const [k, number] of got.entries())
        if (!isSame(number, wanted[k])) differences.push({ cell, here: number, inPyTorch: wanted[k] })
  }
  return { cells, numbers, differences }
}

/** Equal to one unit in the last place that both show. */
function isSame(a: string, b: string): boolean {
  const place = Math.max(...[a, b].map(lastPlace))
  return Math.abs(numberOf(a) - numberOf(b)) <= 1.001 * place
}

const numberOf = (number: string): number => Number(number.replace("−", "-"))

function lastPlace(number: string): number {
  const [, decimals = "", exponent = "0"] = /(?:\.(\d+))?(?:e([-+]?\d+))?$/.exec(number)!
  return decimals === "" && exponent === "0" ? 0 : 10 ** (Number(exponent) - decimals.length)
}

function print({ title }: Chapter, { cells, numbers, differences }: Comparison): void {
  const verdict = cells === 0 ? "nothing to compare" : differences.length === 0 ? "all equal" : "they differ"
  console.log(`${title}: ${cells} cells with a twin, ${numbers} numbers: ${verdict}`)
  for (const { cell, here, inPyTorch } of differences)
    console.log(`  cell ${cell}: ${here} here, ${inPyTorch} in PyTorch`)
}

const comparisons: Comparison[] = []
for (const chapter of chosen(positionals)) {
  const comparison = await compare(chapter)
  comparisons.push(comparison)
  if (!values.json) print(chapter, comparison)
}
if (values.json) console.log(JSON.stringify(comparisons, undefined, 2))
process.exitCode = comparisons.some(({ differences }) => differences.length > 0) ? 1 : 0
