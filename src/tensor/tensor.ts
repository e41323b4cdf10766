/**
 * The dictionary of the language. A tensor is symbolic: an op, its inputs, and the shape and dtype of the result. Each method is a
 * few lines and has PyTorch's name. Shapes and dtypes that do not fit throw here, while the graph is built.
 */
import { type Displayed, inspect, jupyterDisplay, type Media } from "../display/contract.ts"
import { told } from "../errors.ts"
import { einsum } from "./einsum.ts"
import { interpret, workOf } from "./interpreter.ts"
import { checkDTypes, type DType, firstMisfit, type Kind, type Op } from "./op.ts"
import * as ops from "./ops/index.ts"
import { printed } from "./print.ts"
import { axisOf, requireShape, type Shape, ShapeError, sameShape, show, sizeOf } from "./shape.ts"

/** The second operand of an op; a number means a constant of the tensor's dtype. */
export type Operand = Tensor | number

/** One axis, several, or all of them. */
export type Axes = number | readonly number[] | "all"

/** The most elements and multiplications that are computed to print a tensor: some tens of milliseconds. */
const printedWork = 1e6

type Extents<N extends number, Counted extends number[] = []> = Counted["length"] extends N
  ? Counted
  : Extents<N, [...Counted, number]>

export class Tensor implements Kind, Displayed {
  readonly op: Op
  readonly inputs: readonly Tensor[]
  readonly attributes: unknown
  readonly shape: Shape
  readonly dtype: DType

  constructor(op: Op, inputs: readonly Tensor[], attributes?: unknown) {
    this.op = op
    this.inputs = inputs
    this.attributes = attributes
    const shapes = inputs.map((input) => input.shape)
    this.shape = requireShape(op.name, op.shape(shapes, attributes))
    const dtypes = inputs.map((input) => input.dtype)
    checkDTypes(op, dtypes)
    this.dtype = op.dtype?.(dtypes, attributes) ?? dtypes[0]
  }

  // ── inspection ──

