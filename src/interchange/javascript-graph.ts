/**
 * A graph of tensors as lines of JavaScript, each op by its record. Elementwise ops that follow one another are one loop. Lines that do not
 * depend on the inputs are kept apart, to run once.
 */
import { UserError } from "../errors.ts"
import { topological } from "../tensor/interpreter.ts"
import { type Call, expanded } from "../tensor/javascript.ts"
import { sameShape, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"

interface Leaves {
  /** The names of the inputs in the lines. */
  readonly inputs: ReadonlyMap<Tensor, string>
  /** The names of the leaves that never change. */
  readonly weights: ReadonlyMap<Tensor, string>
  /** The variable that has a weight or a long constant of this name. */
  readonly read: (name: string) => string
}

/** A tensor in the lines: the variable that has it, or the expression of its element i, which is read once. */
type Value = { readonly variable: string } | { readonly element: string }

/**
 * The lines that compute the `outputs`, to run `once` or for `each` input; the variable of each output; the source of the `functions`
 * that the lines call; the `constants` that are too long for a line, by name. Throws a UserError for an op without a JavaScript form.
 */
export function scriptOf(outputs: readonly Tensor[], { inputs, weights, read }: Leaves) {
  const lines = { once: [] as string[], each: [] as string[] }
  const called = new Set<string>()
  const constants = new Map<string, ArrayLike<number>>()
  const values = new Map<Tensor, Value>()
  for (const [tensor, variable] of inputs) values.set(tensor, { variable })
  for (const [tensor, name] of weights) values.set(tensor, { variable: read(name) })
  const varying = new Set<Tensor>(inputs.keys())
  const { order, made } = planOf(outputs, [...values.keys()])
  const uses = new Map<Tensor, number>()
  for (const tensor of [...order.flatMap(({ inputs }) => inputs), ...outputs])
    uses.set(made(tensor), (uses.get(made(tensor)) ?? 0) + 1)

  const call: Call = (source, ...args) => {
    called.add(source)
    const [, name] = /^function (\w+)/m.exec(source)!
    return `${name}(${args.map((arg) => (typeof arg === "object" ? `[${arg.join(", ")}]` : arg)).join(", ")})`
  }

  /** Adds a line for a tensor, given the rest of it after the variable. */
  function line(tensor: Tensor, rest: (variable: string) => string): string {
    const [where, letter] = varying.has(tensor) ? [lines.each, "t"] : [lines.once, "c"]
    const variable = `${letter}${where.length + 1}`
    where.push(`const ${variable} = ${rest(variable)} // ${show(tensor.shape)}`)
    values.set(tensor, { variable })
    return variable
  }

  const loop = (tensor: Tensor, element: string): string =>
    line(
      tensor,
      (y) =>
        `new Float64Array(${tensor.size}); for (let i = 0; i < ${tensor.size}; i++) ${y}[i] = ${element}`,
    )

  function variableOf(tensor: Tensor): string {
    const value = values.get(tensor)
    if (value) return "variable" in value ? value.variable : loop(tensor, value.element)
    const numbers = tensor.op.constant!(tensor.attributes)
    if (numbers.length <= 16) return line(tensor, () => `Float64Array.of(${Array.from(numbers).join(", ")})`)
    const name = `constant ${constants.size + 1}`
    constants.set(name, numbers)
    const variable = read(name)
    values.set(tensor, { variable })
    return variable
  }

  /** The element of an operand that element i of `y` reads. If it is read once, it may be an expression. */
  function elementOf(tensor: Tensor, y: Tensor, once: boolean): string {
    const { op, attributes, shape, size } = tensor
    if (size === 1 && op.constant) return `(${op.constant(attributes)[0]})`
    const value = values.get(tensor)
    if (value && "element" in value && once && size === y.size) return `(${value.element})`
    const text = variableOf(tensor)
    if (size === y.size) return `${text}[i]`
    if (size === 1) return `${text}[0]`
    const own = shape.slice(shape.findIndex((extent) => extent !== 1))
    if (sameShape(own, y.shape.slice(-own.length))) return `${text}[i % ${size}]`
    const [where, letter] = varying.has(tensor) ? [lines.each, "t"] : [lines.once, "c"]
    const variable = `${letter}${where.length + 1}`
    where.push(`const ${variable} = ${expanded(call, { text, shape }, y.shape)} // ${show(y.shape)}`)
    return `${variable}[i]`
  }

  function write(tensor: Tensor): void {
    const { op, attributes } = tensor
    const operands = tensor.inputs.map(made)
    if (operands.some((operand) => varying.has(operand))) varying.add(tensor)
    if (op.composed || "none" in op.javascript)
      throw new UserError(
        `${show(tensor.shape)}: the op ${op.name} has no JavaScript form: export the model as ONNX`,
      )
    if ("each" in op.javascript) {
      const { each } = op.javascript
      const expression = typeof each === "string" ? each : each(call, attributes)
      const letters = expression.match(/\b[xyz]\b/g) ?? []
      const elements = operands.map((operand, k) =>
        elementOf(operand, tensor, letters.filter((letter) => letter === "xyz"[k]).length === 1),
      )
      const element = expression.replace(/\b[xyz]\b/g, (letter) => elements["xyz".indexOf(letter)])
      if (uses.get(tensor) === 1 && varying.has(tensor)) values.set(tensor, { element })
      else loop(tensor, element)
      return
    }
    const { javascript } = op
    const text = (texts: readonly string[]) =>
      javascript(
        call,
        operands.map(({ shape }, k) => ({ text: texts[k], shape })),
        tensor,
        attributes,
      )
    const [operand] = operands
    // The same numbers in the same order, such as in another shape.
    if (operands.length === 1 && text([""]) === "") {
      if (uses.get(tensor) !== 1) variableOf(operand)
      const value = values.get(operand)
      if (value) values.set(tensor, value)
      else values.set(tensor, { variable: variableOf(operand) })
      return
    }
    const texts = operands.map(variableOf)
    line(tensor, () => text(texts))
  }

  for (const tensor of order) if (!tensor.op.constant) write(tensor)
  return {
    ...lines,
    outputs: outputs.map((output) => variableOf(made(output))),
    functions: [...called],
    constants,
  }
}

/** The tensors to compute, each after its inputs, and what stands for each tensor: of a composed op the ops that it is made of. */
function planOf(outputs: readonly Tensor[], known: readonly Tensor[]) {
  const order: Tensor[] = []
  const standIns = new Map(known.map((tensor) => [tensor, tensor]))
  const made = (tensor: Tensor): Tensor => standIns.get(tensor)!
  const plan = (targets: readonly Tensor[]): void => {
    for (const tensor of topological(targets, standIns)) {
      const { op, inputs, attributes } = tensor
      if (op.composed) {
        const inner = op.composed(inputs, attributes)
        plan([inner])
        standIns.set(tensor, made(inner))
      } else {
        order.push(tensor)
        standIns.set(tensor, tensor)
      }
    }
  }
  plan(outputs)
  return { order, made }
}
