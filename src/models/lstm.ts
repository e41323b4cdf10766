/**
 * The network with a long short-term memory: a second state c that only gates change, so that it can last.
 *
 *   x (B, E), h (B, H) ─ [x, h] ─ (B, E + H) ─ Linear ─ (B, 4 H) ─ σ(i), σ(f), tanh(g), σ(o), each (B, H)
 *                        c' = f ⊙ c + i ⊙ g
 *                        h' = o ⊙ tanh(c')
 *
 * Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate f. makemore names an LSTM and has none.
 */
import { JointLSTMCell } from "../nn/lstm.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class LSTMModel extends Recurrent {
  static readonly description = "a recurrent network with a second state that only gates change"

  constructor(config: RecurrentConfig) {
    super(config, JointLSTMCell)
  }
}
