/** The evaluation of a model on sounds: losses of the crops of whole parts, or of other sounds. */
import type { Dataset } from "../../data/dataset.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { flag } from "../../setting.ts"
import { lossPerTarget } from "../../training/evaluate.ts"
import { type EvaluationReport, evaluationReport, type LineLoss } from "../../training/evaluation-report.ts"
import { placesOf } from "../data-place.ts"
import { openData, requireSameData } from "../open-data.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { Evaluation, EvaluationRequest, LossesByLine } from "./corpus.ts"
import { partsToEvaluate } from "./parts.ts"
import { openSound } from "./sound-corpus.ts"

export async function evaluateSound(
  trained: TrainedModel<unknown>,
  { parts, data, samples, judgeOrder, loading, runtime, onStage }: EvaluationRequest,
): Promise<Evaluation> {
  const { model, config, condition, folder } = trained
  for (const [key, value] of Object.entries({ samples, judgeOrder }))
    if (value !== undefined)
      throw new UserError(`${flag(key)} ${value}: n-grams judge text, and this is sound: leave it out`)
  const { recipe } = config
  const network = model as Model
  const corpus = await openData(trained, (recipe) => openSound(recipe, loading), { data })
  const isSame = corpus.sha256 === config.data.sha256
  if (data === undefined) requireSameData(trained, corpus, { whole: "folder of sounds" })
  // --data may name the run's own data, which was moved.
  const isMoved = isSame && placesOf(folder, recipe.data, config.data.path).length === 0
  const named =
    data === undefined || isMoved
      ? partsToEvaluate(parts, { sizes: corpus.sizes, split: recipe.split }).map(
          (part) => [part, corpus.rows(network, part)] as const,
        )
      : [["data", corpus.allRows(network)] as const]
  const reports: Record<string, EvaluationReport> = {}
  const lines: Record<string, LossesByLine> = {}
  for (const [name, rows] of named) {
    const onProgress = (done: number) => onStage?.(`evaluating ${name}`, done)
    onProgress(0)
    const losses = lossPerCrop(rows, await lossPerTarget(network, rows, { runtime, onProgress }))
    const labels = condition && Array.from(rows.labels?.data ?? [], (label) => condition.values[label])
    lines[name] = { losses, sha256: corpus.sha256 }
    reports[name] = evaluationReport(losses, { labels })
  }
  return { reports, lines }
}

function lossPerCrop({ targets: { data, shape } }: Dataset, losses: Float32Array): LineLoss[] {
  const [N, T] = shape
  return Array.from({ length: N }, (_, row) => {
    const counted = losses.subarray(row * T, (row + 1) * T).filter((_, t) => data[row * T + t] >= 0)
    return { nats: counted.reduce((sum, loss) => sum + loss, 0), symbols: counted.length }
  })
}
