/**
 * The challenge's race: seconds from an empty process to an evaluated network with the lecture's validation loss, 1.9937, or less.
 * `node experiments/challenge/seconds.ts` measures three contenders in turns: the recipe that seconds.yaml is, the lecture's recipe, and the
 * lecture's notebook in PyTorch, where there is a Python with torch (CONTRIBUTING.md).
 */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { basename, join } from "node:path"
import { parseArgs, promisify } from "node:util"
import { median, Unavailable } from "../../bench/benchmark.ts"
import { circumstances } from "../../bench/circumstances.ts"
import { candidates, environment, withTorch } from "../../bench/peers/python.ts"
import { table } from "../../src/charts/table.ts"
import { fail } from "../../src/cli/ending.ts"
import { notice, print, printJson } from "../../src/cli/output.ts"
import { UserError } from "../../src/errors.ts"
import { mean } from "../../src/experiments/statistics.ts"
import type { Trained } from "./train-recipes.ts"

/** The lecture's best validation loss, makemore part 5 at 46:06. */
const TARGET = 1.9937

const help = `node experiments/challenge/seconds.ts [options]

  --rounds N          how often each contender runs, each time with the next seed (default: 5)
  --seed N            the first seed (default: 42)
  --lecture-steps N   how many of the lecture's 200,000 steps are taken; their rate tells how long all take (default: 10000)
  --json              print one JSON object instead of a table
  --help`

/** One run of a contender. */
export interface Measured extends Trained {
  /** From the start of the process to its end; of a run that took only some of its steps, with the others at their rate. */
  readonly seconds: number
}

interface Contender {
  readonly name: string
  readonly notes?: readonly string[]
  run(seed: number): Promise<Measured>
}

/** @param wall The seconds of the process. */
export const measured = (wall: number, trained: Trained): Measured => ({
  ...trained,
  seconds: wall + (trained.of - trained.steps) * trained.secondsPerStep,
})

async function timed(command: string, words: readonly string[], env = process.env): Promise<Measured> {
  const begin = performance.now()
  const { stdout } = await promisify(execFile)(command, words, { env }).catch(({ stderr, message }) => {
    throw new UserError(
      `${basename(words[0])}: ${String(stderr || message)
        .trim()
        .split("\n")
        .at(-1)}`,
    )
  })
  return measured((performance.now() - begin) / 1000, JSON.parse(stdout))
}

const here = (file: string): string => join(import.meta.dirname, file)

const makewave = (name: string, files: readonly string[], more: readonly string[] = []): Contender => ({
  name,
  run: (seed) =>
    timed(process.execPath, [
      ...[here("train-recipes.ts"), ...files.map(here), ...more],
      ...["--seed", String(seed)],
    ]),
})

/** Of all Pythons with torch, each with one thread and with two, the one that takes the steps fastest. */
async function notebook(steps: number): Promise<Contender> {
  const { MAKEWAVE_DATA: data } = process.env
  if (!data || !existsSync(join(data, "names.txt")))
    throw new Unavailable("the notebook reads names.txt: set MAKEWAVE_DATA to the folder that has it")
  const script = here("../../bench/peers/lecture_whole.py")
  const peers = withTorch(candidates()).flatMap((python) => [1, 2].map((threads) => ({ python, threads })))
  const run = ({ python, threads }: (typeof peers)[number], words: readonly string[]) =>
    timed(python, [script, "--threads", String(threads), ...words], environment(threads))
  const tried = []
  for (const peer of peers) {
    const found = await run(peer, ["--steps", "1000", "--about"])
    const { about, falseBaseline } = found as unknown as { about: string; falseBaseline: boolean }
    tried.push({ ...peer, about, falseBaseline, pace: found.secondsPerStep })
  }
  const real = tried.filter(({ falseBaseline }) => !falseBaseline)
  if (real.length === 0)
    throw new Unavailable(
      `a false baseline: ${tried[0].python} has ${tried[0].about}; install OpenBLAS (Debian: libopenblas0-openmp)`,
    )
  const best = real.reduce((fastest, each) => (each.pace < fastest.pace ? each : fastest))
  return {
    name: "PyTorch: the notebook's code",
    notes: [`${best.about}, ${best.threads} ${best.threads === 1 ? "thread" : "threads"}, ${best.python}`],
    run: (seed) => run(best, ["--steps", String(steps), "--seed", String(seed)]),
  }
}

