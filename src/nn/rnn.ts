/** The plain recurrent network. Source: Elman 1990; torch.nn.RNNCell and RNN; makemore.py's RNNCell. */
import type { Tensor } from "../tensor/tensor.ts"
import { JointCell } from "./joint-cell.ts"
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"
import { SplitCell } from "./split-cell.ts"

/** h' = tanh(x W_ih + b_ih + h W_hh + b_hh), or relu in place of tanh. */
export class RNNCell extends SplitCell {
  private readonly nonlinearity: "tanh" | "relu"

  constructor(
    inputs: number,
    hidden: number,
    { nonlinearity = "tanh", bias = true }: { nonlinearity?: "tanh" | "relu"; bias?: boolean } = {},
  ) {
    super(inputs, hidden, { gates: 1, bias })
    this.nonlinearity = nonlinearity
  }

  override extraRepr() {
    return { ...super.extraRepr(), nonlinearity: this.nonlinearity }
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

/** h' = tanh([x, h] W + b). */
export class JointRNNCell extends JointCell {
  readonly 0 = this.layer()

  // (B, inputs), [h (B, H)] -> [h (B, H)]
  advance(x: Tensor, [h]: readonly Tensor[]): Tensor[] {
    return [this[0].forward(this.join(x, h)).tanh()]
  }
}

/** Layers of RNNCell, from a whole sequence to its outputs: torch.nn.RNN with batch_first. */
export class RNN extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions & { nonlinearity?: "tanh" | "relu" }) {
    super(RNNCell, inputs, hidden, options)
  }
}
