/**
 * A module is its fields: parameters, buffers, other modules, and arrays and plain objects of them. Walking the fields finds them
 * all, and the path to a field is its name in a checkpoint, `layers.2.weight`, as in PyTorch. Source: torch.nn.Module.
 */
import { type Displayed, inspect, jupyterDisplay, type Media } from "../display/contract.ts"
import { told } from "../errors.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import { type Shape, ShapeError, sameShape, show } from "../tensor/shape.ts"
import { Buffer, Parameter } from "./variable.ts"

/** Parameters and buffers by name. */
export type StateDict = Record<string, { readonly shape: Shape; readonly data: Float32Array | Int32Array }>

/** A module with a forward of any inputs and outputs. */
export type Callable = Module & { forward(...inputs: never[]): unknown }

/** How the state of a layer differs from that of PyTorch's. Fields have their own names there, in snake_case. */
export interface TorchForm {
  /** Parameters whose axes PyTorch has in reverse order. */
  readonly reversed?: readonly string[]
  /** Buffers that PyTorch's layer lacks. */
  readonly lacks?: readonly string[]
  /** Integers, by PyTorch's name, that only its layer has. */
  readonly adds?: Readonly<Record<string, number>>
  /** The name of a variable below this module, from its path there. */
  readonly rename?: (path: string) => string
}

export abstract class Module implements Displayed {
  /** Whether forward behaves as in training, with statistics of the batch and dropout. */
  training = true

  /** This module and all modules inside it with their paths, in the order of the fields. A shared one has its first path. */
  namedModules(): [string, Module][] {
    const paths = new Map<Module, string>()
    const visit = (module: Module, path: string) => {
      if (paths.has(module)) return
      paths.set(module, path)
      for (const [name, value] of members(module)) if (value instanceof Module) visit(value, join(path, name))
    }
    visit(this, "")
    return Array.from(paths, ([module, path]) => [path, module])
  }

  namedParameters(): [string, Parameter][] {
    return this.namedVariables().flatMap(([name, each]) => (each instanceof Parameter ? [[name, each]] : []))
  }

  namedBuffers(): [string, Buffer][] {
    return this.namedVariables().flatMap(([name, each]) => (each instanceof Buffer ? [[name, each]] : []))
  }

  /** Parameters and buffers with their paths, in the order of the fields. A shared one has its first path. */
  namedVariables(): [string, Parameter | Buffer][] {
    const paths = new Map<Parameter | Buffer, string>()
    for (const [path, module] of this.namedModules())
      for (const [name, value] of members(module))
        if ((value instanceof Parameter || value instanceof Buffer) && !paths.has(value))
          paths.set(value, join(path, name))
    return Array.from(paths, ([variable, path]) => [path, variable])
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  buffers(): Buffer[] {
    return this.namedBuffers().map(([, buffer]) => buffer)
  }

  /** The number of values that training changes. */
  get parameterCount(): number {
    return this.parameters().reduce((total, { size }) => total + size, 0)
  }

  /** Draws initial values for all parameters and buffers, in the order of the fields. */
  initialize(random: Generator = defaultGenerator): this {
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

  /**
   * Copies values into all parameters and buffers. Throws a ShapeError unless names and shapes match, a TypeError unless dtypes do, and
   * then changes nothing.
   */
  loadStateDict(state: StateDict): this {
    if (typeof state !== "object" || state === null)
      throw new TypeError(`loadStateDict: ${told(state)} in place of a state: give that of stateDict()`)
    const variables = new Map(this.namedVariables())
    const missing = [...variables.keys()].filter((name) => !(name in state))
    const unexpected = Object.keys(state).filter((name) => !variables.has(name))
    const faults = Object.entries({ missing, unexpected }).filter(([, names]) => names.length > 0)
    if (faults.length > 0)
      throw new ShapeError(
        `loadStateDict: this is the state of another model: ${faults.map(([what, names]) => `${what} ${list(names)}`).join(", ")}`,
      )
    for (const [name, variable] of variables) {
      const { shape, data } = state[name]
      if (!sameShape(shape, variable.shape) || data.length !== variable.size)
        throw new ShapeError(
          `loadStateDict: '${name}' is ${show(variable.shape)} in the module, and ${show(shape)} with ${data.length} values in the state`,
        )
      variable.requireArray(data, `loadStateDict: '${name}' has a`)
    }
    for (const [name, variable] of variables) variable.data = state[name].data.slice()
    return this
  }

  /** The settings that `toString` shows, by name: PyTorch's `extra_repr`. */
  extraRepr(): Readonly<Record<string, unknown>> {
    return {}
  }

  /** How its state differs from that of PyTorch's layer; by default only in the case of letters. */
  torchForm(): TorchForm {
    return {}
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    const settings = Object.entries(this.extraRepr()).map(([name, value]) => `${name}=${value}`)
    const inside = members(this).flatMap(([name, value]) =>
      value instanceof Module ? [`(${name}): ${value}`.replaceAll("\n", "\n  ")] : [],
    )
    if (inside.length === 0) return `${this.constructor.name}(${settings.join(", ")})`
    const lines = settings.length > 0 ? [settings.join(", "), ...inside] : inside
    return `${this.constructor.name}(\n${lines.map((line) => `  ${line}\n`).join("")})`
  }

  [inspect](): string {
    return this.toString()
  }

  /** In a notebook: the tree as a table, with the parameters of each module. */
  async [jupyterDisplay](): Promise<Media> {
    const { moduleHtml } = await import("./module-table.ts")
    return { "text/plain": this.toString(), "text/html": moduleHtml(this) }
  }
}

const join = (path: string, name: string): string => (path && name ? `${path}.${name}` : path || name)

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ")

/** The fields with their names; of arrays and plain objects the elements: "layers.0", "heads.mean". */
function members(holder: object): [string, unknown][] {
  return Object.entries(holder).flatMap(([name, value]): [string, unknown][] =>
    isCollection(value)
      ? members(value).map(([inner, element]) => [`${name}.${inner}`, element])
      : [[name, value]],
  )
}

/** Whether a value is an array or a plain object. */
export const isCollection = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
