/**
 * The parameters of makemore's recurrent cells: each layer reads the input and the state side by side, [x, h] (B, inputs + H).
 * Source: makemore.py's RNNCell and GRUCell, https://github.com/karpathy/makemore.
 */
import { Tensor } from "../tensor/tensor.ts"
import { Linear } from "./linear.ts"
import { RecurrentCell } from "./recurrent-cell.ts"

/** The layers of a cell are numbered fields: in a checkpoint they are `0.weight`, `0.bias`, `1.weight`, and so on. */
export abstract class JointCell extends RecurrentCell {
  private readonly inputs: number

  constructor(inputs: number, hidden: number, states = 1) {
    super(hidden, states)
    this.requireSizes({ inputs })
    this.inputs = inputs
  }

  override extraRepr() {
    return { inputSize: this.inputs, hiddenSize: this.hidden }
  }

  /** A layer from [x, h] to G gates side by side: (B, inputs + H) -> (B, G H). */
  protected layer(gates = 1): Linear {
    return Linear.uniform(this.inputs + this.hidden, gates * this.hidden)
  }

  protected join(x: Tensor, h: Tensor): Tensor {
    return Tensor.concat([x, h], -1)
  }

  // (..., inputs) -> (..., inputs): every layer needs the state
  project(x: Tensor): Tensor {
    return x
  }
}
