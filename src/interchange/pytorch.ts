/**
 * A model's numbers under PyTorch's names and in its layouts, both ways: the `state_dict` of the same network built of torch.nn,
 * which goes into a safetensors file. Fields keep their names, in snake_case (`runningMean` is `running_mean`); what else differs
 * stands in the two tables below.
 * Source: https://docs.pytorch.org/docs/stable/nn.html, "Variables" of each module.
 */
import { UserError } from "../errors.ts"
import { BatchNorm1d } from "../nn/batch-norm-1d.ts"
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { Convolution } from "../nn/convolution.ts"
import { Dropout } from "../nn/dropout.ts"
import { Linear } from "../nn/linear.ts"
import type { Module } from "../nn/module.ts"
import { RecurrentStack } from "../nn/recurrent-stack.ts"
import { Sequential } from "../nn/sequential.ts"
import { SplitCell } from "../nn/split-cell.ts"
import type { Buffer, Parameter } from "../nn/variable.ts"
import { sameShape, show } from "../tensor/shape.ts"
import { reverseAxes } from "./reverse-axes.ts"
import type { SafeTensor } from "./safetensors.ts"

/** A class of layers, whatever its constructor. */
type Class = { readonly prototype: Module; [Symbol.hasInstance](value: unknown): boolean }

/** The numbers whose axes PyTorch has in reverse order. */
const axesReversed: readonly (readonly [Class, ...fields: string[]])[] = [
  [Linear, "weight"], //                     (inputs, outputs) here, (outputs, inputs) there
  [Convolution, "weight"], //                (K, inputs / groups, outputs), (outputs, inputs / groups, K)
  [ConvTranspose1d, "weight"], //            (K, outputs, inputs), (inputs, outputs, K)
  [SplitCell, "weightIh", "weightHh"], //     (inputs, G H), (G H, inputs)
]

/** The numbers that one side alone has. */
const ours: readonly (readonly [Class, string])[] = [[Dropout, "counter"]]
const theirs: readonly (readonly [Class, string, SafeTensor])[] = [
  // How many batches the running statistics have seen: PyTorch reads it where there is no momentum, which is never so here.
  [BatchNorm1d, "num_batches_tracked", { dtype: "I64", shape: [], data: new BigInt64Array(1) }],
]

/** The `state_dict` of the network in PyTorch. `writeSafetensors` makes a file of it. */
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
 * Takes the numbers of a `state_dict`, as `readSafetensors` gives it, into the model: float32 or float64. `name` is what errors call
 * the file. Names and shapes must be those of `toPyTorch`, or it is a UserError and the model stays as it was.
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

interface Pair {
  /** In PyTorch. */
  readonly name: string
  readonly variable: Parameter | Buffer
  readonly reversed: boolean
}

/** Each parameter and buffer that both sides have, in the order of the fields. */
function pairs(model: Module): Pair[] {
  const modules = new Map(model.namedModules())
  return model.namedVariables().flatMap(([path, variable]) => {
    const dot = path.lastIndexOf(".")
    const owner = modules.get(path.slice(0, Math.max(dot, 0)))!
    const field = path.slice(dot + 1)
    if (ours.some(([Class, only]) => owner instanceof Class && only === field)) return []
    return [
      {
        name: nameOf(path, modules),
        variable,
        reversed: axesReversed.some(([Class, ...fields]) => owner instanceof Class && fields.includes(field)),
      },
    ]
  })
}

function onlyTheirs(model: Module): [string, SafeTensor][] {
  const modules = new Map(model.namedModules())
  return Array.from(modules).flatMap(([path, module]) =>
    theirs.flatMap(([Class, field, tensor]): [string, SafeTensor][] =>
      module instanceof Class ? [[nameOf(path ? `${path}.${field}` : field, modules), tensor]] : [],
    ),
  )
}

/** A path of ours in PyTorch's words. Its modules say where more differs than the case of letters. */
function nameOf(path: string, modules: ReadonlyMap<string, Module>): string {
  const steps = path.split(".")
  const name: string[] = []
  for (let k = 0; k < steps.length; k++) {
    const within = modules.get(steps.slice(0, k).join("."))
    // The layers of a Sequential are its own numbers there: layers.2.weight is 2.weight.
    if (within instanceof Sequential && steps[k] === "layers") continue
    // The cells of a recurrent network have no modules of their own there: cells.1.weightIh is weight_ih_l1.
    if (within instanceof RecurrentStack && steps[k] === "cells")
      return [...name, `${snakeCase(steps[k + 2])}_l${steps[k + 1]}`].join(".")
    name.push(snakeCase(steps[k]))
  }
  return name.join(".")
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const list = (names: readonly string[]): string =>
  names.length > 0 ? names.map((name) => `'${name}'`).join(", ") : "none"
