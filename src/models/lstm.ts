/**
 * The network with a long short-term memory: a second state c that only gates touch, so that it can last.
 *
 *   x (B, E), h (B, H) ─ [x, h] ─ (B, E + H) ─ Linear ─ (B, 4 H) ─ σ(i), σ(f), tanh(g), σ(o), each (B, H)
 *                        c' = f ⊙ c + i ⊙ g
 *                        h' = o ⊙ tanh(c')
 *
 * Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate f; torch.nn.LSTMCell for the order of the gates,
 * which has two matrices and two biases where makemore's cells have one. makemore names an LSTM and leaves it to be written.
 */
import { Tensor } from "../tensor/tensor.ts"
import { Recurrent, type RecurrentConfig } from "./recurrent.ts"

export class LSTMModel extends Recurrent {
  constructor(config: RecurrentConfig) {
    super(config, { cell: [4], states: 2 })
  }

  protected advance(x: Tensor, [h, c]: readonly Tensor[]): Tensor[] {
    const H = this.config.hidden
    const [layer] = this.cell
    const gates = layer.forward(Tensor.concat([x, h], -1))
    const [i, f, g, o] = [0, 1, 2, 3].map((k) => gates.slice(-1, k * H, (k + 1) * H))
    const memory = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
    return [o.sigmoid().mul(memory.tanh()), memory]
  }
}
