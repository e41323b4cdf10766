/**
 * Reverse-mode differentiation from graph to graph: gradients are tensors too. Each op's record has its own rule; this file calls
 * the rules in reverse topological order and adds up the results.
 */
import { topological } from "./interpreter.ts"
import { ShapeError, sameShape, show } from "./shape.ts"
import { Tensor } from "./tensor.ts"

/**
 * d y / d x for each x of `xs`, in their shapes; zeros where y does not depend on x.
 *
 * @param seed The gradient of y, 1 by default. A scale put here needs no multiplication later.
 */
export function gradients(y: Tensor, xs: readonly Tensor[], seed: Tensor = Tensor.scalar(1)): Tensor[] {
  if (y.size !== 1 && sameShape(seed.shape, []))
    throw new ShapeError(
      `gradients: ${show(y.shape)} is not a scalar: take the mean or the sum, or give a seed of this shape`,
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
