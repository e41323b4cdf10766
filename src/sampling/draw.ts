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
  // The largest logit becomes 0 before it is divided: 12 / 1e-40 would be infinite in float32.
  const scaled = temperature ? logits.sub(logits.amax(-1, { keepDim: true })).div(temperature) : logits
  const drawn = choose(scaled.softmax(), exponentials, { topK, topP })
  return temperature ? temperature.equal(0).where(logits.argmax(), drawn) : drawn
}

/** Probabilities (B, V) -> symbols, int32 (B). */
function choose(p: Tensor, exponentials: Tensor, { topK, topP }: ChoiceTensors): Tensor {
  if (!topK && !topP) return p.div(exponentials).argmax()
  const [B, V] = p.dims(2)
  const rows = Tensor.arange(B).mul(V)
  const order = p.argsort(-1, { descending: true }) // (B, V)
  const inOrder = (x: Tensor) => x.reshape([-1]).gather(order.add(rows.unsqueeze(1)))
  const place = Tensor.arange(V)
  let likeliest = inOrder(p)
  if (topK) {
    const least = place.equal(topK.cast("int32").sub(1)).where(likeliest, 0).sum(-1, { keepDim: true })
    likeliest = likeliest.less(least).where(0, likeliest) // keeps symbols as likely as the k-th
  }
  if (topP) {
    const likelier = likeliest.cumsum(-1).pad(1, 1).slice(1, 0, V)
    const wanted = likeliest.sum(-1, { keepDim: true }).mul(topP)
    // If `wanted` is 0 in float32, all become 0, and the first is drawn, which is the likeliest.
    likeliest = likelier.less(wanted).where(likeliest, 0)
  }
  return order.reshape([-1]).gather(likeliest.div(inOrder(exponentials)).argmax().add(rows))
}
