/**
 * The places in a network that a diagnosis looks at: the outputs of its modules, and the nonlinearities that are no modules, found in
 * the graph of the loss.
 */
import type { Module } from "../nn/module.ts"
import { topological } from "../tensor/interpreter.ts"
import type { Op } from "../tensor/op.ts"
import { reshape } from "../tensor/ops/index.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** A place in the network; a recurrent one has a tensor for each position. */
export interface Place {
  readonly path: string
  readonly type: string
  /** Tells whether an output lies where the op is flat, for an op that is flat somewhere. */
  readonly flat?: Op["flat"]
  readonly tensors: Tensor[]
}

/**
 * The modules' outputs and the nonlinearities outside of modules, in the order of the forward pass. A module that only passes on or
 * reshapes the output of another is left out.
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
  // In the order in which they returned, so inner modules come before outer ones.
  for (const [module, tensors] of outputs) {
    const { flat } = shapeless(tensors[0]).op
    add({ path: paths.get(module)!, type: module.constructor.name, flat, tensors: [...tensors] })
  }
  const free = new Map<string, Place>()
  for (const tensor of order) {
    const { name, flat } = tensor.op
    if (!flat || owners.has(tensor)) continue
    const path = before(tensor, owners)?.path ?? ""
    const place = free.get(`${path} ${name}`) ?? { path, type: name, flat, tensors: [] }
    place.tensors.push(tensor)
    free.set(`${path} ${name}`, place)
  }
  const ofModules = places.length
  for (const place of free.values()) add(place)
  // Modules stay in the order in which they returned: of two summands, the graph lists the second first.
  let latest = 0
  const rank = new Map(
    places.map((place, k) => {
      const first = Math.min(...place.tensors.map((tensor) => position.get(tensor)!))
      if (k < ofModules) latest = Math.max(latest, first)
      return [place, k < ofModules ? latest : first]
    }),
  )
  return places.sort((a, b) => rank.get(a)! - rank.get(b)!)
}

/** The tensor before any reshaping. */
function shapeless(tensor: Tensor): Tensor {
  return tensor.op === reshape ? shapeless(tensor.inputs[0]) : tensor
}

/** The place that a tensor was computed from, following first inputs. */
function before(tensor: Tensor, owners: ReadonlyMap<Tensor, Place>): Place | undefined {
  const [input] = tensor.inputs
  return input && (owners.get(shapeless(input)) ?? before(input, owners))
}
