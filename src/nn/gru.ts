/**
 * The gated recurrent unit: gates decide which elements of the state are kept and which are replaced.
 * Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, section 2.3; torch.nn.GRUCell and GRU; makemore.py's GRUCell.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { JointCell } from "./joint-cell.ts"
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"
import { SplitCell } from "./split-cell.ts"

/**
 * The gates are in PyTorch's order, r (reset), z (keep), n (candidate):
 *
 *   r = σ(x W_ir + b_ir + h W_hr + b_hr)
 *   z = σ(x W_iz + b_iz + h W_hz + b_hz)
 *   n = tanh(x W_in + b_in + r (h W_hn + b_hn))
 *   h' = (1 - z) n + z h
 */
export class GRUCell extends SplitCell {
  constructor(inputs: number, hidden: number, { bias = true } = {}) {
    super(inputs, hidden, { gates: 3, bias })
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

/**
 * The paper's form. It resets the state before the product, and its z is PyTorch's 1 - z:
 *
 *   z = σ([x, h] W_z + b_z)
 *   r = σ([x, h] W_r + b_r)
 *   n = tanh([x, r h] W_n + b_n)
 *   h' = (1 - z) h + z n
 */
export class JointGRUCell extends JointCell {
  readonly 0 = this.layer() // z, makemore's xh_to_z
  readonly 1 = this.layer() // r, makemore's xh_to_r
  readonly 2 = this.layer() // n, makemore's xh_to_hbar

  // (B, inputs), [h (B, H)] -> [h (B, H)]
  advance(x: Tensor, [h]: readonly Tensor[]): Tensor[] {
    const both = this.join(x, h)
    const z = this[0].forward(both).sigmoid()
    const r = this[1].forward(both).sigmoid()
    const n = this[2].forward(this.join(x, r.mul(h))).tanh()
    return [h.add(z.mul(n.sub(h)))]
  }
}

/** Layers of GRUCell, from a whole sequence to its outputs: torch.nn.GRU with batch_first. */
export class GRU extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions) {
    super(GRUCell, inputs, hidden, options)
  }
}
