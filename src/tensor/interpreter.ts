/**
 * Evaluates a graph with the ops' references, in double precision and without a runtime. Inspecting a tensor uses it, and compiled
 * graphs are tested against it.
 */
import { firstMisfit, type Values } from "./op.ts"
import { sizeOf } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** The tensors that `outputs` need, each after its inputs, without those that are `known` and all that only they need. */
export function topological(outputs: readonly Tensor[], known?: ReadonlyMap<Tensor, unknown>): Tensor[] {
  const order: Tensor[] = []
  const seen = new Set<Tensor>(known?.keys())
  // An explicit stack: recursion would overflow JavaScript's on a graph of many steps.
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

/** The cost of interpreting `outputs`: the elements and multiplications of all tensors they need. */
export function workOf(outputs: readonly Tensor[]): number {
  let work = 0
  for (const { op, inputs, shape } of topological(outputs)) {
    const shapes = inputs.map((input) => input.shape)
    work += op.multiplications?.(shapes, shape) ?? sizeOf(shape)
  }
  return work
}

/**
 * The values of `outputs`, given those of the inputs that have none of their own. Values may be given of any tensor in between as well: what
 * only it needs is not computed.
 */
export function interpret(
  outputs: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>> = new Map(),
): Float64Array[] {
  const known = new Map<Tensor, Values>()
  const emptyOf = ({ shape, dtype }: Tensor): Values => ({
    ...{ shape, dtype },
    data: new Float64Array(sizeOf(shape)),
  })
  for (const [tensor, given] of feeds) {
    const values = emptyOf(tensor)
    const misfit = firstMisfit(given, tensor.dtype)
    if (misfit !== undefined) throw new TypeError(`run: ${given[misfit]} at ${misfit} is not ${tensor.dtype}`)
    values.data.set(given)
    known.set(tensor, values)
  }
  for (const tensor of topological(outputs, feeds)) {
    const values = emptyOf(tensor)
    tensor.op.reference(
      tensor.inputs.map((input) => known.get(input)!),
      values,
      tensor.attributes,
    )
    // 32-bit integers wrap around.
    if (tensor.dtype === "int32") for (let i = 0; i < values.data.length; i++) values.data[i] |= 0
    known.set(tensor, values)
  }
  return outputs.map((output) => known.get(output)!.data)
}
