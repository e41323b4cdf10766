/**
 * The gated recurrent network: gates of the symbol and the state decide which elements of the state are kept and which are replaced.
 *
 *   x (B, E), h (B, H) ─ [x, h] ─ (B, E + H) ─┬─ Linear ─ σ ─ update z (B, H)
 *                                             └─ Linear ─ σ ─ reset  r (B, H)
 *                        [x, r ⊙ h] ─ (B, E + H) ─ Linear ─ tanh ─ candidate ĥ (B, H)
 *                        h' = (1 - z) ⊙ h + z ⊙ ĥ
 *
 * Source: makemore.py's GRUCell, https://github.com/karpathy/makemore; Cho et al. 2014, https://arxiv.org/abs/1406.1078, section 2.3.
 */
import { JointGRUCell } from "../nn/gru.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class GRUModel extends Recurrent {
  static readonly description = "a recurrent network with gates that keep or replace its state"

  constructor(config: RecurrentConfig) {
    super(config, JointGRUCell)
  }
}
