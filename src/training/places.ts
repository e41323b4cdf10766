/**
 * Where there is something to look at in a network: the outputs of its modules, and the nonlinearities that are no modules, found in
 * the graph of a loss.
 */
import type { Module } from "../nn/module.ts"
import { topological } from "../tensor/interpreter.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** Where the flat part of a nonlinearity is: |tanh| above 0.97, the same of the logistic function, which is tanh in other units, and 0. */
export const flat: Readonly<Record<string, (y: number) => boolean>> = {
  tanh: (y) => Math.abs(y) > 0.97,
  sigmoid: (y) => Math.abs(2 * y - 1) > 0.97,
  relu: (y) => y <= 0,
}

/** A place in the network that is looked at; a recurrent one has a tensor for each position. */
export interface Place {
  readonly path: string
  readonly type: string
  /** The op, where it is one with a flat part. */
  readonly nonlinearity?: string
  readonly tensors: Tensor[]
}

/**
 * The modules' outputs and the nonlinearities outside of modules, in the order of the forward pass. A module that only hands on
 * what another gave, or gives it another shape, is left out.
 */
export function placesOf(
  root: Module,
  outputs: ReadonlyMap<Module, readonly Tensor[]>,
  loss: Tensor,
): readonly Place[] {
  const order = topological([loss])
  const position = new Map(order.map((tensor, k) => [tensor, k]))
  const owners = new Map<Tensor, Place>()
  const places: Place[] = []
  const add = (place: Place) => {
    const reached = place.tensors.filter((tensor) => position.has(tensor) && !owners.has(shapeless(tensor)))
    if (reached.length === 0) return
    const kept = { ...place, tensors: reached }
    places.push(kept)
    for (const tensor of reached) owners.set(shapeless(tensor), kept)
  }
  const paths = new Map(root.namedModules().map(([path, module]) => [module, path]))
  // In the order in which they gave something, so those inside come before those around them.
  for (const [module, tensors] of outputs) {
    const { name } = shapeless(tensors[0]).op
    add({
      path: paths.get(module)!,
      type: module.constructor.name,
      ...(name in flat && { nonlinearity: name }),
      tensors: [...tensors],
    })
  }
  const free = new Map<string, Place>()
  for (const tensor of order) {
    const { name } = tensor.op
    if (!(name in flat) || owners.has(tensor)) continue
    const path = before(tensor, owners)?.path ?? ""
    const place = free.get(`${path} ${name}`) ?? { path, type: name, nonlinearity: name, tensors: [] }
    place.tensors.push(tensor)
    free.set(`${path} ${name}`, place)
  }
  for (const place of free.values()) add(place)
  const first = ({ tensors }: Place) => Math.min(...tensors.map((tensor) => position.get(tensor)!))
  return places.sort((a, b) => first(a) - first(b))
}

/** What a tensor was before it was only given another shape. */
function shapeless(tensor: Tensor): Tensor {
  return tensor.op.name === "reshape" ? shapeless(tensor.inputs[0]) : tensor
}

/** The place that a tensor was made from, by the first of its inputs. */
function before(tensor: Tensor, owners: ReadonlyMap<Tensor, Place>): Place | undefined {
  const [input] = tensor.inputs
  return input && (owners.get(shapeless(input)) ?? before(input, owners))
}
