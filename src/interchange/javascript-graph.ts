/**
 * A graph of tensors as lines of JavaScript, each op by its record. Lines that do not depend on the inputs are kept apart, to run once.
 */
import { UserError } from "../errors.ts"
import { topological } from "../tensor/interpreter.ts"
import type { Call } from "../tensor/javascript.ts"
import { show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"

interface Leaves {
  /** The names of the inputs in the lines. */
  readonly inputs: ReadonlyMap<Tensor, string>
  /** The names of the leaves that never change. */
  readonly weights: ReadonlyMap<Tensor, string>
  /** The expression that reads a weight or a long constant of this name. */
  readonly read: (name: string) => string
}

/**
 * The lines that compute `output`, to run `once` or for `each` input; the expression of the `output`; the source of the `functions`
 * that the lines call; the `constants` that are too long for a line, by name. Throws a UserError for an op without a JavaScript form.
 */
export function scriptOf(output: Tensor, { inputs, weights, read }: Leaves) {
  const lines = { once: [] as string[], each: [] as string[] }
  const called = new Set<string>()
  const constants = new Map<string, ArrayLike<number>>()
  const texts = new Map<Tensor, string>(inputs)
  for (const [tensor, name] of weights) texts.set(tensor, read(name))
  const varying = new Set<Tensor>(inputs.keys())

  const call: Call = (source, ...args) => {
    called.add(source)
    const [, name] = /^function (\w+)/m.exec(source)!
    return `${name}(${args.map((arg) => (typeof arg === "object" ? `[${arg.join(", ")}]` : arg)).join(", ")})`
  }

  const write = (target: Tensor): string => {
    for (const tensor of topological([target], texts)) texts.set(tensor, textOf(tensor))
    return texts.get(target)!
  }

  const textOf = (tensor: Tensor): string => {
    const { op, inputs, attributes, shape } = tensor
    const varies = inputs.some((input) => varying.has(input))
    if (varies) varying.add(tensor)
    if (op.composed) return write(op.composed(inputs, attributes))
    if (op.constant) return textOfConstant(op.constant(attributes))
    if (typeof op.javascript !== "function")
      throw new UserError(
        `${show(shape)}: the op ${op.name} has no JavaScript form: export the model as ONNX`,
      )
    const operands = inputs.map((input) => {
      const { op, attributes, shape, size } = input
      return { text: texts.get(input)!, shape, number: size === 1 ? op.constant?.(attributes)[0] : undefined }
    })
    const text = op.javascript(call, operands, tensor, attributes)
    if (operands.some((operand) => operand.text === text)) return text
    const [where, letter] = varies ? [lines.each, "t"] : [lines.once, "c"]
    where.push(`const ${letter}${where.length + 1} = ${text} // ${show(shape)}`)
    return `${letter}${where.length}`
  }

  const textOfConstant = (values: ArrayLike<number>): string => {
    if (values.length <= 16) return `Float64Array.of(${Array.from(values).join(", ")})`
    const name = `constant ${constants.size + 1}`
    constants.set(name, values)
    return read(name)
  }

  return { ...lines, output: write(output), functions: [...called], constants }
}
