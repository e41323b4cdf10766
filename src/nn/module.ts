/**
 * What layers and models are: fields and a forward. The fields are the registry: whoever walks them finds the parameters, and
 * the path to a field is its name in a checkpoint, `layers.2.weight`, as in PyTorch. Source: torch.nn.Module.
 */
import type { Generator } from "../random/torch.ts"
import { type Shape, ShapeError, sameShape, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Buffer, Parameter } from "./variable.ts"

/** The numbers of a model by name. */
export type StateDict = Record<string, { readonly shape: Shape; readonly data: Float32Array | Int32Array }>

export abstract class Module {
  /** Whether forward behaves as in training: statistics of the batch, dropout. */
  training = true

  abstract forward(x: Tensor): Tensor

  /** All modules in here with their paths, this one first, in the order of the fields. */
  namedModules(): [string, Module][] {
    const found: [string, Module][] = [["", this]]
    for (const [name, value] of members(this))
      if (value instanceof Module)
        found.push(
          ...value.namedModules().map(([path, module]): [string, Module] => [join(name, path), module]),
        )
    return found
  }

  namedParameters(): [string, Parameter][] {
    return this.leaves(Parameter)
  }

  namedBuffers(): [string, Buffer][] {
    return this.leaves(Buffer)
  }

  /** Parameters and buffers, in the order of the fields. */
  namedVariables(): [string, Parameter | Buffer][] {
    return this.namedModules().flatMap(([path, module]) =>
      members(module).flatMap(([name, value]): [string, Parameter | Buffer][] =>
        value instanceof Parameter || value instanceof Buffer ? [[join(path, name), value]] : [],
      ),
    )
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  buffers(): Buffer[] {
    return this.namedBuffers().map(([, buffer]) => buffer)
  }

  /** How many numbers training changes. */
  get parameterCount(): number {
    return this.parameters().reduce((total, { size }) => total + size, 0)
  }

  /** Draws first numbers for all parameters and buffers, in the order of the fields. */
  initialize(random: Generator): this {
    for (const [, variable] of this.namedVariables()) variable.initialize(random)
    return this
  }

  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode
    return this
  }

  eval(): this {
    return this.train(false)
  }

  /** Copies of all parameters and buffers by name. */
  stateDict(): StateDict {
    return Object.fromEntries(
      this.namedVariables().map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    )
  }

  /** Takes the numbers of another of the same make. Names and shapes must be the same. */
  loadStateDict(state: StateDict): this {
    const variables = new Map(this.namedVariables())
    const missing = [...variables.keys()].filter((name) => !(name in state))
    const unexpected = Object.keys(state).filter((name) => !variables.has(name))
    if (missing.length > 0 || unexpected.length > 0)
      throw new ShapeError(
        `loadStateDict: these are the numbers of another model: missing ${list(missing)}, unexpected ${list(unexpected)}`,
      )
    for (const [name, variable] of variables) {
      const { shape, data } = state[name]
      if (!sameShape(shape, variable.shape))
        throw new ShapeError(
          `loadStateDict: '${name}' is ${show(variable.shape)} here and ${show(shape)} there`,
        )
      variable.data = data.slice()
    }
    return this
  }

  private leaves<T>(kind: new (...args: never[]) => T): [string, T][] {
    return this.namedVariables().filter((entry) => entry[1] instanceof kind) as unknown as [string, T][]
  }
}

/** Traces in training or evaluation mode, and puts back the mode that it found. */
export function inMode<T>(module: Module, training: boolean, trace: () => T): T {
  const before = module.namedModules().map(([, each]) => [each, each.training] as const)
  module.train(training)
  try {
    return trace()
  } finally {
    for (const [each, mode] of before) each.training = mode
  }
}

const join = (path: string, name: string): string => (path && name ? `${path}.${name}` : path || name)

const list = (names: readonly string[]): string =>
  names.length > 0 ? names.map((name) => `'${name}'`).join(", ") : "none"

/** The fields of a module, and the elements of its arrays, with their names. */
function members(module: Module): [string, unknown][] {
  return Object.entries(module).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value) ? value.map((element, k) => [`${name}.${k}`, element]) : [[name, value]],
  )
}
