/**
 * `node experiments/challenge/train-recipes.ts FILE ... [--seed N] [--until STEPS]` trains recipes one after another in one process, and
 * prints the validation loss of the last, and how long each part took. The runs are runs/NAME of a temporary folder, where the recipes
 * find each other.
 */
import { mkdtemp, rm } from "node:fs/promises"
import { enableCompileCache } from "node:module"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { UserError } from "../../src/errors.ts"

/** What is printed, as JSON. */
export interface Trained {
  readonly validation: number
  /** Those that were taken, and those of the recipe. */
  readonly steps: number
  readonly of: number
  /** Of one step. */
  readonly secondsPerStep: number
  /** The seconds from the start of the process, by what took them. */
  readonly parts: Readonly<Record<string, number>>
}

/** @param onPart Called at the end of each part. */
async function trainAll(
  files: readonly string[],
  { seed, until, onPart }: { seed?: number; until?: number; onPart: (name: string) => void },
): Promise<Omit<Trained, "parts">> {
  const { readConfigFile } = await import("../../src/cli/config-file.ts")
  const { runTraining } = await import("../../src/runs/run-training.ts")
  onPart("start")
  const recipes: [string, object][] = []
  for (const file of files) recipes.push([basename(file, ".yaml"), await readConfigFile(file)])
  const folder = await mkdtemp(join(tmpdir(), "makewave-seconds-"))
  process.chdir(folder)
  let [validation, steps, of, secondsPerStep] = [Number.NaN, 0, 0, 0]
  try {
    for (const [name, recipe] of recipes) {
      const request = {
        given: { ...recipe, ...(seed !== undefined && { seed }) },
        out: `runs/${name}`,
        brief: true,
        until,
        onStage(stage: string, done: number) {
          if (stage === "compiling the step" && done === 0)
            onPart("reading the data, and the teacher's reading of it")
        },
      }
      for await (const event of runTraining(request)) {
        if (event.kind === "begun") {
          of = event.run.config.recipe.steps ?? 0
          onPart(of > 0 ? "compiling" : "counting")
        }
        if (event.kind === "trained") {
          steps = event.steps
          secondsPerStep = 1 / event.stepsPerSecond
          if (of > 0) onPart("steps")
        }
        if (event.kind === "validated") {
          validation = event.validation ?? Number.NaN
          onPart(of > 0 ? "evaluation" : "counting")
        }
      }
    }
  } finally {
    process.chdir("/")
    await rm(folder, { recursive: true })
  }
  return { validation, steps, of, secondsPerStep }
}

async function main(): Promise<void> {
  // As the command does, so that Node compiles the library once and not in every process.
  enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/compiled"))
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string" }, until: { type: "string" } },
  })
  if (positionals.length === 0) throw new UserError("train-recipes: name the files of the recipes")
  const whole = (name: "seed" | "until") => {
    const number = values[name] === undefined ? undefined : Number(values[name])
    if (number === undefined || (Number.isSafeInteger(number) && number >= 0)) return number
    throw new UserError(`--${name} ${values[name]}: give a whole number`)
  }
  const parts: Record<string, number> = {}
  let before = 0
  const onPart = (name: string) => {
    const now = performance.now() / 1000
    parts[name] = (parts[name] ?? 0) + now - before
    before = now
  }
  const files = positionals.map((file) => resolve(file))
  const trained = await trainAll(files, { seed: whole("seed"), until: whole("until"), onPart })
  console.log(JSON.stringify({ ...trained, parts }))
}

if (import.meta.main)
  await main().catch(async (error) => (await import("../../src/cli/ending.ts")).fail(error))
