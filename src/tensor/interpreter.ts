/**
 * Runs a graph on the ops' references, at once, in double precision and without a runtime: how one looks at a tensor, and
 * the judge of the compiled form.
 */
import type { Values } from "./op.ts"
import { sizeOf } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** The tensors that `outputs` need, each after its inputs; those that are `known` already, and what is behind them, left out. */
export function topological(outputs: readonly Tensor[], known?: ReadonlyMap<Tensor, unknown>): Tensor[] {
  const order: Tensor[] = []
  const seen = new Set<Tensor>(known?.keys())
  // A stack of our own: a graph of many steps is deeper than JavaScript's.
  const stack: { tensor: Tensor; ready: boolean }[] = outputs
    .map((tensor) => ({ tensor, ready: false }))
    .reverse()
  while (stack.length > 0) {
    const { tensor, ready } = stack.pop()!
    if (ready) order.push(tensor)
    else if (!seen.has(tensor)) {
      seen.add(tensor)
      stack.push({ tensor, ready: true })
      for (const input of tensor.inputs) if (!seen.has(input)) stack.push({ tensor: input, ready: false })
    }
  }
  return order
}

/** How much work it is to interpret `outputs`: the numbers and multiplications of all tensors behind them. */
export function workOf(outputs: readonly Tensor[]): number {
  let work = 0
  for (const { op, inputs, shape } of topological(outputs))
    work +=
      op.multiplications?.(
        inputs.map((input) => input.shape),
        shape,
      ) ?? sizeOf(shape)
  return work
}

/** The numbers of `outputs`, with `feeds` for the inputs that have none of their own. */
export function interpret(
  outputs: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>> = new Map(),
): Float64Array[] {
  const known = new Map<Tensor, Values>()
  for (const tensor of topological(outputs)) {
    const { shape, dtype } = tensor
    const values = { shape, dtype, data: new Float64Array(sizeOf(shape)) }
    const given = feeds.get(tensor)
    if (given) values.data.set(given)
    else
      tensor.op.reference(
        tensor.inputs.map((input) => known.get(input)!),
        values,
        tensor.attributes,
      )
    // Whole numbers wrap around, as those of 32 bits do.
    if (dtype === "int32") for (let i = 0; i < values.data.length; i++) values.data[i] |= 0
    known.set(tensor, values)
  }
  return outputs.map((output) => known.get(output)!.data)
}
