/**
 * The draw as a part of the graph, so that a loop can read what was drawn: the choice of probabilities.ts, and PyTorch's multinomial, in
 * which the largest weight / exponential wins. Sources: as there, and random/torch.ts.
 */
import { Tensor } from "../tensor/tensor.ts"
import type { Choice } from "./probabilities.ts"

/** A choice as scalars of the graph. */
export type ChoiceTensors = { readonly [Name in keyof Choice]?: Tensor }

/** Logits (B, V) and exponentials (B, V) with density e^-x -> symbols, int32 (B). */
export function draw(
  logits: Tensor,
  exponentials: Tensor,
  { temperature, topK, topP }: ChoiceTensors,
): Tensor {
  let p = (temperature ? logits.div(temperature) : logits).softmax()
  if (topK) {
    const { above } = versus(p)
    p = above.cast("float32").sum(-1).less(topK).where(p, 0)
  }
  if (topP) {
    const { above, equalBefore, others } = versus(p)
    const likelier = above.logicalOr(equalBefore).where(others, 0).sum(-1)
    p = likelier.less(p.sum(-1, { keepDim: true }).mul(topP)).where(p, 0)
  }
  return p.div(exponentials).argmax()
}

/** Each probability of p (B, V) against all others: (B, V, V), the others along the last axis. */
function versus(p: Tensor) {
  const [, V] = p.dims(2)
  const [own, others] = [p.unsqueeze(2), p.unsqueeze(1)]
  const earlier = Array.from({ length: V * V }, (_, at) => Number(at % V < Math.floor(at / V)))
  return {
    others,
    above: others.greater(own),
    equalBefore: others.equal(own).logicalAnd(Tensor.constant(earlier, [V, V], "bool")),
  }
}
