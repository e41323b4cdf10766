/**
 * A loop that makes symbols, on its way: many steps a call, what the model keeps stays with the runtime, and the noise that the
 * draws take is laid ready from the stream of random numbers as they take it.
 */
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import { type CompiledLoop, compileLoop, type LoopBody, type Running } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { traceGeneration } from "./generation-step.ts"
import type { Choice } from "./probabilities.ts"

/** The most steps of a call: so many that the call itself takes little beside them. */
export const stepsPerCall = 32

export interface LoopsOptions {
  readonly batchSize: number
  readonly things: boolean
  readonly runtime?: RuntimeOptions
}

export interface StartOptions {
  readonly generator: Generator
  readonly choice: Choice
  /** The symbol that each slot reads first. */
  readonly first: ArrayLike<number>
  /** The numbers of the whole inputs beside the choice and the noise. */
  readonly whole?: Record<string, ArrayLike<number>>
}

interface GenerationLoop {
  readonly loop: Promise<CompiledLoop>
  /** The state that it carries, as it is before anything was read. */
  readonly zeros: Record<string, Float32Array>
}

/** The loops of a model as it was when this was made, compiled when they are first wanted. */
export class GenerationLoops {
  private readonly model: Model
  private readonly options: LoopsOptions
  private readonly constants: LoopBody["constants"]
  private readonly loops = new Map<string, GenerationLoop>()

  constructor(model: Model, options: LoopsOptions) {
    this.model = model
    this.options = options
    this.constants = model.namedVariables().map(([, leaf]) => ({
      leaf,
      data: leaf.data.slice(),
    }))
  }

  /** B slots that begin, with a choice that was checked. */
  async start({ generator, choice, first, whole }: StartOptions): Promise<Generation> {
    const { model } = this
    const { vocabularySize: V } = model
    const { batchSize: B } = this.options
    const { temperature = 1, topK = V, topP = 1 } = choice
    const chosen = {
      ...(temperature !== 1 && { temperature: [temperature] }),
      ...(topK < V && { topK: [topK] }),
      ...(topP < 1 && { topP: [topP] }),
    }
    const noise = new Noise(generator, B, V)
    const none = new Int32Array(B)
    const { loop, zeros } = this.loop(chosen)
    const running = (await loop).start(
      { ...zeros, symbol: first },
      { ...whole, ...chosen, noise: noise.numbers, drawnBefore: none },
    )
    return new Generation(running, noise, B)
  }

  async release(): Promise<void> {
    for (const { loop } of this.loops.values()) await (await loop).release()
  }

  /** @param chosen Has the settings of which the loop takes a value. */
  private loop(chosen: object): GenerationLoop {
    const { model, constants } = this
    const { runtime, ...options } = this.options
    const choice = Object.keys(chosen) as (keyof Choice)[]
    const key = choice.join()
    let known = this.loops.get(key)
    if (!known) {
      const body = traceGeneration(model, { ...options, choice, noiseRows: stepsPerCall })
      known = {
        loop: compileLoop({ ...body, constants }, runtime),
        zeros: Object.fromEntries(
          Object.entries(body.carried).map(([name, { now }]) => [name, new Float32Array(now.size)]),
        ),
      }
      this.loops.set(key, known)
    }
    return known
  }
}

/** B sequences that grow. */
export class Generation {
  private readonly running: Running
  private readonly noise: Noise
  private readonly batchSize: number

  constructor(running: Running, noise: Noise, batchSize: number) {
    this.running = running
    this.noise = noise
    this.batchSize = batchSize
  }

  /** Takes up to `stepsPerCall` steps: the symbols that were drawn, or given and not -1, each step's B side by side. */
  async advance(
    steps: number,
    {
      given = new Int32Array(steps * this.batchSize).fill(-1),
      ...series
    }: Record<string, ArrayLike<number>> = {},
  ): Promise<Int32Array> {
    const { next } = await this.running.advance(steps, { given, ...series })
    const { drawn } = this.running.state()
    this.noise.refill(drawn)
    this.running.replace("noise", this.noise.numbers)
    this.running.replace("drawnBefore", drawn)
    return next as Int32Array
  }
}

/** Numbers with density e^-x, laid ready for each slot in the order in which the stream gives them. */
class Noise {
  /** (B, stepsPerCall, V) */
  readonly numbers: Float32Array
  private readonly generator: Generator
  private readonly V: number
  private before: ArrayLike<number>

  constructor(generator: Generator, B: number, V: number) {
    this.generator = generator
    this.V = V
    this.numbers = generator.exponential(B * stepsPerCall * V)
    this.before = new Int32Array(B)
  }

  /** What the slots took is gone, what they left moves up, and is followed by fresh numbers. */
  refill(drawn: ArrayLike<number>): void {
    const { numbers, V, before, generator } = this
    const width = stepsPerCall * V
    for (let b = 0; b < before.length; b++) {
      const taken = (drawn[b] - before[b]) * V
      const own = numbers.subarray(b * width, (b + 1) * width)
      own.copyWithin(0, taken)
      own.set(generator.exponential(taken), width - taken)
    }
    this.before = Int32Array.from(drawn)
  }
}
