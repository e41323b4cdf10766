/**
 * A trained model as an ONNX file for inference, ids in, logits out, for any ONNX runtime: the graph as the layers write it, the
 * parameters under their names, any batch size.
 * Source: https://onnx.ai/onnx/repo-docs/IR.html
 */
import { conditionInputs } from "../models/condition-inputs.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { functionModel } from "../runtime/emit.ts"
import { Graph, type GraphValue, type Node, nodesOf } from "../runtime/graph.ts"
import { lower } from "../runtime/lower.ts"
import type { Value } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"

/**
 * The batch is traced with this many rows. No other extent is as large, so every number of a shape from here on is a multiple of the
 * batch; a power of two keeps multiples exact.
 */
const BATCH = 2 ** 40

/**
 * The bytes of a file that takes int32 `ids` (batch, T) and the model's conditions, such as int32 `label` (batch), and gives float32
 * `logits`: (batch, V) of the next symbol, or (batch, T, V) of the next symbol at each position. To `metadata` it adds `contextLength`
 * and `reads`.
 */
export function toOnnx(
  model: Model,
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array<ArrayBuffer> {
  const { contextLength: T, reads } = model
  const ids = Tensor.input("ids", [BATCH, T], "int32")
  const conditions = conditionInputs(model, BATCH, T)
  const inputs = Object.entries({ ids, ...conditions })
  const numbers = model.namedVariables()
  const logits = trace(model, "evaluation", () => model.forward(ids, conditions)).result

  const graph = new Graph()
  const leaves = [...inputs, ...numbers]
  const known = new Map<Tensor, GraphValue>(leaves.map(([name, leaf]) => [leaf, graph.leaf(name, leaf)]))
  const [output] = withFreeBatch(lower(graph, [logits], known), free(ids))
  const ports = inputs.map(([name, input]) => [name, free(input)] as const)
  return functionModel(ports, [["logits", output]], {
    initializers: new Map(numbers.map(([name, { data }]) => [name, data])),
    freeExtent: "batch",
    metadata: { contextLength: String(T), reads, ...metadata },
  })
}

/** The kind of a value with a free batch extent. */
const free = ({ shape, dtype }: Value): Value => ({
  shape: shape.map((extent) => (extent >= BATCH ? -1 : extent)),
  dtype,
})

/** The same graph, with shapes computed from the number of rows of its leaf `ids`. */
function withFreeBatch(outputs: readonly GraphValue[], ids: Value): GraphValue[] {
  const graph = new Graph()
  const rebuilt = new Map<GraphValue, GraphValue>()

  const anew = (value: GraphValue): GraphValue => {
    let to = rebuilt.get(value)
    if (!to) {
      const { node, name, constant, shape, dtype } = value
      if (name !== undefined) to = graph.leaf(name, free(value))
      else if (!constant) to = node!.operator === "Reshape" ? reshape(value, node!) : copy(value, node!)
      else if (multiplesIn(value) > 0) to = shapeOf(constant)
      else to = graph.constant(constant, shape, dtype)
      rebuilt.set(value, to)
    }
    return to
  }

  const copy = (value: GraphValue, { operator, inputs, attributes, outputs }: Node) =>
    graph.node(operator, inputs.map(anew), free(value), attributes, outputs.indexOf(value))

  /** A Reshape infers one extent. */
  const reshape = (value: GraphValue, node: Node): GraphValue => {
    const [x, shape] = node.inputs
    if (multiplesIn(shape) !== 1) return copy(value, node)
    const open = free({ shape: Array.from(shape.constant!), dtype: "int64" }).shape
    return graph.node("Reshape", [anew(x), graph.constant(open, shape.shape, "int64")], free(value))
  }

  /** The numbers of a shape, as base + factor × rows. */
  const shapeOf = (numbers: ArrayLike<number>): GraphValue => {
    const kind: Value = { shape: [numbers.length], dtype: "int64" }
    const parts = Array.from(numbers, (n) =>
      n >= BATCH ? { base: 0, factor: n / BATCH } : { base: n, factor: 0 },
    )
    const constant = (of: "base" | "factor") =>
      graph.constant(
        parts.map((part) => part[of]),
        kind.shape,
        "int64",
      )
    const rows = graph.node(
      "Shape",
      [graph.leaf("ids", ids)],
      { shape: [1], dtype: "int64" },
      { start: 0, end: 1 },
    )
    return graph.node("Add", [graph.node("Mul", [rows, constant("factor")], kind), constant("base")], kind)
  }

  // In topological order, so that the recursion stays shallow.
  for (const { outputs: made } of nodesOf(outputs)) for (const value of made) if (value) anew(value)
  return outputs.map(anew)
}

/** How many multiples of the batch a constant that may be a shape has. */
const multiplesIn = ({ constant, dtype }: GraphValue): number =>
  constant && dtype === "int64" ? Array.from(constant).filter((n) => n >= BATCH).length : 0
