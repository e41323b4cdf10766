/** What comes out of each module during a forward pass, without a change to the modules: forwards that look. */
import type { Tensor } from "../tensor/tensor.ts"
import type { Module } from "./module.ts"

/** `columns` is the forward of a layer that may be given columns instead of rows, and gives columns. */
interface Layer extends Module {
  forward(...given: unknown[]): Tensor
  columns?(...given: unknown[]): Tensor
}

/**
 * The result of `trace`, and what each module of `model` gave in it, the calls in their order, columns turned into rows. A
 * module that was not called is not there.
 */
export function watchOutputs<T>(
  model: Module,
  trace: () => T,
): { readonly result: T; readonly outputs: ReadonlyMap<Module, readonly Tensor[]> } {
  const outputs = new Map<Module, Tensor[]>()
  const modules = model.namedModules().map(([, module]) => module)
  const watch = (module: Module, y: Tensor) => {
    outputs.set(module, [...(outputs.get(module) ?? []), y])
    return y
  }
  for (const module of modules as Layer[]) {
    const { forward, columns } = module
    module.forward = (...given) => watch(module, forward.apply(module, given))
    if (columns)
      module.columns = (...given) => watch(module, columns.apply(module, given).transpose()).transpose()
  }
  try {
    return { result: trace(), outputs }
  } finally {
    // The class's own come to light again.
    for (const module of modules)
      for (const name of ["forward", "columns"]) Reflect.deleteProperty(module, name)
  }
}
