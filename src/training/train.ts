/**
 * Training is a stream of steps: whoever pulls it trains. Stopping to pull pauses it, `break` ends it. Behind the stream many
 * steps are taken in one call of the runtime. Source of the loop: makemore part 5, cell 10.
 */
import { type Batches, type BatchesState, uniformBatches } from "../data/batches.ts"
import type { Dataset } from "../data/dataset.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import type { Parameter } from "../nn/variable.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { constant, type Schedule } from "../optim/schedules.ts"
import { sgd } from "../optim/sgd.ts"
import { Generator, type GeneratorState } from "../random/torch.ts"
import { type CompiledLoop, compileLoop, type Running } from "../runtime/compile.ts"
import type { Numbers, RuntimeOptions } from "../runtime/session.ts"
import { wholeNumbers } from "./batch.ts"
import { AVERAGE, momentName, traceStep } from "./step.ts"

export interface TrainOptions {
  /** The number of the step after the last. */
  readonly steps: number
  readonly batchSize?: number
  readonly optimizer?: Optimizer
  /** The learning rate, fixed or by step. */
  readonly rate?: number | Schedule
  /** The longest that all gradients together may be (their 2-norm). */
  readonly clipNorm?: number
  /** Averages of the parameters over steps are kept too, of which a step keeps this part, such as 0.998; see `averaged`. */
  readonly ema?: number
  /** The weight of the loss of the class beside that of the next symbol, of data with classes; 1. */
  readonly classWeight?: number
  /** The stream that the rows of each batch are drawn from; the default has PyTorch's default seed. */
  readonly generator?: Generator
  /** Which rows a step reads; drawn with replacement unless told. */
  readonly batches?: (generator: Generator, count: number, batchSize: number) => Batches
  /** How many steps one call of the runtime takes at most; 100, and fewer of long rows. */
  readonly stepsPerCall?: number
  /** Goes on from here; the model must be as it was then. */
  readonly from?: TrainingState
  readonly runtime?: RuntimeOptions
}

export interface Step {
  /** 0 is the first. */
  readonly number: number
  /** Of the batch, before the step's update, in nats. */
  readonly loss: number
  readonly rate: number
  /** Of the predicted class, where there is one. */
  readonly classLoss?: number
}

/** All that a training needs, beside the model's own numbers, to go on as if it had never stopped. */
export interface TrainingState {
  /** How many steps have been taken. */
  readonly steps: number
  readonly generator: GeneratorState
  readonly batches: BatchesState
  /** The optimizer's memory, and averages where they are kept, by `MOMENT of PARAMETER`. */
  readonly moments: StateDict
}

/** Trains `model` on `data`; see `Training`. */
export const train = (model: Model, data: Dataset, options: TrainOptions): Training =>
  new Training(model, data, options)

/**
 * A training as a stream of steps.
 *
 * The model's numbers are those after the step that was pulled last whenever the stream is at a multiple of `stepsPerCall`, at its
 * end, after `break`, and after `synchronize()`; in between they are older.
 */
export class Training implements AsyncIterable<Step> {
  private readonly model: Model
  readonly data: Dataset
  private readonly optimizer: Optimizer
  private readonly schedule: Schedule
  private readonly steps: number
  private readonly stepsPerCall: number
  private readonly options: TrainOptions
  private readonly generator: Generator
  private readonly batches: Batches
  private compiled?: Promise<CompiledLoop>
  private running?: Running
  /** The state at the beginning of the call whose steps are being handed out. */
  private start: {
    steps: number
    generator: GeneratorState
    batches: BatchesState
    numbers?: Record<string, Numbers>
  }
  /** How many steps have been handed out. */
  private taken: number

