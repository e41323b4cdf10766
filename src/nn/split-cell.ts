/** The parameters of PyTorch's recurrent cells: a matrix for the input and another for the state. Source: torch.nn.RNNCellBase. */
import type { Tensor } from "../tensor/tensor.ts"
import { axesReversed, uniform } from "./initializers.ts"
import { RecurrentCell } from "./recurrent-cell.ts"
import { Parameter } from "./variable.ts"

/**
 * A cell of G gates side by side, in PyTorch's order. Parameters start uniform within ±1 / √H. PyTorch's weight_ih and weight_hh are the
 * transposes of weightIh and weightHh.
 */
export abstract class SplitCell extends RecurrentCell {
  readonly weightIh: Parameter // (inputs, G H)
  readonly weightHh: Parameter // (H, G H)
  readonly biasIh?: Parameter // (G H)
  readonly biasHh?: Parameter // (G H)

  protected constructor(
    inputs: number,
    hidden: number,
    { gates, states = 1, bias }: { gates: number; states?: number; bias: boolean },
  ) {
    super(hidden, states)
    this.requireSizes({ inputs })
    const initial = axesReversed(uniform(1 / Math.sqrt(hidden)))
    this.weightIh = new Parameter([inputs, gates * hidden], initial)
    this.weightHh = new Parameter([hidden, gates * hidden], initial)
    if (bias) {
      this.biasIh = new Parameter([gates * hidden], initial)
      this.biasHh = new Parameter([gates * hidden], initial)
    }
  }

  // (inputs, G H) here, (G H, inputs) there
  override torchForm() {
    return { reversed: ["weightIh", "weightHh"] }
  }

  override extraRepr() {
    return { inputSize: this.weightIh.shape[0], hiddenSize: this.hidden, bias: this.biasIh !== undefined }
  }

  /** The sum of both biases, for cells that add them in one place. */
  protected get bias(): Tensor | undefined {
    return this.biasIh && this.biasHh && this.biasIh.add(this.biasHh)
  }

  protected affine(x: Tensor, weight: Parameter, bias?: Tensor): Tensor {
    this.requireWidth(x, weight.shape[0])
    const y = x.matmul(weight)
    return bias ? y.add(bias) : y
  }
}
