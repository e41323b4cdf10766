/**
 * A training takes steps and hands out where it stands. Each pull takes many steps in one call of the runtime, and leaves the
 * model as it is after the last of them. Source of the loop: makemore part 5, cell 10.
 */
import { type Batches, uniformBatches } from "../data/batches.ts"
import type { Dataset } from "../data/dataset.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import type { Parameter } from "../nn/variable.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { constant, type Schedule } from "../optim/schedules.ts"
import { sgd } from "../optim/sgd.ts"
import { Generator } from "../random/torch.ts"
import { type CompiledLoop, compileLoop, type Running } from "../runtime/compile.ts"
import type { Numbers, RuntimeOptions } from "../runtime/session.ts"
import { wholeNumbers } from "./batch.ts"
import { DivergenceError } from "./divergence.ts"
import { AVERAGE, momentName, traceStep } from "./step.ts"
import { averagesIn, type TrainingState } from "./training-state.ts"

export interface TrainOptions {
  /** How many steps there are in all, those of `from` included. */
  readonly steps: number
  /** Pulls end at multiples of this number of steps; by default a pull is one call of the runtime. It changes no number. */
  readonly every?: number
  readonly batchSize?: number
  readonly optimizer?: Optimizer
  /** The learning rate, constant or by step. */
  readonly rate?: number | Schedule
  /** Maximum global gradient norm (2-norm over all parameters). */
  readonly clipNorm?: number
  /** The decay of an exponential moving average of the parameters, such as 0.998; see `averaged`. */
  readonly ema?: number
  /** The weight of the class loss beside that of the next symbol, for data with classes; 1. */
  readonly classWeight?: number
  /** The stream that the rows of each batch are drawn from; the default has PyTorch's default seed. */
  readonly generator?: Generator
  /** Which rows a step reads; by default they are drawn with replacement. */
  readonly batches?: (generator: Generator, count: number, batchSize: number) => Batches
  /** Resumes from here; the model must hold the numbers it had then. */
  readonly from?: TrainingState
  readonly runtime?: RuntimeOptions
}

/** Where a training stands. `losses` and `rates` cover the steps since the pull before. */
export interface TrainingProgress {
  /** How many steps have been taken. */
  readonly step: number
  /** The loss of the last step: of its batch, before its update, in nats. */
  readonly loss: number
  /** The learning rate of the last step. */
  readonly rate: number
  readonly losses: Float32Array
  readonly rates: Float64Array
  /** The class losses, for data with classes. */
  readonly classLosses?: Float32Array
}

/** Trains `model` on `data`; see `Training`. */
export const train = (model: Model, data: Dataset, options: TrainOptions): Training =>
  new Training(model, data, options)

/** What a call of the runtime starts from, so that it can be taken back. */
interface Position extends Omit<TrainingState, "moments"> {
  readonly numbers: Record<string, Numbers>
}

/**
 * A training: `advance` takes steps, and iterating calls it up to the last one. Between two pulls the model's numbers and
 * `state()` are those after `step` steps; to stop pulling pauses the training, and `break` ends the loop where it is. Numbers that
 * are assigned to the model between two pulls are what the next one starts from.
 */
export class Training implements AsyncIterable<TrainingProgress> {
  readonly model: Model
  readonly data: Dataset
  private readonly options: TrainOptions
  private readonly optimizer: Optimizer
  private readonly schedule: Schedule
  private readonly generator: Generator
  private readonly batches: Batches
  private compiled?: Promise<CompiledLoop>
  private running?: Running
  /** What the model was last given of the runtime's state. */
  private readonly published = new Map<string, Numbers>()
  private taken: number

