/**
 * Endless generation, as for sound: B sequences that read what they are given and continue from there. The model's state stays in the
 * runtime from call to call, so a symbol costs the same however long its sequence is.
 *
 *   const stream = openStream(model, { generator, labels: [1] })
 *   await stream.read([silence])                    // Int32Array, as if it had been drawn
 *   const [sound] = await stream.draw(16_000)       // Int32Array
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { type Generation, generationLoops } from "./generation.ts"
import { stepsPerCall } from "./generation-step.ts"
import { type Choice, choices, requireChoice } from "./probabilities.ts"
import {
  type Label,
  labelFeed,
  largestBatch,
  requireGenerator,
  requireSymbols,
  requireWhole,
} from "./sampler.ts"

export interface StreamOptions extends Choice {
  /** By default the one that `manualSeed` seeds, as in PyTorch. */
  readonly generator?: Generator
  /** How many sequences. */
  readonly batchSize?: number
  /** The label of each sequence, for a model that is conditioned on labels. */
  readonly labels?: readonly Label[]
  /** The series of each sequence, for a model that is conditioned on one: its steps from the first position on. */
  readonly series?: readonly ArrayLike<number>[]
  readonly runtime?: RuntimeOptions
}

/** Sequences of a model with the parameters it had when the stream was opened. */
export interface Stream {
  /** Reads the same number of symbols for each sequence. A stream that draws before it reads starts with STOP, as a row of text does. */
  read(symbols: readonly ArrayLike<number>[]): Promise<void>
  /** Draws `count` more symbols of each sequence. */
  draw(count: number): Promise<Int32Array[]>
  release(): Promise<void>
}

/** @throws UserError for a model with limited positions, and for conditions that do not fit it. */
export function openStream(model: Model, options: StreamOptions = {}): Stream {
  requireFinite(model, "openStream")
  requireOptions("openStream", options, [...choices, "generator", "batchSize", "labels", "series", "runtime"])
  const {
    generator = defaultGenerator,
    batchSize: B = 1,
    labels = [],
    series = [],
    runtime,
    ...choice
  } = options
  requireChoice(choice)
  requireWhole("batchSize", B, 1, largestBatch(model))
  requireGenerator(generator)
  if (model.steps !== "endless")
    throw new UserError(
      `openStream: a ${model.constructor.name} reads its ${model.contextLength} symbols again each time: ` +
        "for endless streams use a recurrent model, or wavenet-2016 without positions",
    )
  const { label: labelKind, series: seriesKind } = model.conditionKinds(B, 1)
  requireEach("label", labels, labelKind ? B : 0)
  requireEach("series", series, seriesKind ? B : 0)
  const label = labels.flatMap((each) => labelFeed(labelKind, 1, each).label!)
  for (const [k, numbers] of series.entries()) requireNumbers(`series ${k}`, numbers)
  const loops = generationLoops(model, { batchSize: B, restartAfterStop: false, runtime })
  let generation: Generation | undefined
  /** The number of known symbols of each sequence; all but the last have been read. */
  let length = 0

  /** The steps of the series at the next positions. */
  const seriesOf = (positions: number): Record<string, Float32Array> => {
    if (!seriesKind) return {}
    const width = seriesKind.shape[2]
    const rows = Array.from({ length: positions }, (_, k) => {
      const step = model.conditionKinds(B, length + k).series!.shape[1] - 1
      return series.flatMap((numbers) => {
        const row = Array.from({ length: width }, (_, c) => numbers[step * width + c])
        if (row.includes(undefined as never))
          throw new UserError(`the series ends before position ${length + k}: give more steps of it`)
        return row
      })
    })
    return { series: Float32Array.from(rows.flat()) }
  }

  /** Reads or draws `count` symbols of each sequence. The first one read is no output of a step. */
  const advance = async (count: number, symbols?: readonly ArrayLike<number>[]): Promise<Int32Array[]> => {
    const rows = Array.from({ length: B }, () => new Int32Array(count))
    if (count === 0) return rows
    let at = 0
    if (!generation) {
      const first = symbols?.map((row) => row[0]) ?? new Int32Array(B).fill(STOP)
      generation = await loops.start({ generator, choice, first, whole: labelKind && { label } })
      length = 1
      if (symbols) at = 1
    }
    while (at < count) {
      const steps = Math.min(stepsPerCall, count - at)
      const given = Int32Array.from(
        { length: steps * B },
        (_, k) => symbols?.[k % B][at + Math.floor(k / B)] ?? -1,
      )
      const next = await generation.advance(steps, { given, ...seriesOf(steps) })
      for (const [k, symbol] of next.entries()) rows[k % B][at + Math.floor(k / B)] = symbol
      length += steps
      at += steps
    }
    return rows
  }

  let last: Promise<unknown> = Promise.resolve()
  /** A call continues where the one before it ended, so it waits for that one. */
  const inTurn = (...given: Parameters<typeof advance>): Promise<Int32Array[]> => {
    const turn = last.then(() => advance(...given))
    last = turn.catch(() => {})
    return turn
  }

  return {
    async read(symbols) {
      requireEach("row of symbols", symbols, B)
      for (const row of symbols) requireSymbols("read", row, { V: model.vocabularySize })
      const count = symbols[0].length
      if (symbols.some((row) => row.length !== count))
        throw new UserError("read: the rows differ in length: give each sequence the same number of symbols")
      await inTurn(count, symbols)
    },
    async draw(count) {
      requireWhole("draw: count", count, 0)
      return inTurn(count)
    },
    release: loops.release,
  }
}

/** Throws a UserError unless these are finite numbers. */
function requireNumbers(name: string, numbers: ArrayLike<number>): void {
  const at = Array.prototype.findIndex.call(numbers, (number) => !Number.isFinite(number))
  if (at >= 0) throw new UserError(`${name}: ${told(numbers[at])} at index ${at}: give finite numbers`)
}

function requireEach(what: string, given: readonly unknown[], wanted: number): void {
  if (!Array.isArray(given)) throw new UserError(`${what} ${told(given)}: give a list of ${wanted}`)
  if (given.length === wanted) return
  throw new UserError(
    wanted === 0
      ? `the model is not conditioned on a ${what}: leave it out`
      : `${given.length} times a ${what}: give one for each of ${wanted} sequences`,
  )
}
