/** A layer is a module from one tensor to one tensor. Modules with other inputs declare their own forward. Source: torch.nn.Module. */
import { told } from "../errors.ts"
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export abstract class Layer extends Module {
  abstract forward(x: Tensor): Tensor

  /** Throws a RangeError unless these arguments of the constructor, by name, are sizes. */
  protected requireSizes(sizes: Readonly<Record<string, number>>): void {
    for (const [name, size] of Object.entries(sizes))
      if (!(Number.isSafeInteger(size) && size > 0))
        throw new RangeError(
          `${this.constructor.name}: ${name} = ${told(size)}: give a whole number of at least 1`,
        )
  }

  /** Throws a ShapeError unless the last axis of x has this many elements. */
  protected requireWidth(x: Tensor, width: number): void {
    if (x.shape.at(-1) === width) return
    const { name } = this.constructor
    throw new ShapeError(
      `${name}: ${show(x.shape)} ends in ${x.shape.at(-1)}, the layer takes ${width} inputs`,
    )
  }
}

/** A plain function as a layer without parameters. */
export class Lambda extends Layer {
  private readonly apply: (x: Tensor) => Tensor

  constructor(apply: (x: Tensor) => Tensor) {
    super()
    this.apply = apply
  }

  override extraRepr() {
    return { function: this.apply.name || String(this.apply) }
  }

  // the shapes are the function's
  forward(x: Tensor): Tensor {
    return this.apply(x)
  }
}
