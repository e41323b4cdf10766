/**
 * Convolutions along time: K shifted copies of the input side by side, and one matrix product over all positions.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.1, for the dilation; torch.nn.Conv1d.
 */
import { UserError } from "../errors.ts"
import { Tensor } from "../tensor/tensor.ts"
import { axesReversed, uniform } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** How many positions an output of a stack of causal convolutions depends on: 1 + (kernelSize - 1) Σ dilations. */
export const receptiveField = (dilations: readonly number[], kernelSize: number): number =>
  1 + (kernelSize - 1) * dilations.reduce((total, dilation) => total + dilation, 0)

export interface ConvolutionOptions {
  /** The distance between the K inputs of an output. */
  dilation?: number
  /** The channels are divided into groups, and an output channel reads the input channels of its own group. */
  groups?: number
  bias?: boolean
}

/** Weight and bias start uniform within ±1 / √(K inputs / groups). PyTorch's weight is (outputs, inputs / groups, K). */
export abstract class Convolution extends Layer {
  readonly weight: Parameter // (K, inputs / groups, outputs)
  readonly bias?: Parameter // (outputs)
  readonly dilation: number
  /** How many positions the inputs of an output span: 1 + (K - 1) dilation. */
  readonly receptiveField: number
  private readonly groups: number

  constructor(
    inputs: number,
    outputs: number,
    kernelSize: number,
    { dilation = 1, groups = 1, bias = true }: ConvolutionOptions = {},
  ) {
    super()
    this.requireSizes({ inputs, outputs, kernelSize, dilation, groups })
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new UserError(
        `${this.constructor.name}: ${groups} groups do not divide ${inputs} inputs and ${outputs} outputs: give a divisor of both`,
      )
    const initial = axesReversed(uniform(1 / Math.sqrt((kernelSize * inputs) / groups)))
    this.weight = new Parameter([kernelSize, inputs / groups, outputs], initial)
    if (bias) this.bias = new Parameter([outputs], initial)
    this.receptiveField = receptiveField([dilation], kernelSize)
    this.dilation = dilation
    this.groups = groups
  }

  // (K, inputs / groups, outputs) here, (outputs, inputs / groups, K) there
  override torchForm() {
    return { reversed: ["weight"] }
  }

  override extraRepr() {
    const { dilation, groups } = this
    const [kernelSize, width, outChannels] = this.weight.shape
    return {
      ...{ inChannels: width * groups, outChannels, kernelSize, dilation },
      ...(groups > 1 && { groups }),
      bias: this.bias !== undefined,
    }
  }

  /** The product of K copies of the input, each (M, N, inputs), with the K matrices of the weight: (M, N, outputs). */
  protected product(copies: readonly Tensor[]): Tensor {
    const { groups } = this
    const [K, width, outputs] = this.weight.shape
    const [M, N] = copies[0].dims(3)
    this.requireWidth(copies[0], width * groups)
    let y: Tensor
    if (groups === 1) y = Tensor.concat(copies, 2).matmul(this.weight.reshape([K * width, outputs]))
    else {
      // One product for each group.
      const rows = Tensor.stack(copies, 2)
        .reshape([M * N, K, groups, width])
        .permute([2, 0, 1, 3])
        .reshape([groups, M * N, K * width])
      const weights = this.weight
        .reshape([K, width, groups, outputs / groups])
        .permute([2, 0, 1, 3])
        .reshape([groups, K * width, outputs / groups])
      y = rows.matmul(weights).permute([1, 0, 2]).reshape([M, N, outputs])
    }
    return this.bias ? y.add(this.bias) : y
  }
}
