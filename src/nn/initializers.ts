/** Initial values of parameters and buffers, computed in float32 as in PyTorch: equal seeds give equal numbers. Source: torch.nn.init. */
import type { Generator } from "../random/torch.ts"
import { type Shape, sizeOf, stridesOf, walk } from "../tensor/shape.ts"

/** The initial values of a variable of the given shape, drawn from the stream where they are random. */
export type Initializer = (random: Generator, shape: Shape) => Float32Array | Int32Array

const { fround } = Math

export const full =
  (value: number): Initializer =>
  (_, shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

export const zeros = full(0)
export const ones = full(1)

/** N(0, 1) divided by `divisor`, times `gain`. */
export const normal =
  ({ divisor = 1, gain = 1 } = {}): Initializer =>
  (random, shape) => {
    const numbers = random.randn(sizeOf(shape))
    const by = fround(divisor)
    return numbers.map((x) => fround(fround(x / by) * fround(gain)))
  }

/** Uniform between -bound and bound. torch.nn.Linear and torch.nn.RNN have bound 1 / √inputs. */
export const uniform =
  (bound: number): Initializer =>
  (random, shape) =>
    random.uniform(sizeOf(shape), -bound, bound)

/** Draws with the axes in reverse order, PyTorch's for the weights of linear, recurrent and convolution layers. */
export const axesReversed =
  (initializer: Initializer): Initializer =>
  (random, shape) => {
    const drawn = initializer(random, shape.toReversed())
    const numbers = drawn.slice()
    let at = 0
    walk(shape, [stridesOf(shape.toReversed()).toReversed()], ([from]) => {
      numbers[at++] = drawn[from]
    })
    return numbers
  }
