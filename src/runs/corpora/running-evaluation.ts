/** The evaluation of a model on running text: losses of the passages of whole parts, or of another text. */
import type { Ensemble, Member } from "../../counting/ensemble.ts"
import { codePointsOf } from "../../data/characters.ts"
import type { RunningText } from "../../data/running-text.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { flag } from "../../setting.ts"
import { type EvaluationReport, evaluationReport, type LineLoss } from "../../training/evaluation-report.ts"
import { logProbabilitiesOf } from "../log-probabilities.ts"
import { openData, requireSameData } from "../open-data.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { Evaluation, EvaluationRequest, LossesByLine, Part, UnknownWords } from "./corpus.ts"
import { partsToEvaluate, unknownIn } from "./parts.ts"
import { loadHashed, runningCorpus } from "./running-corpus.ts"

/** The symbols of a passage. The standard error is that over passages, since neighboring symbols are not independent. */
const PASSAGE = 1000

export async function evaluateRunning(
  trained: TrainedModel<unknown>,
  { parts, data, samples, judgeOrder, loading, runtime, onStage }: EvaluationRequest,
): Promise<Evaluation> {
  const { model, config, vocabulary } = trained
  for (const [key, value] of Object.entries({ samples, judgeOrder }))
    if (value !== undefined)
      throw new UserError(`${flag(key)} ${value}: a running text has no labels to judge: leave it out`)
  const { recipe } = config
  const loaded = await openData(trained, (recipe) => loadHashed(recipe.data, loading), { data })
  const isSame = loaded.sha256 === config.data.sha256
  if (data === undefined) requireSameData(trained, loaded, { whole: "text" })
  if (!isSame) requireReadable(loaded, trained)
  const corpus = runningCorpus(loaded, recipe, vocabulary)
  const read = { rows: corpus.allRows, sequences: [corpus.ids], isEndless: true }
  const named = isSame
    ? partsToEvaluate(parts, { sizes: corpus.sizes, split: recipe.split }).map(
        (part) =>
          [
            part,
            {
              ...read,
              rows: (network: Model) => corpus.rows(network, part),
              sequences: corpus.sequences(part),
            },
          ] as const,
      )
    : [["data", read] as const]
  const reports: Record<string, EvaluationReport> = {}
  const bits: Record<string, number> = {}
  const unknown: Record<string, UnknownWords> = {}
  const lines: Record<string, LossesByLine> = {}
  for (const [name, text] of named) {
    const onProgress = (done: number) => onStage?.(`evaluating ${name}`, done)
    onProgress(0)
    const logs = await logProbabilitiesOf(model as Member | Ensemble, text, { runtime, onProgress })
    const losses = passagesOf(logs)
    lines[name] = { losses, sha256: corpus.sha256 }
    reports[name] = evaluationReport(losses)
    const { train, validation, test } = corpus.characters
    const characters = name === "data" ? train + validation + test : corpus.characters[name as Part]
    bits[name] = reports[name].natsPerSymbol.value * (logs.length / characters / Math.LN2)
    const words = unknownIn(text.sequences, vocabulary)
    if (words) unknown[name] = words
  }
  const isOfWords = vocabulary.unknown !== undefined
  return { reports, bitsPerCharacter: bits, ...(isOfWords && { unknown }), lines }
}

/** A UserError for a text with characters that the model does not know. Without them it would be another text, of another loss. */
function requireReadable(
  { name, text }: RunningText,
  { folder, vocabulary }: Pick<TrainedModel<unknown>, "folder" | "vocabulary">,
): void {
  const lines = text.split(/(?<=\n)/)
  const at = lines.findIndex((line) => vocabulary.missing(line).length > 0)
  if (at < 0) return
  const [first] = vocabulary.missing(lines[at])
  const others = new Set(lines.slice(at).flatMap((line) => vocabulary.missing(line))).size - 1
  throw new UserError(
    `${name}: line ${(at + 1).toLocaleString("en")}: the character ${JSON.stringify(first)} (${codePointsOf(first)}) is not in the vocabulary of ${folder}` +
      `${others === 0 ? ": take it out" : `, nor ${others === 1 ? "is 1 other" : `are ${others} others`} of this text: take them out`}, ` +
      "or train with --tokens words or bytes, which read any text",
  )
}

function passagesOf(logs: Float64Array): LineLoss[] {
  return Array.from({ length: Math.ceil(logs.length / PASSAGE) }, (_, k) => {
    const own = logs.subarray(k * PASSAGE, (k + 1) * PASSAGE)
    return { nats: -own.reduce((sum, each) => sum + each, 0), symbols: own.length }
  })
}
