/**
 * Reports on a model's loss on whole lines, in several units, each with its standard error over lines, and separately for the lines
 * inside and outside of the training part.
 * Source of the estimator: Cochran 1977, Sampling Techniques, section 2.11 (the ratio of two totals).
 */
import { table } from "../charts/table.ts"
import type { Sequence } from "../counting/gram-table.ts"
import type { NGram } from "../counting/ngram.ts"
import type { Dataset } from "../data/dataset.ts"
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { shownAs } from "../display/contract.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { type EvaluateOptions, lossPerTarget } from "./evaluate.ts"

/** A model's loss on one line. */
export interface LineLoss {
  /** -ln p of the whole line with its stop, in nats. */
  readonly nats: number
  /** The number of predicted symbols, stop included. */
  readonly symbols: number
  /** -ln p of the stop alone; undefined for what has no stop, as a crop of sound. */
  readonly stop?: number
}

/** A mean and its standard error. */
export interface Estimate {
  readonly value: number
  /** Undefined for a single line. */
  readonly standardError?: number
}

export interface Figures {
  readonly lines: number
  /** The number of predicted symbols, stops included. */
  readonly symbols: number
  readonly natsPerSymbol: Estimate
  readonly natsPerLine: Estimate
  readonly bitsPerSymbol: Estimate
  /** exp(nats per symbol): the size of a uniform vocabulary with the same loss. */
  readonly perplexity: Estimate
}

export interface EvaluationReport extends Figures {
  /** Figures of the lines outside of the training part, if there are any. */
  readonly unseen?: Figures
  /** Figures of the lines in the training part, which may be memorized. */
  readonly seen?: Figures
  /** Figures by label, if labels were given. */
  readonly labels?: Readonly<Record<string, Figures>>
}

/** A network's loss on each line of windows or sequences, in the order of the data. */
export async function lossPerLine(
  model: Model,
  data: Dataset,
  options?: EvaluateOptions,
): Promise<LineLoss[]> {
  return sumByLine(await lossPerTarget(model, data, options), data.targets.data)
}

/** An n-gram model's loss on each line, given as symbols without the stop. */
export function countedLossPerLine(model: NGram, lines: readonly Sequence[]): LineLoss[] {
  return lines.map((line) => {
    const each = model.logProbabilities(line)
    return { nats: -each.reduce((sum, log) => sum + log, 0), symbols: each.length, stop: -each[line.length] }
  })
}

/** Sums the targets' losses by line. A line ends with its stop; negative targets do not count. */
export function sumByLine(losses: ArrayLike<number>, targets: ArrayLike<number>): LineLoss[] {
  const lines: LineLoss[] = []
  let [nats, symbols] = [0, 0]
  for (let k = 0; k < targets.length; k++) {
    if (targets[k] < 0) continue
    nats += losses[k]
    symbols++
    if (targets[k] !== STOP) continue
    lines.push({ nats, symbols, stop: losses[k] })
    nats = symbols = 0
  }
  return lines
}

/**
 * The figures of a part of the data. With its `lines` and those of the training part (`seen`), also separately for the lines inside and
 * outside of the training part; with the `labels` of the lines, also for each label.
 */
export function evaluationReport(
  losses: readonly LineLoss[],
  { lines, seen, labels }: Partial<Record<"lines" | "seen" | "labels", readonly string[]>> = {},
): EvaluationReport {
  if (losses.length === 0) throw new UserError("an evaluation of no lines: give at least one")
  for (const each of [lines, labels])
    if (each && each.length !== losses.length)
      throw new RangeError(`evaluationReport: ${losses.length} losses of ${each.length} lines`)
  const known = lines && seen && new Set(seen)
  const [fresh, met] = [false, true].map((wanted) =>
    losses.filter((_, k) => known?.has(lines![k]) === wanted),
  )
  const byLabel = Map.groupBy(labels ? losses : [], (_, k) => labels![k])
  const report: EvaluationReport = {
    ...figuresOf(losses),
    ...(fresh.length > 0 && { unseen: figuresOf(fresh) }),
    ...(met.length > 0 && { seen: figuresOf(met) }),
    ...(labels && {
      labels: Object.fromEntries(Array.from(byLabel, ([label, each]) => [label, figuresOf(each)]).sort()),
    }),
  }
  const all = { "all lines": report }
  return shownAs(report, {
    text: () => formatEvaluation(all),
    async html() {
      const { htmlTable, indent } = await import("../display/html.ts")
      return htmlTable(rowsOf(all, { indent }))
    },
  })
}

function figuresOf(losses: readonly LineLoss[]): Figures {
  const n = losses.length
  const nats = losses.reduce((sum, loss) => sum + loss.nats, 0)
  const symbols = losses.reduce((sum, loss) => sum + loss.symbols, 0)
  /** The mean over lines and its standard error: the lines' deviation from their expected loss, over √n. */
  const estimate = (value: number, expected: (loss: LineLoss) => number, unit: number): Estimate => {
    const squares = losses.reduce((sum, loss) => sum + (loss.nats - expected(loss)) ** 2, 0)
    return n > 1 ? { value, standardError: Math.sqrt((squares * n) / (n - 1)) / unit } : { value }
  }
  const perLine = nats / n
  const perSymbol = nats / symbols
  // A line is expected to cost in proportion to its symbols, so long lines weigh more than short ones.
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

/** A table of reports, as text or Markdown. `line` and `symbol` are the words for a row and a target. */
export function formatEvaluation(
  reports: Readonly<Record<string, EvaluationReport>>,
  { markdown = false, width = Infinity, ...words }: ReportOptions = {},
): string {
  return table(rowsOf(reports, { ...words, indent: markdown ? "&emsp;" : "  " }), { markdown, width })
}

interface ReportOptions {
  readonly markdown?: boolean
  readonly width?: number
  readonly line?: string
  readonly symbol?: string
  /** Further columns, by their heads: what each report has there, by its name. */
  readonly more?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

function rowsOf(
  reports: Readonly<Record<string, EvaluationReport>>,
  {
    line = "line",
    symbol = "symbol",
    more = {},
    indent,
  }: Pick<ReportOptions, "line" | "symbol" | "more"> & { readonly indent: string },
): string[][] {
  const head = [
    ...["", `${line}s`, `nats/${symbol}`, `nats/${line}`, `bits/${symbol}`, "perplexity"],
    ...Object.keys(more),
  ]
  const row = (name: string, figures: Figures): string[] => [
    name,
    figures.lines.toLocaleString("en"),
    shown(figures.natsPerSymbol, 4),
    shown(figures.natsPerLine, 2),
    shown(figures.bitsPerSymbol, 3),
    shown(figures.perplexity, 3),
    ...Object.values(more).map((cells) => cells[name] ?? ""),
  ]
  const rows = Object.entries(reports).flatMap(([name, report]) => [
    row(name, report),
    ...(report.unseen && report.seen ? [row(`${indent}not in the training part`, report.unseen)] : []),
    ...(report.seen ? [row(`${indent}in the training part too`, report.seen)] : []),
    ...Object.entries(report.labels ?? {}).map(([label, figures]) =>
      row(`${indent}labelled ${label}`, figures),
    ),
  ])
  return [head, ...rows]
}

const shown = ({ value, standardError }: Estimate, digits: number): string =>
  value.toFixed(digits) + (standardError === undefined ? "" : ` ± ${standardError.toFixed(digits)}`)
