/** What comes out of each module during a forward pass, without a change to the modules: forwards that look. */
import type { Tensor } from "../tensor/tensor.ts"
import type { Module } from "./module.ts"

/**
 * The result of `trace`, and what each module of `model` gave in it, the calls in their order. A module that was not called is
 * not there.
 */
export function watchOutputs<T>(
  model: Module,
  trace: () => T,
): { readonly result: T; readonly outputs: ReadonlyMap<Module, readonly Tensor[]> } {
  const outputs = new Map<Module, Tensor[]>()
  const modules = model.namedModules().map(([, module]) => module)
  for (const module of modules) {
    const forward = module.forward as (...given: unknown[]) => Tensor
    module.forward = (...given: unknown[]) => {
      const y = forward.apply(module, given)
      outputs.set(module, [...(outputs.get(module) ?? []), y])
      return y
    }
  }
  try {
    return { result: trace(), outputs }
  } finally {
    for (const module of modules) Reflect.deleteProperty(module, "forward") // the class's own comes to light again
  }
}
