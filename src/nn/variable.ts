/**
 * The leaves that a model owns: parameters, which training changes by their gradients, and buffers, which a forward pass
 * changes itself. Each is a shape and a recipe for its first numbers.
 */
import type { Generator } from "../random/torch.ts"
import type { DType } from "../tensor/op.ts"
import { input } from "../tensor/ops/index.ts"
import { type Shape, ShapeError, show, sizeOf } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"

/** Fills a shape with first numbers, drawn from the stream or not. */
export type Recipe = (random: Generator, shape: Shape) => Float32Array | Int32Array

type Numbers = Float32Array | Int32Array

class Variable extends Tensor {
  readonly recipe: Recipe
  private readonly holder: { data?: Numbers }
  private readonly read: () => Numbers

  constructor(name: string, shape: Shape, dtype: DType, recipe: Recipe) {
    const holder: { data?: Numbers } = {}
    // Memory is taken when it is asked for: of a model that is too large for any there is only its size to tell.
    const read = () => {
      holder.data ??= dtype === "int32" ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
      return holder.data
    }
    super(input, [], { name, shape, dtype, read })
    this.recipe = recipe
    this.holder = holder
    this.read = read
  }

  /** Its numbers, in row-major order. */
  get data(): Numbers {
    return this.read()
  }

  set data(numbers: Numbers) {
    if (numbers.length !== this.size)
      throw new ShapeError(`data: ${numbers.length} numbers do not fill ${show(this.shape)}`)
    this.holder.data = numbers
  }

  initialize(random: Generator): void {
    this.data = this.recipe(random, this.shape)
  }
}

/** What an optimizer changes. */
export class Parameter extends Variable {
  constructor(shape: Shape, recipe: Recipe) {
    super("parameter", shape, "float32", recipe)
  }
}

/** What a forward pass in training changes: it sets `next`, and whoever runs the step carries that over. */
export class Buffer extends Variable {
  next?: Tensor

  constructor(shape: Shape, recipe: Recipe, dtype: "float32" | "int32" = "float32") {
    super("buffer", shape, dtype, recipe)
  }
}
