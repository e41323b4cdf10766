/** The leaves of a model: parameters, which an optimizer changes, and buffers, which a forward pass updates. Source: torch.nn.Parameter. */
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import type { DType } from "../tensor/op.ts"
import { input } from "../tensor/ops/index.ts"
import { type Shape, ShapeError, sameShape, show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Initializer } from "./initializers.ts"

type Numbers = Float32Array | Int32Array

export class Variable extends Tensor {
  readonly initializer: Initializer
  private numbers?: Numbers

  constructor(name: string, shape: Shape, dtype: DType, initializer: Initializer) {
    super(input, [], { name, shape, dtype, read: () => this.data })
    this.initializer = initializer
  }

  /**
   * Its values in row-major order. If they were never set, the first read draws them from the default generator: a model too large for
   * memory can still be summarized.
   */
  get data(): Numbers {
    this.numbers ??= this.initializer(defaultGenerator, this.shape)
    return this.numbers
  }

  set data(numbers: Numbers) {
    if (numbers.length !== this.size)
      throw new ShapeError(`data: ${numbers.length} values do not fill ${show(this.shape)}`)
    this.requireArray(numbers, "data: a")
    this.numbers = numbers
  }

  /** Throws a TypeError unless the array is of the dtype's type. The bits of 16-bit floats, for one, are not float32. */
  requireArray(numbers: unknown, name: string): void {
    const Wanted = this.dtype === "int32" ? Int32Array : Float32Array
    if (numbers instanceof Wanted) return
    const given = Object(numbers).constructor?.name
    throw new TypeError(`${name} ${given} in place of the ${Wanted.name} of ${this.dtype}: convert it first`)
  }

  initialize(random: Generator): void {
    this.data = this.initializer(random, this.shape)
  }
}

/** A leaf that an optimizer changes. */
export class Parameter extends Variable {
  constructor(shape: Shape, initializer: Initializer) {
    super("parameter", shape, "float32", initializer)
  }
}

/** A leaf that a forward pass in training updates, such as a running mean. */
export class Buffer extends Variable {
  constructor(shape: Shape, initializer: Initializer, dtype: "float32" | "int32" = "float32") {
    super("buffer", shape, dtype, initializer)
  }

  /** Its value at this point of the running trace: the last update, or the buffer itself. A layer called twice updates it twice. */
  get latest(): Tensor {
    return traces.findLast((updates) => updates.has(this))?.get(this) ?? this
  }

  /** Records the next value with the running trace; `data` stays as it is. Outside of a trace nothing happens. */
  update(next: Tensor): void {
    if (next.dtype !== this.dtype || !sameShape(next.shape, this.shape))
      throw new ShapeError(
        `update: ${show(next.shape)} ${next.dtype} does not fit a buffer of ${show(this.shape)} ${this.dtype}`,
      )
    traces.at(-1)?.set(this, next)
  }
}

/** The updates of each running trace, the innermost last. */
const traces: Map<Buffer, Tensor>[] = []

/** Runs a forward pass and collects its updates of buffers. Unless it throws, a trace around it has them too. */
export function collectUpdates<T>(forward: () => T): { result: T; updates: ReadonlyMap<Buffer, Tensor> } {
  const updates = new Map<Buffer, Tensor>()
  traces.push(updates)
  try {
    return { result: forward(), updates }
  } catch (error) {
    updates.clear()
    throw error
  } finally {
    traces.pop()
    for (const [buffer, next] of updates) traces.at(-1)?.set(buffer, next)
  }
}
