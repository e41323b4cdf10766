/** The gated recurrent network, from a whole sequence to its states. Source: torch.nn.GRU with batch_first. */
import type { Tensor } from "../tensor/tensor.ts"
import { GRUCell } from "./gru-cell.ts"
import { Layer } from "./layer.ts"
import { unroll } from "./unroll.ts"

/** `numLayers` cells, each reading the one below. PyTorch names the parameters of `cells.k` weight_ih_lk and so on: see RecurrentCell. */
export class GRU extends Layer {
  readonly cells: readonly GRUCell[]

  constructor(inputs: number, hidden: number, { numLayers = 1, bias = true } = {}) {
    super()
    this.cells = Array.from(
      { length: numLayers },
      (_, layer) => new GRUCell(layer === 0 ? inputs : hidden, hidden, { bias }),
    )
  }

  // (B, T, inputs), of each layer [h (B, H)] or zeros -> (B, T, H)
  forward(x: Tensor, states: readonly (readonly Tensor[])[] = []): Tensor {
    return this.cells.reduce((y, cell, layer) => unroll(cell, y, states[layer]).outputs, x)
  }
}
