/**
 * How good a model is, said honestly: the loss of whole lines in the units that people compare, each with its standard error
 * over lines, and what the model has met in training apart from what it has not.
 * Source of the estimator: Cochran 1977, Sampling Techniques, section 2.11 (the ratio of two totals).
 */
import { table } from "../charts/table.ts"
import type { Sequence } from "../counting/gram-table.ts"
import type { NGram } from "../counting/ngram.ts"
import type { Dataset } from "../data/dataset.ts"
import { STOP } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { type EvaluateOptions, lossPerTarget } from "./evaluate.ts"

/** What a model makes of one line. */
export interface LineLoss {
  /** -ln p of the whole line and the stop after it, in nats. */
  readonly nats: number
  /** Of how many symbols that is: the line's, and the stop. */
  readonly symbols: number
}

/** A figure, and how far another draw of as many lines would put it off: one standard deviation of it. */
export interface Estimate {
  readonly value: number
  /** Undefined of a single line, which says nothing of others. */
  readonly standardError?: number
}

export interface Figures {
  readonly lines: number
  /** How many symbols were predicted, stops among them. */
  readonly symbols: number
  readonly natsPerSymbol: Estimate
  readonly natsPerLine: Estimate
  readonly bitsPerSymbol: Estimate
  /** e to the nats a symbol: among how many symbols, all alike, the choice would be as hard. */
  readonly perplexity: Estimate
}

export interface EvaluationReport extends Figures {
  /** Of the lines that do not stand in the training part; not there where all do. */
  readonly unseen?: Figures
  /** Of the lines that do, and could be known by heart; not there where none does. */
  readonly seen?: Figures
  /** Of the lines of each label apart, where labels were given. */
  readonly labels?: Readonly<Record<string, Figures>>
}

/** A network's loss of each line, in the order of the data, whose rows are whole lines: windows or sequences alike. */
export async function lossPerLine(
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<LineLoss[]> {
  return sumByLine(await lossPerTarget(model, data, options), data.targets.data)
}

/** The same of a model that counts. Lines as symbols, without stops. */
export function countedLossPerLine(model: NGram, lines: readonly Sequence[]): LineLoss[] {
  return lines.map((line) => ({ nats: -model.logProbability(line), symbols: line.length + 1 }))
}

/** Losses of targets added up line by line: a line ends with its stop, and negative targets are none. */
export function sumByLine(losses: ArrayLike<number>, targets: ArrayLike<number>): LineLoss[] {
  const lines: LineLoss[] = []
  let [nats, symbols] = [0, 0]
  for (let k = 0; k < targets.length; k++) {
    if (targets[k] < 0) continue
    nats += losses[k]
    symbols++
    if (targets[k] !== STOP) continue
    lines.push({ nats, symbols })
    nats = symbols = 0
  }
  return lines
}

/**
 * The figures of a part of the data. With the `lines` that the losses are of, and those of the training part (`seen`), also
 * of what stands there too and of what does not. With the `labels` of the lines also of each label.
 */
export function evaluationReport(
  losses: readonly LineLoss[],
  { lines, seen, labels }: Partial<Record<"lines" | "seen" | "labels", readonly string[]>> = {},
): EvaluationReport {
  if (losses.length === 0) throw new UserError("an evaluation of no lines: give one at least")
  for (const each of [lines, labels])
    if (each && each.length !== losses.length)
      throw new RangeError(`evaluationReport: ${losses.length} losses of ${each.length} lines`)
  const known = lines && seen && new Set(seen)
  const [fresh, met] = [false, true].map((wanted) =>
    losses.filter((_, k) => known?.has(lines![k]) === wanted),
  )
  const byLabel = Map.groupBy(labels ? losses : [], (_, k) => labels![k])
  return {
    ...figuresOf(losses),
    ...(fresh.length > 0 && { unseen: figuresOf(fresh) }),
    ...(met.length > 0 && { seen: figuresOf(met) }),
    ...(labels && {
      labels: Object.fromEntries(Array.from(byLabel, ([label, each]) => [label, figuresOf(each)]).sort()),
    }),
  }
}

function figuresOf(losses: readonly LineLoss[]): Figures {
  const n = losses.length
  const nats = losses.reduce((sum, loss) => sum + loss.nats, 0)
  const symbols = losses.reduce((sum, loss) => sum + loss.symbols, 0)
  /** The mean over lines, and its error: the deviation from what was expected of each, over √n. */
  const estimate = (value: number, expected: (loss: LineLoss) => number, unit: number): Estimate => {
    const squares = losses.reduce((sum, loss) => sum + (loss.nats - expected(loss)) ** 2, 0)
    return n > 1 ? { value, standardError: Math.sqrt((squares * n) / (n - 1)) / unit } : { value }
  }
  const perLine = nats / n
  const perSymbol = nats / symbols
  // Long lines weigh more than short ones: of each as much is expected as it has symbols.
  const natsPerSymbol = estimate(perSymbol, (loss) => perSymbol * loss.symbols, symbols)
  const scaled = (value: number, factor: number): Estimate => ({
    value,
    ...(natsPerSymbol.standardError !== undefined && { standardError: natsPerSymbol.standardError * factor }),
  })
  return {
    lines: n,
    symbols,
    natsPerSymbol,
    natsPerLine: estimate(perLine, () => perLine, n),
    bitsPerSymbol: scaled(perSymbol / Math.LN2, 1 / Math.LN2),
    perplexity: scaled(Math.exp(perSymbol), Math.exp(perSymbol)), // d e^x = e^x dx
  }
}

/**
 * Reports as a table, as text or Markdown: a column for each figure, a row for each part and each group in it. `line` and `symbol`
 * are the words for a row and a target.
 */
export function formatEvaluation(
  reports: Readonly<Record<string, EvaluationReport>>,
  { markdown = false, line = "line", symbol = "symbol" } = {},
): string {
  const head = ["", `${line}s`, `nats a ${symbol}`, `nats a ${line}`, `bits a ${symbol}`, "perplexity"]
  const row = (name: string, figures: Figures): string[] => [
    name,
    figures.lines.toLocaleString("en"),
    shown(figures.natsPerSymbol, 4),
    shown(figures.natsPerLine, 2),
    shown(figures.bitsPerSymbol, 3),
    shown(figures.perplexity, 3),
  ]
  const indent = markdown ? "&emsp;" : "  "
  const rows = Object.entries(reports).flatMap(([name, report]) => [
    row(name, report),
    ...(report.unseen && report.seen ? [row(`${indent}not in the training part`, report.unseen)] : []),
    ...(report.seen ? [row(`${indent}in the training part too`, report.seen)] : []),
    ...Object.entries(report.labels ?? {}).map(([label, figures]) => row(indent + label, figures)),
  ])
  return table([head, ...rows], { markdown })
}

const shown = ({ value, standardError }: Estimate, digits: number): string =>
  value.toFixed(digits) + (standardError === undefined ? "" : ` ± ${standardError.toFixed(digits)}`)
