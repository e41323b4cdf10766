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
 * Runs `forward` with the module and all modules inside it in the given mode, each with a forward that records its results. The module
 * is left as it was found, also after an exception. A trace within another reports outputs and updates to both.
 */
export function trace<T>(module: Module, mode: Mode, forward: () => T): Trace<T> {
  const outputs = new Map<Module, Tensor[]>()
  const restore: (() => void)[] = []
  try {
    for (const [, each] of module.namedModules()) {
      const { training, forward } = each as Module & { forward?: (...given: unknown[]) => unknown }
      const own = Object.getOwnPropertyDescriptor(each, "forward")
      restore.push(() => {
        each.training = training
        if (own) Object.defineProperty(each, "forward", own)
        else Reflect.deleteProperty(each, "forward")
      })
      each.training = mode === "training"
      if (!forward) continue
      const value = (...given: unknown[]) => {
        const y = forward.apply(each, given)
        const earlier = outputs.get(each)
        if (earlier) earlier.push(...tensorsIn(y))
        else outputs.set(each, tensorsIn(y))
        return y
      }
      Object.defineProperty(each, "forward", { configurable: true, value })
    }
    const { result, updates } = collectUpdates(forward)
    return { result, buffers: updates, outputs }
  } finally {
    for (const undo of restore) undo()
  }
}

/** A tensor, or those in an array or an object of them. */
function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result]
  return isCollection(result) ? Object.values(result).flatMap(tensorsIn) : []
}
