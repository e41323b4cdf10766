/** A step of the plain recurrent network. Source: Elman 1990; torch.nn.RNNCell. */
import type { Tensor } from "../tensor/tensor.ts"
import { RecurrentCell } from "./recurrent-cell.ts"

/** h' = tanh(x W_ih + b_ih + h W_hh + b_hh), or relu in tanh's place. */
export class RNNCell extends RecurrentCell {
  private readonly nonlinearity: "tanh" | "relu"

  constructor(
    inputs: number,
    hidden: number,
    { nonlinearity = "tanh", bias = true }: { nonlinearity?: "tanh" | "relu"; bias?: boolean } = {},
  ) {
    super(inputs, hidden, { gates: 1, states: 1, bias })
    this.nonlinearity = nonlinearity
  }

  // (..., inputs) -> (..., H)
  project(x: Tensor): Tensor {
    return this.affine(x, this.weightIh, this.bias)
  }

  // (B, H), [h (B, H)] -> [h (B, H)]
  advance(projected: Tensor, [h]: readonly Tensor[]): Tensor[] {
    return [this.affine(h, this.weightHh, projected)[this.nonlinearity]()]
  }
}
