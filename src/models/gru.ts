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
import { Linear } from "../nn/linear.ts"
import { Tensor } from "../tensor/tensor.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class GRUModel extends Recurrent {
  readonly update: Linear // (E + H) -> (H), makemore's xh_to_z
  readonly reset: Linear // (E + H) -> (H), makemore's xh_to_r
  readonly candidate: Linear // (E + H) -> (H), makemore's xh_to_hbar

  constructor(config: RecurrentConfig) {
    super(config)
    const { embedding, hidden } = this.config
    this.update = Linear.uniform(embedding + hidden, hidden)
    this.reset = Linear.uniform(embedding + hidden, hidden)
    this.candidate = Linear.uniform(embedding + hidden, hidden)
  }

  protected step(x: Tensor, [h]: readonly Tensor[]): Tensor[] {
    const both = Tensor.concat([x, h], -1)
    const z = this.update.forward(both).sigmoid()
    const r = this.reset.forward(both).sigmoid()
    const candidate = this.candidate.forward(Tensor.concat([x, r.mul(h)], -1)).tanh()
    return [h.add(z.mul(candidate.sub(h)))] // (1 - z) h + z ĥ
  }
}
