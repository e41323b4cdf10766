/**
 * How the numbers of a network are rounded in an exported script: as asked for, or so that the file fits a size, or else the fewest bits
 * that leave the validation loss as it is.
 */
import { gzipSync } from "node:zlib"
import { networkOf } from "../counting/mixture.ts"
import type { Split } from "../data/split.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import { roundedState, type Written } from "../interchange/index.ts"
import type { Model } from "../models/model.ts"
import type { Corpus, OnStage } from "../runs/corpora/corpus.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { evaluate } from "../training/evaluate.ts"

/** The most by which 8 bits may raise the loss, in nats a symbol, before 16 are chosen. */
const TOLERANCE = 0.005

/** A rounding that raises the loss by more, in nats a symbol, can be seen in what is made. */
const COSTLY = 0.1

/** The lines of the training part on which the loss is measured where there is no validation part. */
const MEASURED = 2000

export interface Rounding {
  readonly content: string
  /** Absent for a model that only counts. */
  readonly bits?: number
  /** In nats a symbol; absent where the data is not at hand. */
  readonly loss?: {
    /** Where it was measured: in the training part, for want of another, that of the network without counts, which know the part. */
    readonly part: "validation" | "train"
    readonly model: number
    readonly file: number
  }
}

/** The size of a text as servers send it, in kilobytes of 1,000 bytes. */
export const kilobytesOf = (content: string): number => gzipSync(content, { level: 9 }).length / 1000

interface Wishes {
  readonly bits?: number
  /** The most kilobytes, gzipped. */
  readonly size?: number
  /** Whether the file has a filter of the list, which can be left out. */
  readonly filtered?: boolean
  /** Measures what the rounding costs; absent where the data is not at hand. */
  readonly loss?: MeasuredLoss
}

/** The mean loss of the model with the numbers that it has now, in nats a symbol. */
export interface MeasuredLoss {
  readonly part: "validation" | "train"
  measure(): Promise<number>
}

/** @param write The content of the file with numbers of so many bits. */
export async function roundTo(
  trained: TrainedModel<Written>,
  write: (bits?: number) => string,
  { bits, size, filtered, loss }: Wishes,
): Promise<Rounding> {
  const { hasLayers } = learnerOf(trained.config.recipe)
  const fits = (content: string) => size === undefined || kilobytesOf(content) <= size
  if (!hasLayers) {
    const content = write()
    if (fits(content)) return { content }
    throw new UserError(
      `--size ${size}: the counted lines and the code are ${kilobytesOf(content).toFixed(1)} KB gzipped: give at least that, or train on fewer lines`,
    )
  }
  const network = networkOf(trained.model as Model)
  const exact = network.stateDict()
  const whole = await loss?.measure()
  const made = async (bits: number): Promise<Rounding> => {
    const content = write(bits)
    if (!loss) return { content, bits }
    network.loadStateDict(roundedState(network, bits))
    try {
      return { content, bits, loss: { part: loss.part, model: whole!, file: await loss.measure() } }
    } finally {
      network.loadStateDict(exact)
    }
  }
  if (bits !== undefined) {
    const asked = await made(bits)
    if (fits(asked.content)) return asked
    throw new UserError(
      `--size ${size}: with --bits ${bits} the file has ${kilobytesOf(asked.content).toFixed(1)} KB gzipped: leave --bits out`,
    )
  }
  const eight = loss && (await made(8))
  const close = eight?.loss && eight.loss.file - eight.loss.model <= TOLERANCE
  const best = eight && close ? eight : await made(16)
  if (fits(best.content)) return best
  if (eight && fits(eight.content)) return eight
  const most = largestThat(FEWEST, LARGEST, (eighth) => fits(write(bitsOf(eighth))))
  if (most !== undefined) return made(bitsOf(most))
  const least = kilobytesOf(write(bitsOf(FEWEST)))
  throw new UserError(
    `--size ${size}: even with numbers of ${bitsOf(FEWEST).toFixed(1)} bits the file has ${least.toFixed(1)} KB gzipped: ` +
      `give --size ${Math.ceil(least)}, ${filtered ? "leave the list out by --no-list, " : ""}or train a smaller network, such as makewave train LIST --hidden 64`,
  )
}

const MEASURING = "measuring what the rounding costs"

interface MeasureOptions {
  readonly runtime: RuntimeOptions
  readonly onStage?: OnStage
}

/** The loss of a network on the validation part of its running text, or where that is empty on some of the training part. */
export function lossOnText(model: Model, corpus: Corpus, { runtime, onStage }: MeasureOptions): MeasuredLoss {
  const part = corpus.sizes.validation > 0 ? "validation" : "train"
  const rows = part === "validation" ? corpus.rows(model, part) : corpus.trainingSample(model)
  const onProgress = (done: number) => onStage?.(MEASURING, done)
  return { part, measure: () => evaluate(model, rows, { runtime, onProgress }) }
}

/** The loss of a model on the lines of its validation part, or where that has none on some of the training part. */
export function lossOnLines(
  { model, config, ...codec }: TrainedModel<Written>,
  parts: Split,
  { runtime, onStage }: MeasureOptions,
): MeasuredLoss {
  const validated = parts.validation.lines.length > 0
  const [part, lines, learner, measured] = validated
    ? (["validation", parts.validation, learnerOf(config.recipe), model] as const)
    : ([
        "train",
        first(MEASURED, parts.train),
        learnerOf({ model: config.recipe.model }),
        networkOf(model as Model),
      ] as const)
  const onProgress = (done: number) => onStage?.(MEASURING, done)
  const measure = async (): Promise<number> => {
    onProgress(0)
    const losses = await learner.lossPerLine(measured, lines, codec, { runtime, onProgress })
    onProgress(1)
    const [nats, symbols] = (["nats", "symbols"] as const).map((unit) =>
      losses.reduce((total, line) => total + line[unit], 0),
    )
    return nats / symbols
  }
  return { part, measure }
}

/** The first so many lines, with their labels. */
const first = (count: number, { lines, labels = {} }: Lines): Lines => ({
  lines: lines.slice(0, count),
  labels: Object.fromEntries(Object.entries(labels).map(([name, each]) => [name, each.slice(0, count)])),
})

/** What the search tries: whole numbers from -2 to 2, the fewest that a network can do with, to those of 8 bits, in steps of an eighth. */
const [FEWEST, LARGEST] = [8 * 2, 8 * 127]

const bitsOf = (eighths: number): number => Math.log2(eighths / 4 + 1)

/** The largest whole number from `low` to `high` that fits, if all below one that fits do as well. */
function largestThat(low: number, high: number, fits: (number: number) => boolean): number | undefined {
  if (!fits(low)) return undefined
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** What the rounding did, as a sentence; undefined where nothing was rounded. */
export function describeRounding({ bits, loss }: Rounding): string | undefined {
  if (bits === undefined) return undefined
  const numbers = `each number of the network takes ${Number.isInteger(bits) ? bits : bits.toFixed(1)} bits`
  if (!loss) return `${numbers}: without the data it is not known what that costs`
  const { part, model, file } = loss
  const where =
    part === "validation"
      ? "validation loss"
      : "loss of the network on its training part, without its counts,"
  const costly =
    file - model > COSTLY
      ? ": what it makes is clearly worse: a larger --size, or a smaller network, helps"
      : ""
  return `${numbers}: ${where} ${file.toFixed(4)}, unrounded ${model.toFixed(4)}${costly}`
}
