/** Layers applied one after another. Source: makemore part 5, cell 7; torch.nn.Sequential. */
import type { Tensor } from "../tensor/tensor.ts"
import { Lambda, Layer } from "./layer.ts"

export class Sequential extends Layer {
  readonly layers: readonly Layer[]

  /** @param layers Layers, and plain functions of a tensor, each of which becomes a `Lambda`. */
  constructor(layers: readonly (Layer | ((x: Tensor) => Tensor))[]) {
    super()
    this.layers = layers.map((layer) => (typeof layer === "function" ? new Lambda(layer) : layer))
  }

  // layers.2.weight here, 2.weight there
  override torchForm() {
    return { rename: (path: string) => path.replace("layers.", "") }
  }

  // input of the first layer -> output of the last
  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y), x)
  }
}
