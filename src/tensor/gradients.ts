/**
 * Reverse-mode differentiation, graph to graph: the gradient of a tensor is more tensors. Each op's record says how its
 * output's gradient becomes its inputs'; here they are only called in order and added up.
 */
import { topological } from "./interpreter.ts"
import { ShapeError, sameShape, show } from "./shape.ts"
import { Tensor } from "./tensor.ts"

/**
 * d y / d x for each x of `xs`, in their shapes; zeros where y does not depend on x.
 *
 * @param seed The gradient of y itself: 1 unless told. A scale put here costs nothing further on.
 */
export function gradients(y: Tensor, xs: readonly Tensor[], seed: Tensor = Tensor.scalar(1)): Tensor[] {
  if (y.size !== 1 && sameShape(seed.shape, []))
    throw new ShapeError(
      `gradients: ${show(y.shape)} is not one number: take a mean or a sum, or give a seed of its shape`,
    )
  const order = topological([y])
  const leads = new Set<Tensor>(xs)
  for (const tensor of order) if (tensor.inputs.some((input) => leads.has(input))) leads.add(tensor)

  const incoming = new Map<Tensor, Tensor>([[y, seed.reshape(y.shape)]])
  for (const tensor of order.reverse()) {
    const g = incoming.get(tensor)
    if (!g || !leads.has(tensor) || !tensor.op.gradient) continue
    const outgoing = tensor.op.gradient(g, tensor.inputs, tensor, tensor.attributes)
    tensor.inputs.forEach((input, k) => {
      const more = outgoing[k]
      if (!more || !leads.has(input)) return
      const sofar = incoming.get(input)
      incoming.set(input, sofar ? sofar.add(more) : more)
    })
  }
  return xs.map((x) => incoming.get(x) ?? Tensor.full(x.shape, 0))
}
