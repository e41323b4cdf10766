/**
 * An affine map, x W + b. Source: makemore part 5, cell 7; He et al. 2015, https://arxiv.org/abs/1502.01852; torch.nn.Linear, whose
 * weight is (outputs, inputs).
 */
import type { Tensor } from "../tensor/tensor.ts"
import { axesReversed, type Initializer, normal, uniform, zeros } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** W starts at N(0, gain² / inputs), so that inputs of variance 1 give outputs of variance gain²; b starts at 0. */
export class Linear extends Layer {
  readonly weight: Parameter // (inputs, outputs)
  readonly bias?: Parameter // (outputs)

  constructor(
    inputs: number,
    outputs: number,
    {
      bias = true,
      gain = 1,
      weight,
    }: { bias?: boolean | Initializer; gain?: number; weight?: Initializer } = {},
  ) {
    super()
    this.requireSizes({ inputs, outputs })
    this.weight = new Parameter([inputs, outputs], weight ?? normal({ divisor: Math.sqrt(inputs), gain }))
    if (bias) this.bias = new Parameter([outputs], bias === true ? zeros : bias)
  }

  /** Initialized as torch.nn.Linear: W and b uniform within ±1 / √inputs, with the same numbers from the same seed. */
  static uniform(inputs: number, outputs: number, { bias = true } = {}): Linear {
    const weight = axesReversed(uniform(1 / Math.sqrt(inputs)))
    return new Linear(inputs, outputs, { weight, bias: bias && weight })
  }

  // (inputs, outputs) here, (outputs, inputs) there
  override torchForm() {
    return { reversed: ["weight"] }
  }

  override extraRepr() {
    const [inFeatures, outFeatures] = this.weight.shape
    return { inFeatures, outFeatures, bias: this.bias !== undefined }
  }

  // (..., inputs) -> (..., outputs)
  forward(x: Tensor): Tensor {
    this.requireWidth(x, this.weight.shape[0])
    const y = x.matmul(this.weight)
    return this.bias ? y.add(this.bias) : y
  }
}
