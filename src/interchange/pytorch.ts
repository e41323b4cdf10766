/**
 * A model's values under PyTorch's names and in its layouts, both ways: the `state_dict` of the same network built from torch.nn,
 * which goes into a safetensors file. Fields keep their names, in snake_case (`runningMean` is `running_mean`); each layer's `torchForm`
 * has the other differences.
 * Source: https://docs.pytorch.org/docs/stable/nn.html, "Variables" of each module.
 */
import { UserError } from "../errors.ts"
import type { Module } from "../nn/module.ts"
import { sameShape, show } from "../tensor/shape.ts"
import { reverseAxes } from "./reverse-axes.ts"
import type { SafeTensor } from "./safetensors.ts"

/** The `state_dict` of the network in PyTorch, which `writeSafetensors` turns into a file. */
export function toPyTorch(model: Module): Record<string, SafeTensor> {
  const state: Record<string, SafeTensor> = {}
  for (const { name, variable, reversed } of pairs(model)) {
    const { shape, data, dtype } = variable
    state[name] = {
      dtype: dtype === "int32" ? "I32" : "F32",
      shape: reversed ? shape.toReversed() : shape,
      data: reversed ? reverseAxes(data, shape) : data.slice(),
    } as SafeTensor
  }
  for (const [name, tensor] of onlyTheirs(model)) state[name] = tensor
  return state
}

/**
 * Copies the values of a `state_dict`, as `readSafetensors` returns it, into the model: float32 or float64. Errors begin with `name`,
 * the file's path. Throws a UserError, and leaves the model unchanged, unless names and shapes are those of `toPyTorch`.
 */
export function fromPyTorch<M extends Module>(
  model: M,
  state: Readonly<Record<string, SafeTensor>>,
  { name = "the state_dict" } = {},
): M {
  const wanted = pairs(model)
  const known = new Set([...wanted.map(({ name }) => name), ...onlyTheirs(model).map(([name]) => name)])
  const missing = wanted.filter(({ name }) => !Object.hasOwn(state, name)).map(({ name }) => name)
  const unexpected = Object.keys(state).filter((name) => !known.has(name))
  if (missing.length > 0 || unexpected.length > 0)
    throw new UserError(
      `${name}: these are the numbers of another network: missing ${list(missing)}, unexpected ${list(unexpected)}: ` +
        "build the network in PyTorch of the same layers under the same names",
    )
  const numbers = wanted.map(({ name: tensorName, variable, reversed }) => {
    const { dtype, shape, data } = state[tensorName]
    const shown = `${name}: '${tensorName}'`
    const theirShape = reversed ? variable.shape.toReversed() : variable.shape
    if (!sameShape(shape, theirShape))
      throw new UserError(
        `${shown} is ${show(shape)}, and ${show(theirShape)} in the model: give them the same sizes`,
      )
    const whole = variable.dtype === "int32"
    if (!(whole ? ["I32"] : ["F32", "F64"]).includes(dtype))
      throw new UserError(
        `${shown} has dtype ${dtype}, which is not taken here: save it as ${whole ? "int32" : "float32, by model.float()"}`,
      )
    const numbers = (whole ? Int32Array : Float32Array).from(data as Iterable<number>)
    return reversed ? reverseAxes(numbers, shape) : numbers
  })
  for (const [k, { variable }] of wanted.entries()) variable.data = numbers[k]
  return model
}

/** Each parameter and buffer that both sides have, by its name in PyTorch, in the order of the fields. */
function pairs(model: Module) {
  const modules = new Map(model.namedModules())
  return model.namedVariables().flatMap(([path, variable]) => {
    const dot = path.lastIndexOf(".")
    const field = path.slice(dot + 1)
    const { reversed = [], lacks = [] } = modules.get(path.slice(0, Math.max(dot, 0)))!.torchForm()
    if (lacks.includes(field)) return []
    return [{ name: nameOf(path, modules), variable, reversed: reversed.includes(field) }]
  })
}

/** The integers that only PyTorch's layers have. */
function onlyTheirs(model: Module): [string, SafeTensor][] {
  const modules = new Map(model.namedModules())
  return Array.from(modules).flatMap(([path, module]) =>
    Object.entries(module.torchForm().adds ?? {}).map(([field, value]): [string, SafeTensor] => {
      const data = BigInt64Array.of(BigInt(value))
      return [nameOf(path ? `${path}.${field}` : field, modules), { dtype: "I64", shape: [], data }]
    }),
  )
}

/** The name of one of our paths in PyTorch: each module on the path may rename what is below it, the innermost first. */
function nameOf(path: string, modules: ReadonlyMap<string, Module>): string {
  const steps = path.split(".")
  let name = ""
  for (let k = steps.length - 1; k >= 0; k--) {
    name = name ? `${steps[k]}.${name}` : steps[k]
    name = modules.get(steps.slice(0, k).join("."))?.torchForm().rename?.(name) ?? name
  }
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ") || "none"
