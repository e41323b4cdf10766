/**
 * Reads slots one position at a time, as `cachedSampler` does, but hands out the logits instead of drawing from them: for those who change
 * them with what no graph holds, such as counts.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import type { Model } from "../models/model.ts"
import { tracePosition } from "../nn/stepwise.ts"
import { trace } from "../nn/trace.ts"
import { compileLoop } from "../runtime/compile.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Reader } from "./slots.ts"

/** For sequences of at most as many positions as the model was made for. Keeps its current parameters. */
export function steppingReader(
  model: Model,
  options: { batchSize: number; runtime?: RuntimeOptions },
): Reader {
  const stepper = openStepper(model, options)
  return {
    async begin(label) {
      const step = await stepper.begin(label)
      return async (slots) => {
        const age = slots.map((slot) => slot?.read ?? 0)
        const symbol = slots.map((slot, b) => slot?.ids[age[b] - 1] ?? STOP)
        for (const slot of slots) if (slot) slot.read++
        return step(symbol, age)
      }
    },
    release: stepper.release,
  }
}

/** Reads one symbol of each of B sequences, (B), at the position `age` of each, (B) -> the logits (B, V) of the symbols after them. */
export type Step = (symbol: ArrayLike<number>, age: ArrayLike<number>) => Promise<Float32Array>

/** Compiles a position of a model with its current parameters, when it first begins. At age 0 a sequence begins. */
export function openStepper(
  model: Model,
  { batchSize: B, runtime }: { batchSize: number; runtime?: RuntimeOptions },
) {
  const constants = model.namedVariables().map(([, leaf]) => ({ leaf, data: leaf.data.slice() }))
  let compiled: ReturnType<typeof compiling> | undefined
  async function compiling() {
    const [symbol, age] = ["symbol", "age"].map((name) => Tensor.input(name, [B], "int32"))
    const conditions = model.conditionInputs(B, 1)
    const { logits, kept } = trace(model, "evaluation", () =>
      tracePosition({ age, contextLength: model.contextLength }, (past) =>
        model.forward(symbol.unsqueeze(1), { ...conditions, past }),
      ),
    ).result
    const carried = Object.fromEntries(kept.map((each, k) => [`kept ${k}`, each]))
    const perStep = { symbol, age }
    const loop = await compileLoop(
      { constants, carried, whole: conditions, perStep, outputs: { logits } },
      runtime,
    )
    const zeros = Object.fromEntries(kept.map(({ now }, k) => [`kept ${k}`, new Float32Array(now.size)]))
    return { loop, zeros }
  }
  return {
    async begin(label: Record<string, ArrayLike<number>> = {}): Promise<Step> {
      compiled ??= compiling()
      const { loop, zeros } = await compiled
      const running = loop.start(zeros, label)
      return async (symbol, age) => (await running.advance(1, { symbol, age })).logits as Float32Array
    },
    release: async (): Promise<void> => (await compiled)?.loop.release(),
  }
}
