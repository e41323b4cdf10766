/**
 * In training, each element is zeroed with probability p, and the others are scaled by 1 / (1 - p); in evaluation nothing happens.
 * Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html; torch.nn.Dropout.
 */
import { UserError } from "../errors.ts"
import { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"
import { Sequential } from "./sequential.ts"
import { Buffer } from "./variable.ts"

export class Dropout extends Layer {
  /** Counts calls from a random start. The mask depends on it alone, so a resumed run has the masks of an uninterrupted one. */
  readonly counter: Buffer // int32 ()
  private readonly p: number

  constructor(p = 0.5) {
    super()
    if (!(p >= 0 && p < 1)) throw new UserError(`Dropout: p = ${p}: give a probability from 0 to below 1`)
    this.p = p
    this.counter = new Buffer([], (random) => random.randint(0, 2 ** 30, 1), "int32")
  }

  override torchForm() {
    return { lacks: ["counter"] }
  }

  override extraRepr() {
    return { p: this.p }
  }

  // (...) -> (...)
  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x
    const counter = this.counter.latest
    this.counter.update(counter.add(1))
    const kept = Tensor.rand(counter, x.shape).less(this.p).logicalNot().cast("float32")
    return x.mul(kept.mul(1 / (1 - this.p)))
  }
}

/**
 * The dropout of a model, which it uses in several places; undefined at probability 0, so that its step and its checkpoint have no trace
 * of one. As the last field it draws no number before a parameter does: parameters start as they do without it.
 */
export const dropoutOf = (p: number): Dropout | undefined => (p > 0 ? new Dropout(p) : undefined)

/** A layer, and behind it the dropout of its model, if any, as one layer: those after it keep their places. */
export const withDropout = (layer: Layer, dropout: Dropout | undefined): Layer =>
  dropout ? new Sequential([layer, (x) => dropout.forward(x)]) : layer
