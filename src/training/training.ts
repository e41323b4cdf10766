/** A training: takes steps, many in one call of the runtime, and reports its progress. */
import { type Batches, uniformBatches } from "../data/batches.ts"
import { interruptible } from "../display/interruption.ts"
import type { Module, StateDict } from "../nn/module.ts"
import type { Parameter } from "../nn/variable.ts"
import { type Schedule, scheduleOf } from "../optim/schedules.ts"
import { sgd } from "../optim/sgd.ts"
import { Generator } from "../random/torch.ts"
import { type CompiledLoop, compileLoop, type Running } from "../runtime/compile.ts"
import type { Numbers } from "../runtime/session.ts"
import { type Columns, type Table, tableOf } from "./columns.ts"
import { DivergenceError } from "./divergence.ts"
import { type LossFunction, lossFor } from "./loss.ts"
import { frozenParameters, resolveGroups, type TrainedGroup } from "./parameter-groups.ts"
import { frozenName, type Slot, scalarName, slotName, type TracedStep, traceStep } from "./step.ts"
import { checkOptions, type TrainOptions } from "./train-options.ts"
import { checkMoments, type TrainingProgress, type TrainingState } from "./training-state.ts"

/** Modules that a step is being taken on. Two steps at once would start from the same numbers, and one would be lost. */
const advancing = new WeakSet<Module>()

/**
 * `advance` takes steps, and iterating calls it until all are taken. Between two pulls the module's parameters and buffers and `state()`
 * are those after `step` steps. Not pulling pauses the training, and `break` leaves it there. The next pull starts from the module's
 * current values, whatever was assigned in between.
 */
export class Training implements AsyncIterable<TrainingProgress> {
  readonly module: Module
  readonly data: Columns
  readonly loss: LossFunction
  private readonly options: TrainOptions
  private readonly table: Table
  private readonly groups: readonly TrainedGroup[]
  private readonly schedule: Schedule
  private readonly generator: Generator
  private readonly batches: Batches
  private compiled?: Promise<{ readonly step: TracedStep; readonly loop: CompiledLoop }>
  private running?: Running
  /** The arrays that the module and the loop share. A variable with another array was assigned to since. */
  private readonly published = new Map<string, Numbers>()
  private taken: number
  private released = false

  constructor(
    module: Module,
    data: Columns,
    options: TrainOptions & { readonly loss?: LossFunction<never> },
  ) {
    checkOptions(options)
    const { optimizer = sgd(), rate = 0.1, batchSize = 32, groups = [], from } = options
    const { generator = new Generator(), batches = uniformBatches } = options
    this.module = module
    this.data = data
    this.loss = lossFor(module, options.loss)
    this.options = options
    this.table = tableOf(data)
    this.groups = resolveGroups(module, groups, optimizer, rate)
    this.schedule = scheduleOf(rate)
    this.generator = generator
    this.batches = batches(generator, this.table.count, batchSize)
    this.taken = from?.steps ?? 0
    if (from) {
      checkMoments(from.moments, this.groups)
      this.rewindStreams(from)
    }
  }

  /** The number of steps taken. */
  get step(): number {
    return this.taken
  }

  /** The number of steps in all. */
  get steps(): number {
    return this.options.steps
  }

