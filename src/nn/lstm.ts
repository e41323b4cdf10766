/** The long short-term memory, from a whole sequence to its outputs. Source: torch.nn.LSTM with batch_first. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"
import { LSTMCell } from "./lstm-cell.ts"
import { unroll } from "./unroll.ts"

/** `numLayers` cells, each reading the one below. PyTorch names the parameters of `cells.k` weight_ih_lk and so on: see RecurrentCell. */
export class LSTM extends Layer {
  readonly cells: readonly LSTMCell[]

  constructor(inputs: number, hidden: number, { numLayers = 1, bias = true } = {}) {
    super()
    this.cells = Array.from(
      { length: numLayers },
      (_, layer) => new LSTMCell(layer === 0 ? inputs : hidden, hidden, { bias }),
    )
  }

  // (B, T, inputs), of each layer [h (B, H), c (B, H)] or zeros -> (B, T, H)
  forward(x: Tensor, states: readonly (readonly Tensor[])[] = []): Tensor {
    return this.cells.reduce((y, cell, layer) => unroll(cell, y, states[layer]).outputs, x)
  }
}