interface Result {
  readonly name: string
  readonly notes: readonly string[]
  readonly rounds: readonly Measured[]
}

/** The seconds, their ratio to those of the first in the same round, the losses of whole runs, and what took the seconds. */
export function summary({ rounds }: Result, first: Result) {
  const seconds = rounds.map((each) => each.seconds)
  const isWhole = rounds.every(({ steps, of }) => steps === of)
  const losses = rounds.map(({ validation }) => validation)
  const parts = Object.keys(rounds[0].parts).map((part) => [
    part,
    mean(rounds.map((each) => each.parts[part])),
  ])
  return {
    seconds: { median: median(seconds), least: Math.min(...seconds), most: Math.max(...seconds) },
    ratio: median(seconds.map((each, k) => each / first.rounds[k].seconds)),
    steps: { taken: rounds[0].steps, of: rounds[0].of },
    ...(isWhole && {
      validation: { mean: mean(losses), least: Math.min(...losses), most: Math.max(...losses) },
      reached: losses.filter((loss) => loss <= TARGET).length,
    }),
    parts: Object.fromEntries(parts) as Record<string, number>,
  }
}

function show(results: readonly Result[], missing?: string): string {
  const rows = results.map((result) => {
    const { seconds, ratio, validation, reached, steps } = summary(result, results[0])
    return [
      result.name,
      seconds.median.toFixed(1),
      `${seconds.least.toFixed(1)} to ${seconds.most.toFixed(1)}`,
      ratio.toFixed(1),
      validation
        ? `${validation.mean.toFixed(4)} (${validation.least.toFixed(4)} to ${validation.most.toFixed(4)})`
        : `${steps.taken.toLocaleString("en")} of ${steps.of.toLocaleString("en")} steps`,
      reached === undefined ? "" : `${reached} of ${result.rounds.length}`,
    ]
  })
  const head = ["contender", "seconds", "from to", "× first", "validation loss", `at most ${TARGET}`]
  const parts = Object.entries(summary(results[0], results[0]).parts)
  const where = circumstances()
  const steps = results.some(({ rounds: [{ steps, of }] }) => steps < of)
  return [
    table([head, ...rows]),
    "",
    `${results[0].name}: ${parts.map(([part, seconds]) => `${part} ${seconds.toFixed(2)}`).join(", ")} s`,
    ...results.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
    ...(missing === undefined ? [] : [`PyTorch: unavailable: ${missing}`]),
    ...(steps ? ["Where not all steps were taken, the seconds have the others at the same rate."] : []),
    `${results[0].rounds.length} rounds in turns, each with its seed; ${where.cpu}, ${where.cores} cores, Node ${where.node}, load ${where.load.toFixed(1)}`,
  ].join("\n")
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seed: { type: "string", default: "42" },
      "lecture-steps": { type: "string", default: "10000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) return print(help)
  const whole = (name: "rounds" | "seed" | "lecture-steps", least: number, most: number) => {
    const number = Number(values[name])
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw new UserError(`--${name} ${values[name]}: give a whole number from ${least} to ${most}`)
  }
  const rounds = whole("rounds", 1, 1000)
  const seed = whole("seed", 0, 2 ** 31)
  const steps = whole("lecture-steps", 1000, 200_000)

  const contenders = [
    makewave("makewave: seconds.yaml", ["seconds-teacher.yaml", "seconds.yaml"]),
    makewave("makewave: the lecture's recipe", ["lecture.yaml"], ["--until", String(steps)]),
  ]
  let missing: string | undefined
  try {
    contenders.push(await notebook(steps))
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    missing = error.message
  }
  notice("once before the clock counts: Node keeps the compiled code, and the disk's files are in memory")
  await contenders[0].run(seed)
  const results = contenders.map(({ name, notes = [] }) => ({ name, notes, rounds: [] as Measured[] }))
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      // The order rotates, so that none always follows the same one.
      const k = (turn + round) % contenders.length
      const found = await contenders[k].run(seed + round)
      results[k].rounds.push(found)
      notice(
        `round ${round + 1}, ${contenders[k].name}: ${found.seconds.toFixed(1)} s, ${found.validation.toFixed(4)}`,
      )
    }
  if (!values.json) return print(show(results, missing))
  const summaries = results.map((result) => ({
    ...result,
    ...summary(result, results[0]),
    rounds: result.rounds,
  }))
  printJson({ target: TARGET, rounds, seed, ...circumstances(), contenders: summaries, missing })
}

if (import.meta.main) await main().catch(fail)
