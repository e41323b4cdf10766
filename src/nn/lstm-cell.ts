/**
 * A step of the network with a long short-term memory: a second state that only gates touch, so that it can last.
 * Source: Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; Gers et al. 2000 for the forget gate;
 * torch.nn.LSTMCell.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { RecurrentCell } from "./recurrent-cell.ts"

/**
 * With gates in PyTorch's order i (input), f (forget), g (candidate), o (output), all four of x W_ih + b_ih + h W_hh + b_hh:
 *
 *   c' = σ(f) c + σ(i) tanh(g)
 *   h' = σ(o) tanh(c')
 *
 * Its state is [h, c]: `step` gives both, as PyTorch's cell does, and `forward` gives h.
 */
export class LSTMCell extends RecurrentCell {
  constructor(inputs: number, hidden: number, { bias = true } = {}) {
    super(inputs, hidden, { gates: 4, states: 2, bias })
  }

  // (..., inputs) -> (..., 4 H)
  project(x: Tensor): Tensor {
    return this.affine(x, this.weightIh, this.bias)
  }

  // (B, 4 H), [h (B, H), c (B, H)] -> [h (B, H), c (B, H)]
  advance(projected: Tensor, [h, c]: readonly Tensor[]): Tensor[] {
    const [i, f, g, o] = this.gates(this.affine(h, this.weightHh, projected))
    const memory = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
    return [o.sigmoid().mul(memory.tanh()), memory]
  }
}
