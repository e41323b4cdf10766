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
      restore.push(() => {
        each.training = training
      })
      const record = <Y>(y: Y): Y => {
        if (!outputs.has(each)) outputs.set(each, [])
        outputs.get(each)!.push(...tensorsIn(y))
        return y
      }
      restore.push(watch(each, "forward", record))
    }
    const { result, updates } = collectUpdates(forward)
    return { result, buffers: updates, outputs }
  } finally {
    for (const undo of restore) undo()
  }
}

/** Replaces a method of this one module by one that passes its results through `hear`. Returns a function that undoes it. */
function watch(module: Module, name: string, hear: (result: unknown) => unknown): () => void {
  const method: unknown = Reflect.get(module, name)
  if (typeof method !== "function") return () => {}
  const own = Object.getOwnPropertyDescriptor(module, name)
  Object.defineProperty(module, name, {
    configurable: true,
    value: (...given: unknown[]) => hear(method.apply(module, given)),
  })
  return () => {
    if (own) Object.defineProperty(module, name, own)
    else Reflect.deleteProperty(module, name)
  }
}

/** A tensor, or those in an array or an object of them. */
function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result]
  return isCollection(result) ? Object.values(result).flatMap(tensorsIn) : []
}
