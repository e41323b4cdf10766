/**
 * `npm run bench [name ...]` runs the named benchmarks, or all of them. To add one, add a file in this folder and an
 * entry in the list below.
 */

import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { UserError } from "../src/errors.ts"
import { type Benchmark, type Measured, measure, type Result } from "./benchmark.ts"
import { bengio } from "./bengio.ts"
import { type Circumstances, circumstances } from "./circumstances.ts"
import { generationDeep, generationField, generationNames, generationRunning } from "./generation.ts"
import { lectureStep } from "./lecture-step.ts"
import { page } from "./page.ts"
import { transformer, transformer2Threads } from "./transformer.ts"
import { wavenetDeep, wavenetMedium } from "./wavenet-2016.ts"

const benchmarks: readonly Benchmark[] = [
  lectureStep,
  transformer,
  transformer2Threads,
  wavenetMedium,
  wavenetDeep,
  generationDeep,
  generationField,
  generationNames,
  generationRunning,
  bengio,
  page,
]

const help = `npm run bench -- [name ...] [options]

  --rounds N    blocks per contender (default: 15)
  --steps N     steps per block (default: the benchmark's own)
  --svg FILE    also write the benchmark's chart, if it has one (generation-field)
  --json        print one JSON object per benchmark instead of tables
  --help

${benchmarks.map(({ name, description }) => `  ${name}: ${description}`).join("\n")}

Set MAKEWAVE_DATA to a folder with names.txt to use the lecture's data, and MAKEWAVE_PYTHON to a Python with torch. It is compared with
the system's python3 if that has another torch, and the faster one is the peer: PyTorch's wheels multiply with MKL, which on AMD may be
half as fast as OpenBLAS.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "15" },
    steps: { type: "string" },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
})

if (values.help) console.log(help)
else {
  const unknown = positionals.find((name) => !benchmarks.some((benchmark) => benchmark.name === name))
  if (unknown) {
    console.error(`${unknown}: no benchmark of this name: ${benchmarks.map(({ name }) => name).join(", ")}`)
    process.exit(1)
  }
  for (const benchmark of benchmarks)
    if (positionals.length === 0 || positionals.includes(benchmark.name))
      await run(benchmark).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error
        console.error(`${benchmark.name}: ${error.message}`)
        process.exitCode = 1
      })
}

async function run(benchmark: Benchmark): Promise<void> {
  const rounds = wholeNumber("rounds", values.rounds)
  const steps = values.steps === undefined ? benchmark.steps : wholeNumber("steps", values.steps)
  const onRound = (round: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${benchmark.name}: round ${round + 1} of ${rounds}`)
  }
  const result = await measure(benchmark, { rounds, steps, onRound })
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K")
  if (values.svg && benchmark.chart) writeFileSync(values.svg, await benchmark.chart(result.measured))
  if (values.json) {
    const { name, description } = benchmark
    const { measured, missing } = result
    console.log(
      JSON.stringify({ name, description, rounds, steps, ...circumstances(), contenders: measured, missing }),
    )
  } else console.log(table(result, circumstances()))
}

function table({ benchmark, measured, missing, rounds, steps }: Result, where: Circumstances): string {
  const head = ["µs per step", "median", "min", "max", "× first", "target", "losses"]
  const rows = measured.map((one) => [
    one.name,
    micro(one.median),
    micro(one.minimum),
    micro(one.maximum),
    one.ratio.toFixed(3),
    target(one),
    losses(one, benchmark),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd()

  return [
    `${benchmark.name}: ${benchmark.description}`,
    "",
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map(line),
    ...missing.map(({ name, reason }) => `${name}: unavailable: ${reason}`),
    "",
    ...measured.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
    `${rounds} interleaved blocks of ${steps} steps; "× first" is the median over pairs of blocks`,
    `${where.cpu}, ${where.cores} cores, ${where.memoryGiB} GiB, ${where.platform}, Node ${where.node}, ` +
      `onnxruntime ${where.onnxruntime}, load ${where.load.toFixed(1)}`,
  ].join("\n")
}

function micro(time: number): string {
  return time.toFixed(time < 100 ? 1 : 0)
}

function losses({ lossDifference }: Measured, { lossesWithin }: Benchmark): string {
  if (lossDifference === undefined) return "not compared"
  return lossDifference < lossesWithin ? "same" : `DIFFER BY ${lossDifference.toPrecision(2)}`
}

function target({ atLeast, ratio }: Measured): string {
  if (atLeast === undefined) return ""
  return `${ratio >= atLeast ? "yes" : "NO"}, >= ${Number(atLeast.toFixed(3))}`
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  console.error(`--${name} ${text}: give a whole number of at least 1`)
  process.exit(1)
}
