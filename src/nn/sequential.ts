/** Layers one after the other. A plain function of a tensor is a layer too. Source: makemore part 5, cell 7; torch.nn.Sequential. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"

export type Layer = Module | ((x: Tensor) => Tensor)

export class Sequential extends Module {
  readonly layers: readonly Layer[]

  constructor(layers: readonly Layer[]) {
    super()
    this.layers = layers
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => (layer instanceof Module ? layer.forward(y) : layer(y)), x)
  }
}
