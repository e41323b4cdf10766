/**
 * The long short-term memory: only gates change its second state, so that it can last.
 * Source: Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; Gers et al. 2000 for the forget gate;
 * torch.nn.LSTMCell and LSTM.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { JointCell } from "./joint-cell.ts"
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"
import { SplitCell } from "./split-cell.ts"

/**
 * The gates are the quarters of x W_ih + b_ih + h W_hh + b_hh, in PyTorch's order i (input), f (forget), g (candidate), o (output):
 *
 *   c' = σ(f) c + σ(i) tanh(g)
 *   h' = σ(o) tanh(c')
 *
 * The state is [h, c]. `step` returns both, as PyTorch's cell does, and `forward` returns h.
 */
export class LSTMCell extends SplitCell {
  constructor(inputs: number, hidden: number, { bias = true } = {}) {
    super(inputs, hidden, { gates: 4, states: 2, bias })
  }

  // (..., inputs) -> (..., 4 H)
  project(x: Tensor): Tensor {
    return this.affine(x, this.weightIh, this.bias)
  }

  // (B, 4 H), [h (B, H), c (B, H)] -> [h (B, H), c (B, H)]
  advance(projected: Tensor, [h, c]: readonly Tensor[]): Tensor[] {
    return remember(this.gates(this.affine(h, this.weightHh, projected)), c)
  }
}

/** The same with the gates in [x, h] W + b. */
export class JointLSTMCell extends JointCell {
  readonly 0 = this.layer(4)

  constructor(inputs: number, hidden: number) {
    super(inputs, hidden, 2)
  }

  // (B, inputs), [h (B, H), c (B, H)] -> [h (B, H), c (B, H)]
  advance(x: Tensor, [h, c]: readonly Tensor[]): Tensor[] {
    return remember(this.gates(this[0].forward(this.join(x, h))), c)
  }
}

/** The gates before their nonlinearities, and c -> [h', c']. */
function remember([i, f, g, o]: readonly Tensor[], c: Tensor): Tensor[] {
  const memory = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
  return [o.sigmoid().mul(memory.tanh()), memory]
}

/** Layers of LSTMCell, from a whole sequence to its outputs: torch.nn.LSTM with batch_first. */
export class LSTM extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions) {
    super(LSTMCell, inputs, hidden, options)
  }
}
