/**
 * The contract of recurrent cells: a step from one state to the next, in two parts, so that the part that needs no state can be
 * computed for all positions at once. Source: torch.nn.RNNCell, GRUCell and LSTMCell.
 *
 * H is the width of a state
 */
import { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export abstract class RecurrentCell extends Layer {
  /** H. */
  readonly hidden: number
  /** How many tensors (B, H) a state has. */
  readonly states: number

  protected constructor(hidden: number, states: number) {
    super()
    this.requireSizes({ hidden })
    this.hidden = hidden
    this.states = states
  }

  /** The part of a step that needs no state: (..., inputs) -> (..., P), the first argument of `advance`. */
  abstract project(x: Tensor): Tensor

  /** The rest of a step: (B, P) and the state -> the next state, whose first tensor is the cell's output. */
  abstract advance(projected: Tensor, state: readonly Tensor[]): Tensor[]

  /** A state of zeros for B rows. */
  start(B: number): Tensor[] {
    return Array.from({ length: this.states }, () => Tensor.full([B, this.hidden], 0))
  }

  /** (B, inputs) and the state, zeros by default -> the next state. */
  step(x: Tensor, state: readonly Tensor[] = this.start(x.shape[0])): Tensor[] {
    return this.advance(this.project(x), state)
  }

  // (B, inputs), state -> (B, H)
  forward(x: Tensor, state?: readonly Tensor[]): Tensor {
    return this.step(x, state)[0]
  }

  /** Splits gates side by side, (B, G H), into G tensors (B, H). */
  protected gates(together: Tensor): Tensor[] {
    return together.chunk(together.shape[1] / this.hidden, 1)
  }
}
