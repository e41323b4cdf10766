/**
 * A step of the gated recurrent network: each number of the state is kept or replaced, as input and state decide.
 * Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, section 2.3; torch.nn.GRUCell.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { RecurrentCell } from "./recurrent-cell.ts"

/**
 * With gates in PyTorch's order r (reset), z (keep), n (candidate):
 *
 *   r = σ(x W_ir + b_ir + h W_hr + b_hr)
 *   z = σ(x W_iz + b_iz + h W_hz + b_hz)
 *   n = tanh(x W_in + b_in + r (h W_hn + b_hn))
 *   h' = (1 - z) n + z h
 *
 * The paper and makemore.py reset the state before its product; makemore's z is 1 - z here.
 */
export class GRUCell extends RecurrentCell {
  constructor(inputs: number, hidden: number, { bias = true } = {}) {
    super(inputs, hidden, { gates: 3, states: 1, bias })
  }

  // (..., inputs) -> (..., 3 H)
  project(x: Tensor): Tensor {
    return this.affine(x, this.weightIh, this.biasIh)
  }

  // (B, 3 H), [h (B, H)] -> [h (B, H)]
  advance(projected: Tensor, [h]: readonly Tensor[]): Tensor[] {
    const [ofX, ofH] = [projected, this.affine(h, this.weightHh, this.biasHh)].map((all) => this.gates(all))
    const [r, z] = [0, 1].map((k) => ofX[k].add(ofH[k]).sigmoid())
    const n = ofX[2].add(r.mul(ofH[2])).tanh()
    return [n.add(z.mul(h.sub(n)))]
  }
}