  constructor(model: Model, data: Dataset, options: TrainOptions) {
    const { optimizer = sgd(), rate = 0.1, every = 1, batchSize = 32, from } = options
    const { generator = new Generator(), batches = uniformBatches } = options
    if (model.contextLength !== data.contextLength)
      throw new UserError(
        `train: the model looks back on ${model.contextLength} symbols, the data on ${data.contextLength}`,
      )
    if (!(Number.isInteger(every) && every >= 1))
      throw new RangeError(`train: every = ${every}: give a whole number from 1 on`)
    this.model = model
    this.data = data
    this.options = options
    this.optimizer = optimizer
    this.schedule = typeof rate === "number" ? constant(rate) : rate
    this.generator = generator
    this.batches = batches(generator, data.count, batchSize)
    this.taken = from?.steps ?? 0
    if (from) this.rewindStreams(from)
  }

  /** How many steps have been taken. */
  get step(): number {
    return this.taken
  }

  /** Traces and compiles the step, unless that is done; gives the ONNX model. */
  async compile(): Promise<Uint8Array<ArrayBuffer>> {
    this.compiled ??= compileLoop(
      traceStep(this.model, this.data, {
        batchSize: this.batches.batchSize,
        optimizer: this.optimizer,
        clipNorm: this.options.clipNorm,
        ema: this.options.ema,
        classWeight: this.options.classWeight,
      }),
      this.options.runtime,
    )
    return (await this.compiled).model
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingProgress> {
    const { steps, every = this.stepsPerCall } = this.options
    while (this.taken < steps) yield await this.advance((Math.floor(this.taken / every) + 1) * every)
  }

  /**
   * Takes steps until `to` of them have been taken, or all of the training's. Into how many calls a training is cut changes no number.
   * A loss that is not finite is a `DivergenceError`.
   */
  async advance(to: number): Promise<TrainingProgress> {
    const first = this.taken
    const last = Math.min(to, this.options.steps)
    if (!(Number.isInteger(last) && last > first))
      throw new RangeError(`advance: to step ${last} after ${first}: give a later step`)
    const running = await this.begin()
    const rates = Float64Array.from({ length: last - first }, (_, k) => this.schedule(first + k))
    const outputs: Record<string, Float32Array> = {}
    while (this.taken < last) {
      const before = this.position(running)
      const done = this.taken - first
      try {
        const found = await this.call(running, Math.min(last - this.taken, this.stepsPerCall))
        for (const [name, values] of Object.entries(found)) {
          outputs[name] ??= new Float32Array(last - first)
          outputs[name].set(values, done)
        }
      } catch (error) {
        this.rewind(running, before)
        this.publish(running)
        throw error
      }
      const bad = outputs.loss.subarray(0, this.taken - first).findIndex((loss) => !Number.isFinite(loss))
      if (bad < 0) continue
      this.rewind(running, before)
      if (bad > done) await this.call(running, bad - done)
      this.publish(running)
      const [loss, rate] = [outputs.loss[bad], rates[bad]]
      throw new DivergenceError({
        ...{ step: this.taken, loss, rate, rows: this.nextRows() },
        before: seriesOf(outputs, rates, bad),
      })
    }
    this.publish(running)
    const series = seriesOf(outputs, rates, last - first)
    return { step: last, loss: series.losses.at(-1)!, rate: rates.at(-1)!, ...series }
  }

  /** What a checkpoint keeps beside the model. */
  state(): TrainingState {
    const numbers = this.running?.state()
    const moments = this.model.namedParameters().flatMap(([name, parameter]) =>
      this.moments.map((moment): [string, StateDict[string]] => {
        const key = momentName(moment, name)
        const data = (numbers?.[key] as Float32Array) ?? this.firstMoment(moment, name, parameter)
        return [key, { shape: parameter.shape, data }]
      }),
    )
    return {
      steps: this.taken,
      generator: this.generator.getState(),
      batches: this.batches.getState(),
      moments: Object.fromEntries(moments),
    }
  }

  /** What `look` finds in the model with the averages of its parameters, if the training keeps them; buffers are as they are. */
  async averaged<T>(look: () => Promise<T>): Promise<T> {
    const averages = averagesIn(this.state().moments)
    const parameters = this.model.namedParameters().filter(([name]) => name in averages)
    const before = parameters.map(([, { data }]) => data)
    for (const [name, parameter] of parameters) parameter.data = averages[name].data
    try {
      return await look()
    } finally {
      for (const [k, [, parameter]] of parameters.entries()) parameter.data = before[k]
    }
  }

  /** Frees the compiled step. Iterating to the end does not, for `state()` may still be asked for. */
  async release(): Promise<void> {
    await (await this.compiled)?.release()
  }

  /** Everything that a step reads lies ready for all steps of a call, one-hot rows too: memory bounds how many that are. */
  private get stepsPerCall(): number {
    const { contextLength: T, vocabularySize: V } = this.model
    return Math.min(100, Math.max(1, Math.floor(2 ** 23 / (this.batches.batchSize * T * Math.min(V, 256)))))
  }

  /** What is kept for each parameter. */
  private get moments(): readonly string[] {
    return this.options.ema === undefined ? this.optimizer.moments : [...this.optimizer.moments, AVERAGE]
  }

  private firstMoment(moment: string, name: string, { data }: Parameter): Float32Array {
    const kept = this.options.from?.moments[momentName(moment, name)]
    if (kept) return kept.data as Float32Array
    return moment === AVERAGE ? Float32Array.from(data) : new Float32Array(data.length)
  }

  /** The loop, with the model's numbers as they are. */
  private async begin(): Promise<Running> {
    await this.compile()
    const { model, published } = this
    const variables = model.namedVariables()
    if (this.running) {
      const assigned = variables.filter(([name, { data }]) => data !== published.get(name))
      if (assigned.length > 0)
        this.running.restore({
          ...this.running.state(),
          ...Object.fromEntries(assigned.map(([name, { data }]) => [name, data])),
        })
      return this.running
    }
    const state: Record<string, ArrayLike<number>> = {}
    for (const [name, { data }] of variables) state[name] = data
    for (const [name, parameter] of model.namedParameters())
      for (const moment of this.moments)
        state[momentName(moment, name)] = this.firstMoment(moment, name, parameter)
    this.running = (await this.compiled!).start(state, wholeNumbers(this.data))
    return this.running
  }

  private position(running: Running): Position {
    return {
      steps: this.taken,
      generator: this.generator.getState(),
      batches: this.batches.getState(),
      numbers: running.state(),
    }
  }

  private rewind(running: Running, position: Position): void {
    running.restore(position.numbers)
    this.rewindStreams(position)
    this.taken = position.steps
  }

  private rewindStreams({ generator, batches }: Pick<TrainingState, "generator" | "batches">): void {
    this.generator.setState(generator)
    this.batches.setState(batches)
  }

  /** The rows of the step to come. */
  private nextRows(): Int32Array {
    const before = { generator: this.generator.getState(), batches: this.batches.getState() }
    const rows = this.batches.next(1)
    this.rewindStreams(before)
    return rows
  }

  /** One call of the runtime: so many steps. */
  private async call(running: Running, count: number): Promise<Record<string, Numbers>> {
    const scalars = Array.from({ length: count }, (_, k) =>
      this.optimizer.scalars(this.taken + k, this.schedule(this.taken + k)),
    )
    const perStep: Record<string, ArrayLike<number>> = { rows: this.batches.next(count) }
    for (const name of Object.keys(scalars[0]))
      perStep[name] = Float32Array.from(scalars, (each) => each[name])
    const outputs = await running.advance(count, perStep)
    this.taken += count
    return outputs
  }

  private publish(running: Running): void {
    const numbers = running.state()
    for (const [name, variable] of this.model.namedVariables()) {
      variable.data = numbers[name] as Float32Array
      this.published.set(name, variable.data)
    }
  }
}

/** Of the first `count` steps. */
function seriesOf({ loss, classLoss }: Record<string, Float32Array>, rates: Float64Array, count: number) {
  const series = { losses: loss.subarray(0, count), rates: rates.subarray(0, count) }
  return classLoss ? { ...series, classLosses: classLoss.subarray(0, count) } : series
}
