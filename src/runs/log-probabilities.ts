/** ln p of each symbol and stop of lines, in their order, by a network, by n-grams, by both mixed, or by several of them averaged: (M). */
import { averaged, Ensemble, type Member } from "../counting/ensemble.ts"
import type { Sequence } from "../counting/gram-table.ts"
import { Mixture } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import type { Dataset } from "../data/dataset.ts"
import { STOP } from "../data/tokenizers/tokenizer.ts"
import type { Model } from "../models/model.ts"
import { type EvaluateOptions, lossPerTarget } from "../training/evaluate.ts"
import { type LineLoss, sumByLine } from "../training/evaluation-report.ts"

/** The same lines as a network and as n-grams read them. */
export interface ReadLines {
  readonly rows: (network: Model) => Dataset
  readonly sequences: readonly Sequence[]
  /** Whether they go on, so that no stop is predicted. */
  readonly isEndless?: boolean
}

export async function logProbabilitiesOf(
  model: Member | Ensemble,
  lines: ReadLines,
  options?: EvaluateOptions,
): Promise<Float64Array> {
  if (model instanceof Ensemble)
    return averaged(model.weights, await allLogProbabilities(model.members, lines, options))
  if (model instanceof NGram) return countedLogProbabilities(model, lines)
  if (model instanceof Mixture) {
    const ofNetwork = await logProbabilitiesOf(model.network, lines, options)
    const ofCounts = await logProbabilitiesOf(model.counts, lines)
    const bins = binsOf(model.counts, lines)
    return ofNetwork.map((each, k) => model.logProbability(each, ofCounts[k], bins[k]))
  }
  const rows = lines.rows(model)
  const losses = await lossPerTarget(model, rows, options)
  const there = losses.filter((_, k) => rows.targets.data[k] >= 0)
  return Float64Array.from(there, (loss) => -loss)
}

/** The same by each member of an ensemble. */
export async function allLogProbabilities(
  members: readonly Member[],
  lines: ReadLines,
  { onProgress, ...options }: EvaluateOptions = {},
): Promise<Float64Array[]> {
  const all: Float64Array[] = []
  for (const [k, member] of members.entries()) {
    const report = (done: number) => onProgress?.((k + done) / members.length)
    all.push(await logProbabilitiesOf(member, lines, { ...options, onProgress: report }))
    report(1)
  }
  return all
}

/** ln p by n-grams. */
export const countedLogProbabilities = (model: NGram, lines: CountedLines): Float64Array =>
  ofEachSymbol(lines, Float64Array, (sequence) => model.logProbabilities(sequence))

/** The bin of the context of each symbol and stop, by how often the n-grams have it: (M). */
export const binsOf = (model: NGram, lines: CountedLines): Int32Array =>
  ofEachSymbol(lines, Int32Array, (sequence) => model.binsOf(sequence))

type CountedLines = Pick<ReadLines, "sequences" | "isEndless">

/** In a row what `of` finds for the symbols and the stop of each sequence. */
function ofEachSymbol<A extends Float64Array | Int32Array>(
  { sequences, isEndless }: CountedLines,
  kind: new (length: number) => A,
  of: (sequence: Sequence) => A,
): A {
  const stop = isEndless ? 0 : 1
  const all = new kind(sequences.reduce((sum, { length }) => sum + length + stop, 0))
  let at = 0
  for (const sequence of sequences) {
    all.set(of(sequence).subarray(0, sequence.length + stop), at)
    at += sequence.length + stop
  }
  return all
}

/** The mean of -ln p, in nats. */
export const meanLoss = (logProbabilities: Float64Array): number =>
  -logProbabilities.reduce((sum, each) => sum + each, 0) / logProbabilities.length

/** The loss of each line, given ln p of its symbols and stop. */
export const lossesByLine = (logProbabilities: Float64Array, lines: readonly Sequence[]): LineLoss[] =>
  sumByLine(
    logProbabilities.map((log) => -log),
    lines.flatMap((line) => [...Array.from(line), STOP]),
  )
