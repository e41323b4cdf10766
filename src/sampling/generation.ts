/**
 * A running loop that generates symbols: many steps a call, what the model keeps stays with the runtime, and the noise for the draws is
 * refilled from the random stream as they use it up.
 */
import type { Model } from "../models/model.ts"
import type { Generator } from "../random/torch.ts"
import { compileLoop } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { type GenerationStepOptions, stepsPerCall, traceGeneration } from "./generation-step.ts"
import type { Choice } from "./probabilities.ts"

export interface StartOptions {
  readonly generator: Generator
  readonly choice: Choice
  /** Ids of symbols that are never drawn. */
  readonly never?: readonly number[]
  /** The first symbol that each slot reads. */
  readonly first: ArrayLike<number>
  /** Values of inputs that are the same in every step, other than the choice and the noise. */
  readonly whole?: Record<string, ArrayLike<number>>
}

/** B sequences that grow. */
export interface Generation {
  /** Takes up to `stepsPerCall` steps: the symbols drawn, or given and not -1, B for each step. */
  advance(steps: number, perStep?: Record<string, ArrayLike<number>>): Promise<Int32Array>
}

/** Loops of a model with its current parameters, one for each set of sampling settings, compiled on first use. */
export function generationLoops(
  model: Model,
  {
    runtime,
    ...options
  }: Pick<GenerationStepOptions, "batchSize" | "restartAfterStop"> & { runtime?: RuntimeOptions },
) {
  const { batchSize: B } = options
  const { vocabularySize: V } = model
  const constants = model.namedVariables().map(([, leaf]) => ({ leaf, data: leaf.data.slice() }))
  const loops = new Map<string, ReturnType<typeof compiled>>()

  async function compiled(choice: readonly (keyof Choice)[], masks: boolean) {
    const body = traceGeneration(model, { ...options, choice, masks })
    /** The state before the first symbol. */
    const zeros: Record<string, Float32Array> = Object.fromEntries(
      Object.entries(body.carried).map(([name, { now }]) => [name, new Float32Array(now.size)]),
    )
    return { loop: await compileLoop({ ...body, constants }, runtime), zeros }
  }

  return {
    /** Starts B slots. `choice` has been checked. */
    async start({ generator, choice, never = [], first, whole }: StartOptions): Promise<Generation> {
      const { temperature = 1, topK = V, topP = 1 } = choice
      const chosen = {
        ...(temperature !== 1 && { temperature: [temperature] }),
        ...(topK < V && { topK: [topK] }),
        ...(topP < 1 && { topP: [topP] }),
      }
      /** (B, stepsPerCall, V), with density e^-x: for the next draws of each slot, in the order of the stream. */
      const noise = generator.exponential(B * stepsPerCall * V)
      let drawn = new Int32Array(B)
      const names = Object.keys(chosen) as (keyof Choice)[]
      const masks = never.length > 0
      const mask = new Float32Array(V)
      for (const id of never) mask[id] = -Infinity
      const key = `${names} ${masks}`
      if (!loops.has(key)) loops.set(key, compiled(names, masks))
      const { loop, zeros } = await loops.get(key)!
      const running = loop.start(
        { ...zeros, symbol: first },
        { ...whole, ...chosen, ...(masks && { mask }), noise, drawnBefore: drawn },
      )
      return {
        async advance(steps, { given = new Int32Array(steps * B).fill(-1), ...series } = {}) {
          const { next } = await running.advance(steps, { given, ...series })
          const before = drawn
          drawn = Int32Array.from(running.state().drawn)
          // Each slot drops the noise it has used, moves the rest up, and appends more.
          for (const [b, total] of drawn.entries()) {
            const used = (total - before[b]) * V
            const own = noise.subarray(b * stepsPerCall * V, (b + 1) * stepsPerCall * V)
            own.copyWithin(0, used)
            own.set(generator.exponential(used), own.length - used)
          }
          running.replace("noise", noise)
          running.replace("drawnBefore", drawn)
          return next as Int32Array
        },
      }
    },

    async release(): Promise<void> {
      for (const each of loops.values()) await (await each).loop.release()
    },
  }
}