  get rank(): number {
    return this.shape.length
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The extents of a tensor that must have `rank` axes: `const [B, T, C] = x.dims(3)`. */
  dims<N extends 0 | 1 | 2 | 3 | 4>(rank: N): Extents<N> {
    if (this.rank !== rank)
      throw new ShapeError(`${show(this.shape)} has ${this.rank} axes, expected ${rank}`)
    return [...this.shape] as Extents<N>
  }

  /** The values in row-major order, computed by the interpreter in double precision. */
  values(): Float64Array {
    return interpret([this])[0]
  }

  /** The value of a tensor of size 1. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: ${show(this.shape)} has ${this.size} elements, expected one`)
    return this.values()[0]
  }

  /** Shape, dtype and the values as PyTorch prints them; without values if an input has none or computing them takes long. */
  toString(): string {
    const kind = `${this.constructor.name} ${show(this.shape)} ${this.dtype}`
    const { values } = this.shown()
    return values ? `${kind}\n${printed(values, this.shape, this.dtype)}` : kind
  }

  /** The text that Node's console.log shows. */
  [inspect](): string {
    return this.toString()
  }

  /** In a notebook: a table of the values, with long axes abbreviated. */
  async [jupyterDisplay](): Promise<Media> {
    const { tensorHtml } = await import("./tensor-table.ts")
    return { "text/plain": this.toString(), "text/html": tensorHtml(this, this.shown()) }
  }

  /** The values if they are known or soon computed, or why they are not. */
  private shown(): { readonly values?: Float64Array; readonly lacks?: string } {
    if (workOf([this]) > printedWork) return { lacks: "too large to be computed for this" }
    try {
      return { values: this.values() }
    } catch {
      return { lacks: "without values, which an input gets when it is run" }
    }
  }

  // ── binary, with broadcasting ──

  add(other: Operand): Tensor {
    return apply(ops.add, this, other)
  }
  sub(other: Operand): Tensor {
    return apply(ops.sub, this, other)
  }
  mul(other: Operand): Tensor {
    return apply(ops.mul, this, other)
  }
  div(other: Operand): Tensor {
    return apply(ops.div, this, other)
  }
  pow(exponent: Operand): Tensor {
    return apply(ops.pow, this, exponent)
  }
  maximum(other: Operand): Tensor {
    return apply(ops.maximum, this, other)
  }
  minimum(other: Operand): Tensor {
    return apply(ops.minimum, this, other)
  }

  /** Limits each element to the range from `min` to `max`. The gradient passes within the range, bounds included. */
  clamp({ min = -Infinity, max = Infinity }: { min?: number; max?: number }): Tensor {
    const above = min === -Infinity ? this : this.less(min).where(min, this)
    return max === Infinity ? above : above.greater(max).where(max, above)
  }

  // ── unary ──

  neg(): Tensor {
    return apply(ops.neg, this)
  }
  abs(): Tensor {
    return apply(ops.abs, this)
  }
  exp(): Tensor {
    return apply(ops.exp, this)
  }
  log(): Tensor {
    return apply(ops.log, this)
  }
  sqrt(): Tensor {
    return apply(ops.sqrt, this)
  }
  square(): Tensor {
    return this.mul(this)
  }
  reciprocal(): Tensor {
    return apply(ops.div, 1, this)
  }
  floor(): Tensor {
    return apply(ops.floor, this)
  }
  sin(): Tensor {
    return apply(ops.sin, this)
  }
  cos(): Tensor {
    return apply(ops.cos, this)
  }
  erf(): Tensor {
    return apply(ops.erf, this)
  }
  tanh(): Tensor {
    return apply(ops.tanh, this)
  }
  sigmoid(): Tensor {
    return apply(ops.sigmoid, this)
  }
  relu(): Tensor {
    return apply(ops.relu, this)
  }
  /** x σ(x), PyTorch's SiLU. */
  silu(): Tensor {
    return this.mul(this.sigmoid())
  }
  /** WaveNet's gate: (..., 2 D) -> (..., D), tanh of the first half times σ of the second. */
  gatedTanh(axis = -1): Tensor {
    return new Tensor(ops.gatedTanh, [this], { axis: axisOf("gatedTanh", axis, this.shape) })
  }
  gelu({ approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor {
    return new Tensor(ops.gelu, [this], { approximate })
  }
  cast(to: DType): Tensor {
    return to === this.dtype ? this : new Tensor(ops.cast, [this], { to })
  }

  // ── truth values ──

  equal(other: Operand): Tensor {
    return apply(ops.equal, this, other)
  }
  notEqual(other: Operand): Tensor {
    return this.equal(other).logicalNot()
  }
  less(other: Operand): Tensor {
    return apply(ops.less, this, other)
  }
  greater(other: Operand): Tensor {
    return apply(ops.greater, this, other)
  }
  lessEqual(other: Operand): Tensor {
    return this.greater(other).logicalNot()
  }
  greaterEqual(other: Operand): Tensor {
    return this.less(other).logicalNot()
  }
  logicalNot(): Tensor {
    return apply(ops.logicalNot, this)
  }
  logicalAnd(other: Tensor): Tensor {
    return apply(ops.logicalAnd, this, other)
  }
  logicalOr(other: Tensor): Tensor {
    return apply(ops.logicalOr, this, other)
  }
  /** `a` where this condition is true, `b` elsewhere. */
  where(a: Operand, b: Operand): Tensor {
    const like = a instanceof Tensor ? a : b instanceof Tensor ? b : Tensor.scalar(0)
    return new Tensor(ops.where, [this, like.operand(a, "where"), like.operand(b, "where")])
  }

  // ── along axes ──

  sum(axes: Axes = "all", { keepDim = false } = {}): Tensor {
    return this.reduced(ops.sum, axes, keepDim)
  }
  mean(axes: Axes = "all", { keepDim = false } = {}): Tensor {
    const count = this.count("mean", axes)
    return this.sum(axes, { keepDim }).mul(1 / count)
  }
  /** The variance: squared deviations divided by the count minus `correction`. */
  var(axes: Axes = "all", { correction = 1, keepDim = false } = {}): Tensor {
    const count = this.count("var", axes)
    if (count <= correction)
      throw new ShapeError(
        `var: ${count} of ${show(this.shape)} has no variance with a correction of ${correction}`,
      )
    const squares = this.sub(this.mean(axes, { keepDim: true })).square()
    return squares.sum(axes, { keepDim }).mul(1 / (count - correction))
  }
  /** The standard deviation, the square root of `var`. */
  std(axes: Axes = "all", options: { correction?: number; keepDim?: boolean } = {}): Tensor {
    return rootOf(this.var(axes, options))
  }
  /** The vector norm: Euclidean (p = 2), the sum of absolute values (p = 1), or the largest absolute value (p = Infinity). */
  norm(axes: Axes = "all", { p = 2, keepDim = false } = {}): Tensor {
    this.count("norm", axes)
    if (p === 2) return rootOf(this.square().sum(axes, { keepDim }))
    if (p === 1) return this.abs().sum(axes, { keepDim })
    if (p === Infinity) return this.abs().amax(axes, { keepDim })
    throw new RangeError(`norm: p = ${p}: give 1, 2 or Infinity`)
  }
  /** The maximum along the axes. */
  amax(axes: Axes = "all", { keepDim = false } = {}): Tensor {
    return this.reduced(ops.amax, axes, keepDim)
  }
  /** Running sums along an axis, from its end if `reverse`. */
  cumsum(axis: number, { reverse = false } = {}): Tensor {
    return new Tensor(ops.cumsum, [this], { axis: axisOf("cumsum", axis, this.shape), reverse })
  }
  argmax(axis = -1): Tensor {
    return new Tensor(ops.argmax, [this], { axis: axisOf("argmax", axis, this.shape) })
  }
  /** The indices that sort each row along an axis, int32; equal elements keep their order. */
  argsort(axis = -1, { descending = false } = {}): Tensor {
    return new Tensor(ops.argsort, [this], { axis: axisOf("argsort", axis, this.shape), descending })
  }
  /** Reverses broadcasting: sums over the axes along which `shape` was broadcast to this shape. */
  sumTo(shape: Shape): Tensor {
    if (sameShape(this.shape, shape)) return this
    const missing = this.rank - shape.length
    const axes = this.shape.flatMap((extent, axis) =>
      axis < missing || (shape[axis - missing] === 1 && extent !== 1) ? [axis] : [],
    )
    return this.sum(axes, { keepDim: true }).reshape(shape)
  }

  // ── products ──

  matmul(other: Tensor): Tensor {
    return apply(ops.matmul, this, other)
  }
  /** Einstein summation: `Tensor.einsum("bij,bjk->bik", x, y)`. */
  static einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
    return einsum(equation, tensors)
  }

  // ── movement ──

  /** The same values in another shape. One extent may be -1 and is inferred. */
  reshape(shape: Shape): Tensor {
    const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1)
    const whole = shape.map((extent) => (extent === -1 ? this.size / known : extent))
    if (!whole.every((extent) => Number.isInteger(extent) && extent >= 0))
      throw new ShapeError(
        `reshape: ${show(this.shape)} has ${this.size} elements, which do not fit ${show(shape)}`,
      )
    return sameShape(this.shape, whole) ? this : new Tensor(ops.reshape, [this], { shape: whole })
  }
  unsqueeze(axis: number): Tensor {
    return this.reshape(this.shape.toSpliced(axisOf("unsqueeze", axis, [...this.shape, 1]), 0, 1))
  }
  squeeze(axis: number): Tensor {
    const at = axisOf("squeeze", axis, this.shape)
    return this.shape[at] === 1 ? this.reshape(this.shape.toSpliced(at, 1)) : this
  }
  permute(order: readonly number[]): Tensor {
    const whole = order.map((axis) => axisOf("permute", axis, this.shape))
    if (order.length !== this.rank || new Set(whole).size !== this.rank)
      throw new ShapeError(`permute: ${show(order)} does not name each axis of ${show(this.shape)} once`)
    return new Tensor(ops.permute, [this], { order: whole })
  }
  /** Swaps two axes, the last two by default. */
  transpose(first = -2, second = -1): Tensor {
    const [a, b] = [first, second].map((axis) => axisOf("transpose", axis, this.shape))
    return this.permute(this.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)))
  }
  /** One axis from `start` up to but excluding `end`; negative positions count from the end. */
  slice(axis: number, start: number, end: number = Number.POSITIVE_INFINITY): Tensor {
    const at = axisOf("slice", axis, this.shape)
    const extent = this.shape[at]
    const from = start < 0 ? start + extent : start
    const to = Math.min(end < 0 ? end + extent : end, extent)
    if (!(from >= 0 && from < to && Number.isInteger(from) && Number.isInteger(to)))
      throw new ShapeError(`slice: ${start} to ${end} takes nothing of axis ${axis} of ${show(this.shape)}`)
    return to - from === extent ? this : new Tensor(ops.slice, [this], { axis: at, start: from, end: to })
  }
  /** One position of an axis, which is removed: (2, 3, 4) -> (2, 4) along axis 1. A negative index counts from the end. */
  select(axis: number, index: number): Tensor {
    const at = axisOf("select", axis, this.shape)
    const start = index < 0 ? index + this.shape[at] : index
    if (!(Number.isInteger(start) && start >= 0 && start < this.shape[at]))
      throw new ShapeError(`select: axis ${axis} of ${show(this.shape)} has no index ${index}`)
    return this.slice(at, start, start + 1).squeeze(at)
  }
  /** The slices along an axis, which is removed from each. */
  unbind(axis = 0): Tensor[] {
    const at = axisOf("unbind", axis, this.shape)
    return Array.from({ length: this.shape[at] }, (_, index) => this.select(at, index))
  }
  /** Splits an axis into at most `count` parts of equal extent; the last may be smaller. */
  chunk(count: number, axis = 0): Tensor[] {
    const at = axisOf("chunk", axis, this.shape)
    const extent = Math.ceil(this.shape[at] / count)
    if (!(Number.isInteger(count) && count > 0)) throw new RangeError(`chunk: ${count} parts: give 1 or more`)
    return Array.from({ length: Math.ceil(this.shape[at] / extent) }, (_, k) =>
      this.slice(at, k * extent, (k + 1) * extent),
    )
  }
  /** Adds zeros before and after along one axis. */
  pad(axis: number, before: number, after = 0): Tensor {
    if (before === 0 && after === 0) return this
    return new Tensor(ops.pad, [this], { axis: axisOf("pad", axis, this.shape), before, after })
  }
  expand(shape: Shape): Tensor {
    return sameShape(this.shape, shape) ? this : new Tensor(ops.expand, [this], { shape })
  }
  /** (..., T, C) -> (..., T / n, n C): concatenates each n neighbours, as the lecture's tree does (makemore part 5, cell 7). */
  flattenConsecutive(n: number): Tensor {
    const [T, C] = this.shape.slice(-2)
    if (this.rank < 2 || T % n !== 0)
      throw new ShapeError(
        `flattenConsecutive: ${show(this.shape)}: groups of ${n} do not divide the axis before the last`,
      )
    return this.reshape([...this.shape.slice(0, -2), T / n, n * C])
  }

  // ── by index ──

  /** Rows of this table by index: (V, ...) and int32 (...) -> (..., ...). */
  gather(indices: Tensor): Tensor {
    return apply(ops.gather, this, indices)
  }
  /** This table, with the rows at the indices replaced: (V, ...), int32 (N), (N, ...) -> (V, ...). */
  indexCopy(indices: Tensor, rows: Tensor): Tensor {
    return apply(ops.indexCopy, this, indices, rows)
  }
  /** This table, with rows added at the indices, which may repeat: (V, ...), int32 (N), (N, ...) -> (V, ...). */
  indexAdd(indices: Tensor, rows: Tensor): Tensor {
    return apply(ops.indexAdd, this, indices, rows)
  }
  /** Elements of each row by index: (..., V) and int32 (..., K) -> (..., K). */
  takeAlong(indices: Tensor): Tensor {
    return apply(ops.takeAlong, this, indices)
  }
  /** This tensor, with values added to elements of each row: (..., V), int32 (..., K), (..., K) -> (..., V). */
  scatterAdd(indices: Tensor, values: Tensor): Tensor {
    return apply(ops.scatterAdd, this, indices, values)
  }
  oneHot(classes: number): Tensor {
    return new Tensor(ops.oneHot, [this], { classes })
  }

  // ── over the last axis ──

  softmax(): Tensor {
    return apply(ops.softmax, this)
  }
  logSoftmax(): Tensor {
    return apply(ops.logSoftmax, this)
  }
  /** The loss of each row, in nats: logits (..., V), int32 targets (...) -> (...). */
  crossEntropy(targets: Tensor): Tensor {
    return apply(ops.crossEntropy, this, targets)
  }

  // ── normalization ──

  batchNorm(gamma: Tensor, beta: Tensor, attributes: { epsilon: number; correction: 0 | 1 }): Tensor {
    return new Tensor(ops.batchNorm, [this, gamma, beta], attributes)
  }
  layerNorm(gamma: Tensor, beta: Tensor, attributes: { epsilon: number }): Tensor {
    return new Tensor(ops.layerNorm, [this, gamma, beta], attributes)
  }
  layerNormStatistic(gamma: Tensor, beta: Tensor, attributes: { epsilon: number; part: 1 | 2 }): Tensor {
    return new Tensor(ops.layerNormStatistic, [this, gamma, beta], attributes)
  }

  // ── leaves ──

  /** A constant from a flat list in row-major order. */
  static constant(values: ArrayLike<number>, shape: Shape = [values.length], dtype: DType = "float32") {
    if (values.length !== sizeOf(shape))
      throw new ShapeError(`constant: ${values.length} values do not fill ${show(shape)}`)
    const at = firstMisfit(values, dtype)
    if (at !== undefined) throw new TypeError(`constant: ${values[at]} at ${at} is not ${dtype}`)
    return new Tensor(ops.constant, [], { values, shape, dtype })
  }
  static scalar(value: number, dtype: DType = "float32"): Tensor {
    return Tensor.constant([value], [], dtype)
  }
  /** One value in every position. */
  static full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
    return Tensor.scalar(value, dtype).expand(shape)
  }
  /** The values from `start` (0 by default) up to but excluding `end`: int32 if the arguments are whole, else float32. */
  static arange(...range: [end: number] | [start: number, end: number, step?: number]): Tensor {
    const [start, end, step = 1] = range.length === 1 ? [0, range[0]] : range
    const length = Math.ceil((end - start) / step)
    if (!(length > 0 && Number.isFinite(length)))
      throw new RangeError(`arange: there is nothing from ${start} to ${end} by ${step}`)
    const values = Array.from({ length }, (_, k) => start + k * step)
    const whole = [start, end, step].every(Number.isInteger)
    return Tensor.constant(values, [length], whole ? "int32" : "float32")
  }
  /** An input. Its values are given to a run by name. */
  static input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
    return new Tensor(ops.input, [], { name, shape, dtype })
  }
  /** Uniform random numbers in [0, 1), determined by the counter, an int32 scalar. */
  static rand(counter: Tensor, shape: Shape): Tensor {
    return new Tensor(ops.rand, [counter], { shape })
  }
  static concat(tensors: readonly Tensor[], axis = 0): Tensor {
    if (tensors.length === 0) throw new RangeError("concat: there are no tensors: give at least one")
    return tensors.length === 1
      ? tensors[0]
      : new Tensor(ops.concat, tensors, { axis: axisOf("concat", axis, tensors[0].shape) })
  }
  /** Joins tensors of one shape along a new axis. */
  static stack(tensors: readonly Tensor[], axis = 0): Tensor {
    const raised = tensors.map((tensor) => tensor.unsqueeze(axis))
    return Tensor.concat(raised, axis)
  }

  /** A number as a constant of this tensor's dtype; a tensor unchanged. Errors name the op. */
  operand(value: Operand, name = "operand"): Tensor {
    if (value instanceof Tensor) return value
    if (typeof value !== "number")
      throw new TypeError(`${name}: ${told(value)} is neither a tensor nor a number: give one of them`)
    if (firstMisfit([value], this.dtype) !== undefined)
      throw new TypeError(`${name}: ${value} is not ${this.dtype}: cast the tensor to float32 first`)
    return Tensor.scalar(value, this.dtype)
  }
  private reduced(op: Op, axes: Axes, keepDim: boolean): Tensor {
    const list = this.axes(op.name, axes)
    return list.length === 0 ? this : new Tensor(op, [this], { axes: list, keepDim })
  }
  /** The number of elements along the axes. Refuses a dtype that has no mean. */
  private count(name: string, axes: Axes): number {
    if (this.dtype !== "float32") throw new TypeError(`${name} takes float32, got ${this.dtype}: cast first`)
    return this.axes(name, axes).reduce((product, axis) => product * this.shape[axis], 1)
  }

  private axes(name: string, axes: Axes): number[] {
    if (axes === "all") return this.shape.map((_, axis) => axis)
    const list = [axes].flat().map((axis) => axisOf(name, axis, this.shape))
    if (new Set(list).size !== list.length)
      throw new ShapeError(
        `${name}: ${show(this.shape)} has the axes ${list.join(", ")}: give each axis once`,
      )
    return list.sort((a, b) => a - b)
  }
}

/** √x, with a gradient of 0 at 0 as in PyTorch's norm and std. */
function rootOf(x: Tensor): Tensor {
  const zero = x.equal(0)
  return zero.where(0, zero.where(1, x).sqrt())
}

/** Applies an op without attributes to operands of which at least one is a tensor. */
function apply(op: Op<undefined>, ...operands: readonly Operand[]): Tensor {
  const like = operands.find((operand) => operand instanceof Tensor)!
  const inputs = operands.map((operand) => like.operand(operand, op.name))
  return new Tensor(op, inputs)
}
