/** A trace of a forward pass: its result, the next values of the buffers, and the outputs of every module. */
import { Tensor } from "../tensor/tensor.ts"
import { isCollection, type Module } from "./module.ts"
import { type Buffer, collectUpdates } from "./variable.ts"

export type Mode = "training" | "evaluation"

export interface Trace<T> {
  readonly result: T
  /** The next value of each buffer that the forward pass updated. */
  readonly buffers: ReadonlyMap<Buffer, Tensor>
  /** The outputs of each module, one for each call, in the order in which the modules first returned. */
  readonly outputs: ReadonlyMap<Module, readonly Tensor[]>
}

/**
 * Runs `forward` with the module and all modules inside it in the given mode. The module is left as it was found, also after an
 * exception. A trace within another reports outputs and updates to both.
 */
export function trace<T>(module: Module, mode: Mode, forward: () => T): Trace<T> {
  const outputs = new Map<Module, Tensor[]>()
  const restore: (() => void)[] = []
  try {
    for (const [, each] of module.namedModules()) {
      const { training } = each
      each.training = mode === "training"
      const unwatch = watch(each, (y) => {
        if (!outputs.has(each)) outputs.set(each, [])
        outputs.get(each)!.push(...tensorsIn(y))
      })
      restore.push(() => {
        each.training = training
        unwatch()
      })
    }
    const { result, updates } = collectUpdates(forward)
    return { result, buffers: updates, outputs }
  } finally {
    for (const undo of restore) undo()
  }
}

/** Replaces the forward of this one module, if it has one, by a forward that reports its results. Returns a function that undoes it. */
function watch(module: Module, report: (result: unknown) => void): () => void {
  const { forward } = module as Module & { forward?: (...given: unknown[]) => unknown }
  if (!forward) return () => {}
  const own = Object.getOwnPropertyDescriptor(module, "forward")
  Object.defineProperty(module, "forward", {
    configurable: true,
    value: (...given: unknown[]) => {
      const result = forward.apply(module, given)
      report(result)
      return result
    },
  })
  return () => {
    if (own) Object.defineProperty(module, "forward", own)
    else Reflect.deleteProperty(module, "forward")
  }
}

/** A tensor, or those in an array or an object of them. */
function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result]
  return isCollection(result) ? Object.values(result).flatMap(tensorsIn) : []
}
