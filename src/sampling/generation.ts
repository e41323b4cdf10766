/**
 * A running loop that generates symbols: many steps a call, what the model keeps stays with the runtime, and the noise for the draws is
 * refilled from the random stream as they use it up.
 */
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import { type CompiledLoop, compileLoop, type LoopBody, type Running } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { traceGeneration } from "./generation-step.ts"
import type { Choice } from "./probabilities.ts"

/** The most steps of a call: enough that the overhead of a call is small. */
export const stepsPerCall = 32

export interface LoopsOptions {
  readonly batchSize: number
  /** See GenerationStepOptions. */
  readonly restartAfterStop: boolean
  readonly runtime?: RuntimeOptions
}

export interface StartOptions {
  readonly generator: Generator
  readonly choice: Choice
  /** The first symbol that each slot reads. */
  readonly first: ArrayLike<number>
  /** Values of inputs that are the same in every step, other than the choice and the noise. */
  readonly whole?: Record<string, ArrayLike<number>>
}

interface GenerationLoop {
  readonly loop: Promise<CompiledLoop>
  /** The state before the first symbol. */
  readonly zeros: Record<string, Float32Array>
}

/** Loops of a model with its current parameters, one for each set of sampling settings, compiled on first use. */
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

  /** Starts B slots. `choice` has been checked. */
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

  /** @param chosen The sampling settings that the loop takes as inputs. */
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

  /** Takes up to `stepsPerCall` steps: the symbols drawn, or given and not -1, B for each step. */
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

/** Numbers with density e^-x for the next draws of each slot, in the order of the stream. */
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

  /** Removes what the slots have used, moves the rest up, and appends new numbers. */
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
