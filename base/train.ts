/**
 * Trains the base, the network that comes with the package, and writes it into this folder: `node base/train.ts [run]`. It takes about
 * half an hour on one core. After Ctrl-C, the same command resumes.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { attended } from "../src/cli/attended.ts"
import { fail } from "../src/cli/ending.ts"
import { reportText } from "../src/cli/report-text.ts"
import { STANDARD_INPUT } from "../src/data/disk.ts"
import { parseLines } from "../src/data/text.ts"
import { keepModel } from "../src/runs/keep-model.ts"
import { runTraining } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { LONGEST, mix } from "./mix.ts"

const given: Settings = {
  recipe: "lecture",
  data: STANDARD_INPUT,
  model: "gru",
  embedding: 48,
  hidden: 176,
  context: LONGEST + 1,
  optimizer: "adamw",
  weightDecay: 0.01,
  learningRate: 0.003,
  schedule: "cosine",
  warmup: 500,
  clipNorm: 1,
  batchSize: 64,
  steps: 30_000,
  evaluateEvery: 3000,
}

async function main([run = "runs/base"]: readonly string[]): Promise<void> {
  const lines = await mix()
  const begun = existsSync(join(run, "config.json"))
  const loading = { text: parseLines(lines.join("\n")) }
  const events = runTraining({
    ...attended(),
    given,
    loading,
    ...(begun ? { resume: run } : { out: run }),
  })
  await reportText(events)
  await keepModel(run, import.meta.dirname, { data: STANDARD_INPUT, loading })
}

if (import.meta.main) await main(process.argv.slice(2)).catch(fail)
