/**
 * The classifier of whole sequences: the mean over a network's outputs, and two small layers.
 *
 *   y (B, T, S) ─ mean over the counted positions ─ (B, S) ─ Linear ─ ReLU ─ Linear ─ logits of the classes (B, C)
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 3.4, where the mean is of 10 ms of speech.
 */
import { Layer } from "../nn/layer.ts"
import { Linear } from "../nn/linear.ts"
import type { Tensor } from "../tensor/tensor.ts"

export class ClassHead extends Layer {
  readonly hidden: Linear // (S) -> (S)
  readonly head: Linear // (S) -> (C)

  constructor(width: number, classes: number) {
    super()
    this.hidden = Linear.uniform(width, width)
    this.head = Linear.uniform(width, classes)
  }

  /** @param counted bool (B, T), true somewhere in each sequence; all positions by default. */
  // (B, T, S) -> (B, C)
  forward(y: Tensor, counted?: Tensor): Tensor {
    const weights = counted?.cast("float32").unsqueeze(2)
    const mean = weights ? y.mul(weights).sum(1).div(weights.sum(1)) : y.mean(1)
    return this.head.forward(this.hidden.forward(mean).relu())
  }
}
