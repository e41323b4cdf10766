/** First numbers of parameters and buffers. Arithmetic in float32, as PyTorch does it, so that equal seeds give equal numbers. */
import { sizeOf, stridesOf, walk } from "../tensor/shape.ts"
import type { Recipe } from "./variable.ts"

const { fround } = Math

export const full =
  (value: number): Recipe =>
  (_, shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

export const zeros = full(0)
export const ones = full(1)

/** N(0, 1) divided by `divisor`, times `gain`. */
export const normal =
  ({ divisor = 1, gain = 1 } = {}): Recipe =>
  (random, shape) => {
    const numbers = random.randn(sizeOf(shape))
    const by = fround(divisor)
    return numbers.map((x) => fround(fround(x / by) * fround(gain)))
  }

/** Uniform between -bound and bound: torch.nn.Linear's and torch.nn.RNN's, with bound 1 / √inputs. */
export const uniform =
  (bound: number): Recipe =>
  (random, shape) =>
    random.uniform(sizeOf(shape), -bound, bound)

/**
 * Drawn with the axes in reverse order, which is PyTorch's order for the weights of linear, recurrent and convolution layers:
 * equal seeds give equal numbers there too.
 */
export const axesReversed =
  (recipe: Recipe): Recipe =>
  (random, shape) => {
    const drawn = recipe(random, shape.toReversed())
    const numbers = drawn.slice()
    let at = 0
    walk(shape, [stridesOf(shape.toReversed()).toReversed()], ([from]) => {
      numbers[at++] = drawn[from]
    })
    return numbers
  }