  /**
   * Traces and compiles the step, unless that has been done, and returns its ONNX model, which outlasts a release. `showsShapes` adds the
   * shape of every value, for those who read it.
   */
  async compile({ showsShapes = false } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { loop } = await (this.compiled ?? this.open())
    return showsShapes ? loop.withShapes() : loop.model
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingProgress> {
    const { steps } = this.options
    const requireGoingOn = interruptible() // from before the compilation, which takes a moment
    const { every = stepsPerCall((await this.open()).loop) } = this.options
    while (this.taken < steps) {
      requireGoingOn(() => {
        const [taken, all] = [this.taken, steps].map((count) => count.toLocaleString("en"))
        return `the model is as it was after ${taken} of ${all} steps, and the training can go on from there`
      })
      yield await this.advance((Math.floor(this.taken / every) + 1) * every)
    }
  }

  /**
   * Takes steps until `to` of them have been taken, at most all of the training's. How a training is cut into calls changes no number.
   * A loss that is not finite throws a `DivergenceError`.
   */
  async advance(to: number): Promise<TrainingProgress> {
    if (advancing.has(this.module))
      throw new Error(
        "advance: steps of an earlier call, of this training or another, are being taken on this module: await it first",
      )
    advancing.add(this.module)
    try {
      return await this.take(to)
    } finally {
      advancing.delete(this.module)
    }
  }

  private async take(to: number): Promise<TrainingProgress> {
    const first = this.taken
    const last = Math.min(to, this.options.steps)
    if (!(Number.isInteger(last) && last > first))
      throw new RangeError(`advance: to step ${last} after ${first}: give a later step`)
    const { loop } = await this.open()
    const running = await this.begin()
    const rates = Float64Array.from({ length: last - first }, (_, k) => this.schedule(first + k))
    const outputs: Record<string, Float32Array> = {}
    while (this.taken < last) {
      const before = { taken: this.taken, numbers: running.state(), streams: this.streams() }
      const rewind = () => {
        running.restore(before.numbers)
        this.rewindStreams(before.streams)
        this.taken = before.taken
      }
      const done = this.taken - first
      try {
        const found = await this.call(running, Math.min(last - this.taken, stepsPerCall(loop)))
        for (const [name, values] of Object.entries(found)) {
          outputs[name] ??= new Float32Array(last - first)
          outputs[name].set(values, done)
        }
      } catch (error) {
        rewind()
        this.publish(running)
        throw error
      }
      const losses = outputs.loss.subarray(done, this.taken - first)
      const bad = losses.findIndex((loss) => !Number.isFinite(loss))
      if (bad < 0) continue
      rewind()
      if (bad > 0) await this.call(running, bad)
      this.publish(running)
      throw new DivergenceError({
        step: this.taken,
        loss: losses[bad],
        rate: rates[done + bad],
        rows: this.nextRows(),
        before: seriesOf(outputs, rates, done + bad),
      })
    }
    this.publish(running)
    const series = seriesOf(outputs, rates, last - first)
    return { step: last, loss: series.losses.at(-1)!, rate: rates.at(-1)!, ...series }
  }

  /** The state to resume from, besides the module's parameters and buffers. */
  state(): TrainingState {
    const numbers = this.running?.state()
    const moments: Record<string, StateDict> = {}
    const averages: StateDict = {}
    for (const { slot, name, parameter } of this.slots()) {
      if (slot !== "average") moments[slot.moment] ??= {}
      const kept = slot === "average" ? averages : moments[slot.moment]
      const data = (numbers?.[slotName(slot, name)] as Float32Array) ?? this.first(slot, name, parameter)
      kept[name] = { shape: parameter.shape, data }
    }
    return {
      steps: this.taken,
      ...this.streams(),
      moments,
      ...(this.options.ema !== undefined && { averages }),
    }
  }

  /** The result of `look` while the module holds the averages of its parameters, if the training keeps them. Buffers stay as they are. */
  async averaged<T>(look: () => Promise<T>): Promise<T> {
    const { averages = {} } = this.state()
    const parameters = this.module.namedParameters().filter(([name]) => name in averages)
    const before = parameters.map(([, { data }]) => data)
    for (const [name, parameter] of parameters) parameter.data = averages[name].data
    try {
      return await look()
    } finally {
      for (const [k, [, parameter]] of parameters.entries()) parameter.data = before[k]
    }
  }

  /** Frees the compiled step. Iterating to the end does not, so that the training can be continued. */
  async release(): Promise<void> {
    this.released = true
    await (await this.compiled)?.loop.release()
  }

  private open() {
    if (this.released)
      throw new Error("train: this training was released: begin another, with { from: training.state() }")
    const { module, table, loss, groups, batches, options } = this
    this.compiled ??= (async () => {
      const { batchSize } = batches
      const { clipNorm, ema, runtime } = options
      const step = traceStep(module, table, { batchSize, loss, groups, clipNorm, ema })
      return { step, loop: await compileLoop(step, runtime) }
    })()
    return this.compiled
  }

  /** The state of the loop besides the module's parameters and buffers. */
  private slots() {
    return this.groups.flatMap(({ optimizer, parameters }) =>
      parameters.flatMap(([name, parameter]) => {
        const moments = optimizer.moments.map((moment) => ({ moment }))
        const slots = this.options.ema === undefined ? moments : [...moments, "average" as const]
        return slots.map((slot) => ({ slot, name, parameter }))
      }),
    )
  }

  private first(slot: Exclude<Slot, "numbers">, name: string, { data }: Parameter): Float32Array {
    const { from } = this.options
    const kept = slot === "average" ? from?.averages : from?.moments[slot.moment]
    if (kept?.[name]) return kept[name].data as Float32Array
    return slot === "average" ? Float32Array.from(data) : new Float32Array(data.length)
  }

  /** The loop, holding the module's current values. */
  private async begin(): Promise<Running> {
    const { step, loop } = await this.open()
    const { module, published } = this
    const assigned = module.namedVariables().filter(([name, { data }]) => data !== published.get(name))
    for (const [name, { data }] of assigned) published.set(name, data)
    const numbers = Object.fromEntries(assigned.map(([name, { data }]) => [name, data]))
    const frozen = frozenParameters(module, this.groups)
    if (!this.running) {
      for (const { slot, name, parameter } of this.slots())
        numbers[slotName(slot, name)] = this.first(slot, name, parameter)
      const whole = frozen.map(([name, { data }]) => [frozenName(name), data])
      this.running = loop.start(numbers, { ...step.numbers, ...Object.fromEntries(whole) })
    } else if (assigned.length > 0) {
      for (const [name, { data }] of frozen) this.running.replace(frozenName(name), data)
      this.running.restore({ ...this.running.state(), ...numbers })
    }
    return this.running
  }

  /** The states of the generator and of the batches drawn from it. */
  private streams() {
    return { generator: this.generator.getState(), batches: this.batches.getState() }
  }

  private rewindStreams({ generator, batches }: Pick<TrainingState, "generator" | "batches">): void {
    this.generator.setState(generator)
    this.batches.setState(batches)
  }

  /** The rows that the next step reads. */
  private nextRows(): Int32Array {
    const before = this.streams()
    const rows = this.batches.next(1)
    this.rewindStreams(before)
    return rows
  }

  /** Takes `count` steps in one call of the runtime. */
  private async call(running: Running, count: number): Promise<Record<string, Numbers>> {
    const perStep: Record<string, ArrayLike<number>> = { rows: this.batches.next(count) }
    for (const group of this.groups) {
      const steps = Array.from({ length: count }, (_, k) => this.taken + k)
      const scalars = steps.map((step) => group.optimizer.scalars(step, group.schedule(step)))
      for (const name of Object.keys(scalars[0]))
        perStep[scalarName(name, group)] = Float32Array.from(scalars, (each) => each[name])
    }
    const outputs = await running.advance(count, perStep)
    this.taken += count
    return outputs
  }

  private publish(running: Running): void {
    const numbers = running.state()
    for (const [name, variable] of this.module.namedVariables()) {
      if (!(name in numbers)) continue // frozen
      variable.data = numbers[name] as Float32Array
      this.published.set(name, variable.data)
    }
  }
}

/** The steps of a call. Their inputs are computed for all of them at once, in at most 64 MiB. */
const stepsPerCall = ({ stackedSize }: CompiledLoop): number =>
  Math.min(100, Math.max(1, Math.floor(2 ** 24 / stackedSize)))

/** The series of the first `count` steps. */
function seriesOf({ loss, ...others }: Record<string, Float32Array>, rates: Float64Array, count: number) {
  return {
    losses: loss.subarray(0, count),
    rates: rates.subarray(0, count),
    reports: Object.fromEntries(Object.entries(others).map(([name, all]) => [name, all.subarray(0, count)])),
  }
}
