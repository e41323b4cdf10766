/**
 * How time enters a causal model: the verbs by which a position reads the positions before it. A model is written once, in these verbs,
 * and runs in two ways:
 *
 *   whole       over sequences of T positions: a shift is a slice, a recurrence an unrolled loop, attention a masked product
 *   stepwise    one position at a time, T = 1 (stepwise.ts): a shift is a queue, a recurrence a carried state, attention a cache
 *
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, for the queues.
 */
import { ShapeError } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Convolution } from "./convolution.ts"
import type { Layer } from "./layer.ts"
import type { Linear } from "./linear.ts"
import type { RecurrentCell } from "./recurrent-cell.ts"

/** A layer that turns each position of a slow series into `stride` positions: (B, S, inputs) -> (B, S stride, outputs). */
export interface Upsampling extends Layer {
  /** Output k, int32 (B), of a single position: (B, inputs) -> (B, outputs). */
  at(x: Tensor, k: Tensor): Tensor
}

/** A causal convolution with a condition h: y = convolution(x) + V h. */
export interface Conditioned {
  readonly convolution: Convolution & { forward(x: Tensor, options: { axis: 0 | 1 }): Tensor }
  readonly condition?: Linear // V
}

export interface Shift {
  /** The value before the start, (1, C); zeros by default. */
  readonly fill?: Tensor | 0
  /** The axis of time, 0 or 1; 1 by default. */
  readonly axis?: number
}

/** The verb that a stack of convolutions needs. */
export type DilatedPast = Pick<Past, "convolutions">

export interface Past {
  /** x as it was n positions earlier: (B, T, C) -> (B, T, C). */
  shift(x: Tensor, n: number, options?: Shift): Tensor

  /** Each position beside the n - 1 before it, itself first, `fill` (1, C) before the start: (B, T, C) -> (B, T, n C). */
  window(x: Tensor, n: number, fill: Tensor): Tensor

  /**
   * Dilated convolutions, as functions (T, B, inputs) -> (T, B, outputs) to call one after another. Their weights have the same shape.
   * Naming them up front allows one product for the earlier inputs of all.
   *
   * @param condition h, (T, B, H), or (1, B, H) if it is the same at each position.
   */
  convolutions(layers: readonly Conditioned[], condition?: Tensor): readonly ((x: Tensor) => Tensor)[]

  /** The outputs of a recurrent cell: (B, T, inputs) and its first state -> (B, T, H). */
  scan(cell: RecurrentCell, x: Tensor, start: readonly Tensor[]): Tensor

  /** x of all positions so far: (B, heads, T, D), or with room for all positions of a sequence. */
  all(x: Tensor): Tensor

  /** Scores (B, heads, T, T) of `all` positions, minus infinity for later ones. */
  hideLater(scores: Tensor): Tensor

  /** The mean of x over the positions so far: (B, T, E) -> (B, T, E). */
  mean(x: Tensor): Tensor

  /**
   * The rows of a table for the positions, to add to x: (T, E) or (B, 1, E), or with time on axis 0 (T, 1, E) or (1, B, E). Throws a
   * ShapeError if the table has fewer.
   */
  positions(table: Tensor, T: number, options?: { readonly axis?: 0 | 1 }): Tensor

  /** A slower series beside T positions: (B, ⌈T / stride⌉, inputs) -> (B, T, outputs). */
  upsample(series: Tensor, stride: number, T: number, layer: Upsampling): Tensor

  /**
   * Runs a network on steps of `stride` positions of x (B, T, R), side by side (B, T / stride, stride R), and brings its output back to the
   * pace of x: (B, T, C). A step's output begins at its last position; there are zeros before the first.
   */
  coarsely(
    x: Tensor,
    stride: number,
    network: (x: Tensor, past: DilatedPast) => Tensor,
    layer: Upsampling,
  ): Tensor
}

/**
 * The rows (T, 1) and columns (1, T) of a (T, T) matrix, from which ops compute it: as a list of values it would take memory before the
 * estimate sees it.
 */
function places(T: number): [row: Tensor, column: Tensor] {
  const positions = Tensor.arange(T)
  return [positions.unsqueeze(1), positions.unsqueeze(0)]
}

/** The past of whole sequences, which begin at their first position. */
export const whole: Past = {
  shift(x, n, { fill = 0, axis = 1 } = {}) {
    const T = x.shape[axis]
    if (fill === 0) return n < T ? x.slice(axis, 0, T - n).pad(axis, n) : Tensor.full(x.shape, 0)
    const blanks = fill.expand(x.shape.with(axis, n))
    return Tensor.concat([blanks, x], axis).slice(axis, 0, T)
  },

  window(x, n, fill) {
    const [B, T, C] = x.dims(3)
    if (n === 1) return x
    const extended = Tensor.concat([fill.expand([B, n - 1, C]), x], 1)
    const copies = Array.from({ length: n }, (_, back) => extended.slice(1, n - 1 - back, n - 1 - back + T))
    return Tensor.concat(copies, -1)
  },

  convolutions: (layers, condition) =>
    layers.map(({ convolution, condition: V }) => (x: Tensor) => {
      const y = convolution.forward(x, { axis: 0 })
      return V && condition ? y.add(V.forward(condition)) : y
    }),

  // Source: Werbos 1990, backpropagation through time.
  scan(cell, x, start) {
    let state = start
    const outputs = cell
      .project(x)
      .unbind(1)
      .map((projected) => {
        state = cell.advance(projected, state)
        return state[0]
      })
    return Tensor.stack(outputs, 1)
  },

  all: (x) => x,

  hideLater(scores) {
    const [row, column] = places(scores.shape.at(-1)!)
    return scores.add(column.greater(row).where(-Infinity, 0))
  },

  mean(x) {
    const [, T] = x.dims(3)
    const [row, column] = places(T)
    const shares = Array.from({ length: T }, (_, t) => 1 / (t + 1))
    return column
      .greater(row)
      .where(0, Tensor.constant(shares, [T, 1]))
      .matmul(x)
  },

  positions(table, T, { axis = 1 } = {}) {
    const [most] = table.shape
    if (T > most)
      throw new ShapeError(
        `${T} symbols are too many for a model with ${most} positions: give at most ${most}`,
      )
    const rows = table.slice(0, 0, T)
    return axis === 1 ? rows : rows.unsqueeze(1)
  },

  upsample: (series, _stride, T, layer) => layer.forward(series).slice(1, 0, T),

  coarsely(x, stride, network, layer) {
    const [B, T, R] = x.dims(3)
    const steps = Math.max(1, Math.floor(T / stride))
    const length = steps * stride
    const known = length > T ? x.pad(1, 0, length - T) : x.slice(1, 0, length)
    const y = network(known.reshape([B, steps, stride * R]), whole)
    return layer
      .forward(y)
      .pad(1, stride - 1, stride)
      .slice(1, 0, T)
  },
}
