/**
 * The gated recurrent network: each number of the state is kept or replaced, as the symbol and the state decide.
 *
 *   x (B, E), h (B, H) ─ [x, h] ─ (B, E + H) ─┬─ Linear ─ σ ─ update z (B, H)
 *                                             └─ Linear ─ σ ─ reset  r (B, H)
 *                        [x, r ⊙ h] ─ (B, E + H) ─ Linear ─ tanh ─ candidate ĥ (B, H)
 *                        h' = (1 - z) ⊙ h + z ⊙ ĥ
 *
 * Source: makemore.py's GRUCell, https://github.com/karpathy/makemore; Cho et al. 2014, https://arxiv.org/abs/1406.1078, section 2.3.
 * torch.nn.GRUCell differs: it resets the state after its product, and its z is 1 - z here.
 */
import { Tensor } from "../tensor/tensor.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class GRUModel extends Recurrent {
  constructor(config: RecurrentConfig) {
    super(config, { cell: [1, 1, 1] }) // makemore's xh_to_z, xh_to_r and xh_to_hbar
  }

  protected advance(x: Tensor, [h]: readonly Tensor[]): Tensor[] {
    const [update, reset, propose] = this.cell
    const both = Tensor.concat([x, h], -1)
    const z = update.forward(both).sigmoid()
    const r = reset.forward(both).sigmoid()
    const candidate = propose.forward(Tensor.concat([x, r.mul(h)], -1)).tanh()
    return [h.add(z.mul(candidate.sub(h)))] // (1 - z) h + z ĥ
  }
}
