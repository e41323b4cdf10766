/** `makewave evaluate` of a run that was trained on sound: the loss of a sample in whole parts of the data, and for each voice. */
import type { NGram } from "../counting/ngram.ts"
import type { Dataset } from "../data/dataset.ts"
import type { Model } from "../models/model.ts"
import type { TrainedModel } from "../runs/open-model.ts"
import { prepareSound, soundRows } from "../runs/prepare-sound.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { lossPerTarget } from "../training/evaluate.ts"
import {
  type EvaluationReport,
  evaluationReport,
  formatEvaluation,
  type LineLoss,
} from "../training/evaluation-report.ts"
import { bold, grouped, notice, print, printJson } from "./output.ts"
import { showLoading } from "./show-loading.ts"

type Part = "train" | "validation" | "test"

interface EvaluateSoundOptions {
  readonly part: readonly Part[]
  /** Another folder, of which all is evaluated. */
  readonly data?: string
  readonly runtime: RuntimeOptions
  readonly markdown?: true
  readonly json?: true
}

export async function evaluateSound(
  trained: TrainedModel<Model | NGram>,
  { markdown, json, ...options }: EvaluateSoundOptions,
): Promise<void> {
  const { folder, steps } = trained
  const reports = await reportsOf(trained as TrainedModel, options)
  if (json) {
    const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
    return printJson({ run: folder, steps, ...Object.fromEntries(losses), reports })
  }
  if (!markdown)
    print(`${bold(folder)} after ${grouped(steps)} steps; a guess costs ${Math.log(256).toFixed(4)}\n`)
  print(formatEvaluation(reports, { markdown, line: "crop", symbol: "sample" }))
}

async function reportsOf(
  { model, config, condition }: TrainedModel,
  { part, data, runtime }: EvaluateSoundOptions,
): Promise<Record<string, EvaluationReport>> {
  const { recipe } = config
  const sounds = {
    ...(await prepareSound({ ...recipe, data: data ?? recipe.data }, showLoading())),
    condition,
  }
  if (data === undefined && sounds.sha256 !== config.data.sha256)
    notice(`${recipe.data}: these are no longer the sounds that the run was trained on`)
  const all = { ...sounds, parts: { ...sounds.parts, test: sounds.clips.clips } }
  const wanted: [string, Dataset][] =
    data === undefined
      ? part.map((each) => [each, soundRows(model, sounds, each)])
      : [["data", soundRows(model, all, "test")]]
  const reports: Record<string, EvaluationReport> = {}
  for (const [name, rows] of wanted) {
    const losses = lossPerRow(rows, await lossPerTarget(model, rows, { runtime }))
    const labels = condition && Array.from(rows.labels ?? [], (label) => condition.values[label])
    reports[name] = evaluationReport(losses, { labels })
  }
  return reports
}

const lossPerRow = ({ targets, count, contextLength: T }: Dataset, losses: Float32Array): LineLoss[] =>
  Array.from({ length: count }, (_, row) => {
    const counted = losses.subarray(row * T, (row + 1) * T).filter((_, t) => targets[row * T + t] >= 0)
    return { nats: counted.reduce((sum, loss) => sum + loss, 0), symbols: counted.length }
  })
