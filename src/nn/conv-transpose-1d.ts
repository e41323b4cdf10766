/**
 * A transposed convolution along time: each position becomes several, for a slow series.
 * Source: torch.nn.ConvTranspose1d; van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.5.
 */
import type { Tensor } from "../tensor/tensor.ts"
import { axesReversed, uniform } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/**
 * Position t of x adds x[t] W[k] to position t stride + k of y, for each k of K. Weight and bias start uniform within
 * ±1 / √(K outputs). Channels last; PyTorch's weight is (inputs, outputs, K).
 */
export class ConvTranspose1d extends Layer {
  readonly weight: Parameter // (K, outputs, inputs)
  readonly bias?: Parameter // (outputs)
  private readonly stride: number

  constructor(inputs: number, outputs: number, kernelSize: number, { stride = 1, bias = true } = {}) {
    super()
    this.requireSizes({ inputs, outputs, kernelSize, stride })
    const initial = axesReversed(uniform(1 / Math.sqrt(kernelSize * outputs)))
    this.weight = new Parameter([kernelSize, outputs, inputs], initial)
    if (bias) this.bias = new Parameter([outputs], initial)
    this.stride = stride
  }

  // (K, outputs, inputs) here, (inputs, outputs, K) there
  override torchForm() {
    return { reversed: ["weight"] }
  }

  override extraRepr() {
    const [kernelSize, outChannels, inChannels] = this.weight.shape
    return { inChannels, outChannels, kernelSize, stride: this.stride, bias: this.bias !== undefined }
  }

  /** Output k of a single position, for K up to the stride, where outputs do not overlap: (B, inputs), int32 (B) -> (B, outputs). */
  at(x: Tensor, k: Tensor): Tensor {
    const y = this.weight.gather(k).matmul(x.unsqueeze(2)).squeeze(2)
    return this.bias ? y.add(this.bias) : y
  }

  // (B, T, inputs) -> (B, (T - 1) stride + K, outputs)
  forward(x: Tensor): Tensor {
    const { stride } = this
    const [K, outputs, inputs] = this.weight.shape
    const [B, T] = x.dims(3)
    this.requireWidth(x, inputs)
    // The K outputs of each position in pieces of `stride`: the k-th pieces of all positions form a sequence without gaps.
    const pieces = Math.ceil(K / stride)
    const all = x
      .matmul(this.weight.reshape([K * outputs, inputs]).transpose())
      .reshape([B, T, K, outputs])
      .pad(2, 0, pieces * stride - K)
      .reshape([B, T, pieces, stride * outputs])
    const y = all
      .unbind(2)
      .map((piece, k) => piece.pad(1, k, pieces - 1 - k))
      .reduce((sum, piece) => sum.add(piece))
      .reshape([B, (T + pieces - 1) * stride, outputs])
      .slice(1, 0, (T - 1) * stride + K)
    return this.bias ? y.add(this.bias) : y
  }
}
