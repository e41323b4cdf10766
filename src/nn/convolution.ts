/**
 * What convolutions along time are: a few shifted copies of the input side by side, and one matrix product over all positions.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.1, for the dilation; torch.nn.Conv1d.
 */
import { UserError } from "../errors.ts"
import { ShapeError, show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"
import { axesReversed, uniform } from "./recipes.ts"
import { Parameter } from "./variable.ts"

export interface ConvolutionOptions {
  /** How far apart the K inputs of an output lie. */
  dilation?: number
  /** The channels fall into as many groups, and an output channel reads the inputs of its own group. */
  groups?: number
  bias?: boolean
}

/** Weight and bias start uniform within ±1 / √(K inputs / groups). PyTorch's weight is (outputs, inputs / groups, K). */
export abstract class Convolution extends Module {
  readonly weight: Parameter // (K, inputs / groups, outputs)
  readonly bias?: Parameter // (outputs)
  /** How many inputs lie between the first and the last that an output reads, the last included: (K - 1) dilation. */
  protected readonly reach: number
  readonly dilation: number
  private readonly groups: number

  constructor(
    inputs: number,
    outputs: number,
    kernelSize: number,
    { dilation = 1, groups = 1, bias = true }: ConvolutionOptions = {},
  ) {
    super()
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new UserError(
        `${this.constructor.name}: ${groups} groups do not divide ${inputs} inputs and ${outputs} outputs: give a divisor of both`,
      )
    const recipe = axesReversed(uniform(1 / Math.sqrt((kernelSize * inputs) / groups)))
    this.weight = new Parameter([kernelSize, inputs / groups, outputs], recipe)
    if (bias) this.bias = new Parameter([outputs], recipe)
    this.reach = (kernelSize - 1) * dilation
    this.dilation = dilation
    this.groups = groups
  }

  /** y[t] = Σₖ x[t + k dilation - before] W[k] + b, with zeros around x: (B, T, inputs) -> (B, before + T + after - reach, outputs). */
  protected convolve(x: Tensor, before: number, after: number): Tensor {
    const { dilation, groups, reach } = this
    const [K, width, outputs] = this.weight.shape
    const [B, T, inputs] = x.dims(3)
    const length = before + T + after - reach
    if (inputs !== width * groups || length < 1)
      throw new ShapeError(
        `${this.constructor.name}: ${show(x.shape)}: wants (B, T, ${width * groups}) with T above ${reach - before - after}`,
      )
    const copies = Array.from({ length: K }, (_, k) => shifted(x, k * dilation - before, length))
    let y: Tensor // (B, length, outputs)
    if (groups === 1) y = Tensor.concat(copies, 2).matmul(this.weight.reshape([K * width, outputs]))
    else {
      // Groups to the front, and a product for each.
      const rows = Tensor.stack(copies, 2)
        .reshape([B * length, K, groups, width])
        .permute([2, 0, 1, 3])
        .reshape([groups, B * length, K * width])
      const weights = this.weight
        .reshape([K, width, groups, outputs / groups])
        .permute([2, 0, 1, 3])
        .reshape([groups, K * width, outputs / groups])
      y = rows.matmul(weights).permute([1, 0, 2]).reshape([B, length, outputs])
    }
    return this.bias ? y.add(this.bias) : y
  }
}

/** `length` positions of x from `start` on, zeros where it has none: (B, T, C) -> (B, length, C). */
function shifted(x: Tensor, start: number, length: number): Tensor {
  const [B, T, C] = x.dims(3)
  const from = Math.max(start, 0)
  const to = Math.min(start + length, T)
  if (from >= to) return Tensor.full([B, length, C], 0)
  return x.slice(1, from, to).pad(1, from - start, start + length - to)
}
