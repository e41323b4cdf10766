/**
 * What recurrent cells are: a step from one state to the next, of which the part that needs no state can be done for all
 * positions at once. Source: torch.nn.RNNCell, GRUCell and LSTMCell, which keep their parameters alike.
 */
import { ShapeError, show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { axesReversed, uniform } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/**
 * The parameters of a cell with G gates, uniform within ±1 / √H at first. PyTorch's weight_ih and weight_hh are the transposes of
 * weightIh and weightHh; its bias_ih and bias_hh are biasIh and biasHh. Gates lie side by side in PyTorch's order.
 */
export abstract class RecurrentCell extends Layer {
  readonly weightIh: Parameter // (inputs, G H)
  readonly weightHh: Parameter // (H, G H)
  readonly biasIh?: Parameter // (G H)
  readonly biasHh?: Parameter // (G H)
  readonly hidden: number
  private readonly states: number

  /** @param states How many tensors (B, H) its state is. */
  protected constructor(
    inputs: number,
    hidden: number,
    { gates, states, bias }: { gates: number; states: number; bias: boolean },
  ) {
    super()
    const initial = axesReversed(uniform(1 / Math.sqrt(hidden)))
    this.weightIh = new Parameter([inputs, gates * hidden], initial)
    this.weightHh = new Parameter([hidden, gates * hidden], initial)
    if (bias) {
      this.biasIh = new Parameter([gates * hidden], initial)
      this.biasHh = new Parameter([gates * hidden], initial)
    }
    this.hidden = hidden
    this.states = states
  }

  /** The part of a step that needs no state: (..., inputs) -> (..., G H). */
  abstract project(x: Tensor): Tensor

  /** The rest of it: (B, G H) and the state -> the next state. The first tensor of a state is the cell's output. */
  abstract advance(projected: Tensor, state: readonly Tensor[]): Tensor[]

  /** A state of zeros for B rows. */
  start(B: number): Tensor[] {
    return Array.from({ length: this.states }, () => Tensor.full([B, this.hidden], 0))
  }

  /** (B, inputs) and the state, tensors (B, H) -> the next state. */
  step(x: Tensor, state: readonly Tensor[] = this.start(x.shape[0])): Tensor[] {
    return this.advance(this.project(x), state)
  }

  // (B, inputs), state -> (B, H)
  forward(x: Tensor, state?: readonly Tensor[]): Tensor {
    return this.step(x, state)[0]
  }

  /** Both biases as one, for cells that add them in one place. */
  protected get bias(): Tensor | undefined {
    return this.biasIh && this.biasHh && this.biasIh.add(this.biasHh)
  }

  protected affine(x: Tensor, weight: Parameter, bias?: Tensor): Tensor {
    const [inputs] = weight.shape
    if (x.shape.at(-1) !== inputs)
      throw new ShapeError(
        `${this.constructor.name}: ${show(x.shape)} ends in ${x.shape.at(-1)}, the cell takes ${inputs} numbers there`,
      )
    const y = x.matmul(weight)
    return bias ? y.add(bias) : y
  }

  /** The gates, each (B, H), of all of them side by side (B, G H). */
  protected gates(together: Tensor): Tensor[] {
    const { hidden } = this
    return Array.from({ length: together.shape[1] / hidden }, (_, k) =>
      together.slice(1, k * hidden, (k + 1) * hidden),
    )
  }
}
