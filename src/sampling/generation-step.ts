/**
 * One step of a loop that generates symbols: the next step reads the symbol that this one draws, and nothing is read twice.
 *
 *   symbol, age, int32 (B), and what the model keeps ─ forward ─ logits (B, V) ─ draw ─ symbol, age and state of the next step
 *
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import type { Model } from "../models/model.ts"
import { tracePosition } from "../nn/stepwise.ts"
import { trace } from "../nn/trace.ts"
import type { LoopBody } from "../runtime/compile.ts"
import { Tensor } from "../tensor/tensor.ts"
import { draw } from "./draw.ts"
import type { Choice } from "./probabilities.ts"

/** The most steps of a call: enough that the overhead of a call is small. The noise is for one call. */
export const stepsPerCall = 32

export interface GenerationStepOptions {
  readonly batchSize: number
  /** The sampling settings that the loop takes as inputs. */
  readonly choice: readonly (keyof Choice)[]
  /** Whether some symbols are never drawn: those of which the input `mask`, (V), is -Infinity; of all others it is 0. */
  readonly masks: boolean
  /** Whether a slot starts over with the prompt after a stop or at the maximum length; otherwise it never ends. */
  readonly restartAfterStop: boolean
}

/**
 * B slots with a sequence each. The input `given` of a step, int32 (B), has the next symbols, or -1 to draw one; the output is `next`,
 * int32 (B).
 */
export function traceGeneration(
  model: Model,
  { batchSize: B, choice, masks, restartAfterStop }: GenerationStepOptions,
): Omit<LoopBody, "constants"> {
  const int32 = (name: string, shape: readonly number[] = [B]) => Tensor.input(name, shape, "int32")
  const symbol = int32("symbol")
  const age = int32("age")
  const conditions = model.conditionInputs(B, 1)
  const { label, ...series } = conditions
  const { logits, kept } = trace(model, "evaluation", () =>
    tracePosition({ age, contextLength: model.contextLength }, (past) =>
      model.forward(symbol.unsqueeze(1), { ...conditions, past }),
    ),
  ).result
  const chosen = Object.fromEntries(choice.map((name) => [name, Tensor.input(name, [])]))
  const noise = Tensor.input("noise", [B * stepsPerCall, model.vocabularySize])
  // How many symbols each slot has drawn, and how many it had when the noise was drawn.
  const [drawn, drawnBefore] = [int32("drawn"), int32("drawnBefore")]
  const rows = drawn.sub(drawnBefore).add(Tensor.arange(B).mul(stepsPerCall))
  const mask = masks ? Tensor.input("mask", [model.vocabularySize]) : undefined
  const whole: Record<string, Tensor> = {
    ...chosen,
    noise,
    drawnBefore,
    ...(mask && { mask }),
    ...(label && { label }),
  }

  const given = int32("given")
  let fixed = given
  let nextAge = age.add(1)
  if (restartAfterStop) {
    const T = model.contextLength
    const [prompt, promptLength] = [int32("prompt", [T]), int32("promptLength", [])]
    Object.assign(whole, { prompt, promptLength })
    fixed = age.less(promptLength).where(prompt.gather(age.minimum(T - 1)), given)
  }
  const free = fixed.less(0)
  const next = free.where(draw(mask ? logits.add(mask) : logits, noise.gather(rows), chosen), fixed)
  let read = next
  if (restartAfterStop) {
    whole.maximumLength = int32("maximumLength", [])
    const ends = free.logicalAnd(next.equal(STOP)).logicalOr(nextAge.greaterEqual(whole.maximumLength))
    read = ends.where(STOP, next)
    nextAge = ends.where(0, nextAge)
  }
  return {
    whole,
    perStep: { given, ...series },
    carried: {
      symbol: { now: symbol, next: read },
      age: { now: age, next: nextAge },
      drawn: { now: drawn, next: drawn.add(free.cast("int32")) },
      ...Object.fromEntries(kept.map((each, k) => [`kept ${k}`, each])),
    },
    outputs: { next },
  }
}
