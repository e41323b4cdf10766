/**
 * The plain recurrent network: the next state is one layer of the symbol and the state before.
 *
 *   x (B, E), h (B, H) ─ [x, h] ─ (B, E + H) ─ Linear ─ tanh ─ h' (B, H)
 *
 * Source: makemore.py's RNNCell, https://github.com/karpathy/makemore; Mikolov et al. 2010, "Recurrent neural network based
 * language model".
 */
import { JointRNNCell } from "../nn/rnn.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class RNNModel extends Recurrent {
  static readonly description = "a recurrent network: a state that each symbol changes"

  constructor(config: RecurrentConfig) {
    super(config, JointRNNCell)
  }
}