  constructor(model: Model, data: Dataset, options: TrainOptions) {
    const { optimizer = sgd(), rate = 0.1, steps, batchSize = 32, from } = options
    const { stepsPerCall = stepsAtOnce(model, batchSize) } = options
    const { generator = new Generator(), batches = uniformBatches } = options
    if (model.contextLength !== data.contextLength)
      throw new UserError(
        `train: the model looks back on ${model.contextLength} symbols, the data on ${data.contextLength}`,
      )
    this.model = model
    this.data = data
    this.optimizer = optimizer
    this.schedule = typeof rate === "number" ? constant(rate) : rate
    this.steps = steps
    this.stepsPerCall = stepsPerCall
    this.options = { ...options, batchSize }
    this.generator = generator
    this.batches = batches(generator, data.count, batchSize)
    if (from) {
      generator.setState(from.generator)
      this.batches.setState(from.batches)
    }
    this.taken = from?.steps ?? 0
    this.start = { steps: this.taken, generator: generator.getState(), batches: this.batches.getState() }
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Step> {
    await this.begin()
    try {
      while (this.taken < this.steps) {
        const first = this.taken
        // Calls end at multiples of stepsPerCall, wherever a training was resumed.
        const count = Math.min(this.steps - first, this.stepsPerCall - (first % this.stepsPerCall))
        this.remember()
        const { loss, classLoss } = await this.advance(first, count)
        for (let k = 0; k < count; k++) {
          this.taken = first + k + 1
          if (k === count - 1) this.publish()
          yield {
            number: first + k,
            loss: Number(loss[k]),
            rate: this.schedule(first + k),
            ...(classLoss && { classLoss: Number(classLoss[k]) }),
          }
          if (this.ahead < count) break // synchronize() took the call back to here
        }
      }
    } finally {
      await this.synchronize()
    }
  }

  /**
   * Brings the model, and what `state()` says, to the step that was pulled last. In the middle of a call that takes the first
   * of its steps once more.
   */
  async synchronize(): Promise<void> {
    const { running, start, taken } = this
    if (running && start.numbers && taken !== start.steps + this.ahead) await this.replay()
  }

  /**
   * Takes back the step that was pulled last, to look at what went wrong in it: the model is as it was before. Gives the rows
   * that the step read.
   */
  async takeBack(): Promise<Int32Array> {
    this.taken--
    await this.replay()
    return this.batches.next(1)
  }

  /** What a checkpoint keeps beside the model. After `synchronize()`, or at a multiple of `stepsPerCall`. */
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

  /** What `look` finds in the model with the averages of its parameters, where they are kept; buffers are as they are. */
  async averaged<T>(look: () => Promise<T>): Promise<T> {
    if (this.options.ema === undefined) return look()
    const before = this.model.stateDict()
    this.model.loadStateDict({ ...before, ...averagesIn(this.state().moments) })
    try {
      return await look()
    } finally {
      this.model.loadStateDict(before)
    }
  }

  /** Frees the compiled step. The stream frees nothing by itself, for it may be pulled again. */
  async release(): Promise<void> {
    await (await this.compiled)?.release()
  }

  /** How many steps the runtime is ahead of `start`. */
  private ahead = 0

  /** What is remembered of each parameter. */
  private get moments(): readonly string[] {
    return this.options.ema === undefined ? this.optimizer.moments : [...this.optimizer.moments, AVERAGE]
  }

  private firstMoment(moment: string, name: string, { data }: Parameter): Float32Array {
    const kept = this.options.from?.moments[momentName(moment, name)]
    if (kept) return kept.data as Float32Array
    return moment === AVERAGE ? Float32Array.from(data) : new Float32Array(data.length)
  }

  private async begin(): Promise<void> {
    if (this.running) return
    await this.compile()
    const state: Record<string, ArrayLike<number>> = {}
    for (const [name, { data }] of this.model.namedVariables()) state[name] = data
    for (const [name, parameter] of this.model.namedParameters())
      for (const moment of this.moments)
        state[momentName(moment, name)] = this.firstMoment(moment, name, parameter)
    this.running = (await this.compiled!).start(state, wholeNumbers(this.data))
  }

  private remember(): void {
    this.start = {
      steps: this.taken,
      generator: this.generator.getState(),
      batches: this.batches.getState(),
      numbers: this.running!.state(),
    }
    this.ahead = 0
  }

  /** Goes back to the beginning of the call, and takes the steps that have been handed out once more. */
  private async replay(): Promise<void> {
    const { start, taken } = this
    this.running!.restore(start.numbers!)
    this.generator.setState(start.generator)
    this.batches.setState(start.batches)
    this.ahead = 0
    if (taken > start.steps) await this.advance(start.steps, taken - start.steps)
    this.publish()
  }

  private async advance(first: number, count: number): Promise<Record<string, Numbers>> {
    const scalars = Array.from({ length: count }, (_, k) =>
      this.optimizer.scalars(first + k, this.schedule(first + k)),
    )
    const perStep: Record<string, ArrayLike<number>> = { rows: this.batches.next(count) }
    for (const name of Object.keys(scalars[0]))
      perStep[name] = Float32Array.from(scalars, (each) => each[name])
    const outputs = await this.running!.advance(count, perStep)
    this.ahead = count
    return outputs
  }

  private publish(): void {
    const numbers = this.running!.state()
    for (const [name, variable] of this.model.namedVariables()) variable.data = numbers[name] as Float32Array
  }
}

/** What a call reads lies ready for all of its steps, as one-hot rows too. */
const stepsAtOnce = ({ contextLength: T, vocabularySize: V }: Model, batchSize: number): number =>
  Math.min(100, Math.max(1, Math.floor(2 ** 23 / (batchSize * T * Math.min(V, 256)))))

/** The averages among the moments, by the names of their parameters. */
export function averagesIn(moments: StateDict): StateDict {
  const start = momentName(AVERAGE, "")
  return Object.fromEntries(
    Object.entries(moments).flatMap(([key, value]) =>
      key.startsWith(start) ? [[key.slice(start.length), value]] : [],
    ),
  )
}
