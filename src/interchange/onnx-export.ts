/**
 * A trained model as an ONNX file for inference, ids in, logits out, for any ONNX runtime: the graph as the layers write it, the
 * parameters under their names, any batch size.
 * Source: https://onnx.ai/onnx/repo-docs/IR.html
 */
import { requireOptions } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import { trace } from "../nn/trace.ts"
import { functionModel } from "../runtime/emit.ts"
import { Graph, type GraphValue, rebuild } from "../runtime/graph.ts"
import { lower } from "../runtime/lower.ts"
import type { Value } from "../tensor/op.ts"
import { Tensor } from "../tensor/tensor.ts"
import { requireTexts } from "./safetensors.ts"

/**
 * The batch is traced with this many rows. No other extent is as large, so any larger extent is a multiple of the batch; a power of two
 * keeps multiples exact.
 */
const BATCH = 2 ** 40

/**
 * The bytes of a file that takes int32 `ids` (batch, T) and the model's conditions, such as int32 `label` (batch), and returns float32
 * `logits`: (batch, V) of the next symbol, or (batch, T, V) of the next symbol at each position. ONNX Runtime refuses ids and labels out
 * of range. To `metadata` it adds `contextLength` and `reads`.
 */
export function toOnnx(
  model: Model,
  options: { metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array<ArrayBuffer> {
  requireFinite(model, "toOnnx")
  requireOptions("toOnnx", options, ["metadata"])
  const { metadata = {} } = options
  requireTexts("toOnnx", metadata)
  const { contextLength: T, reads } = model
  const ids = Tensor.input("ids", [BATCH, T], "int32")
  const conditions = model.conditionInputs(BATCH, T)
  const inputs = Object.entries({ ids, ...conditions })
  const variables = model.namedVariables()
  const logits = trace(model, "evaluation", () => model.forward(ids, conditions)).result

  const graph = new Graph()
  const leaves = [...inputs, ...variables]
  const known = new Map<Tensor, GraphValue>(leaves.map(([name, leaf]) => [leaf, graph.leaf(name, leaf)]))
  const [output] = withFreeBatch(lower(graph, [logits], known), free(ids), graph.bounds)
  const ports = inputs.map(([name, input]) => [name, free(input)] as const)
  return functionModel(ports, [["logits", output]], {
    initializers: new Map(variables.map(([name, { data }]) => [name, data])),
    freeExtent: "batch",
    metadata: { contextLength: String(T), reads, ...metadata },
  })
}

const freeExtent = (extent: number): number => (extent >= BATCH ? -1 : extent)

/** The kind of a value with a free batch extent. */
const free = ({ shape, dtype }: Value): Value => ({ shape: shape.map(freeExtent), dtype })

/**
 * The same graph, with shapes computed from the number of rows of its leaf `ids`. Indices below 0, which ONNX counts from the end of a
 * table, become too large, which a runtime refuses.
 */
function withFreeBatch(outputs: readonly GraphValue[], ids: Value, bounds: Graph["bounds"]): GraphValue[] {
  const graph = new Graph()
  /** The extents of a shape, as factor × rows + base. */
  const shapeOf = (numbers: ArrayLike<number>): GraphValue => {
    const kind: Value = { shape: [numbers.length], dtype: "int64" }
    const factors = Array.from(numbers, (n) => (n >= BATCH ? n / BATCH : 0))
    const bases = Array.from(numbers, (n) => (n >= BATCH ? 0 : n))
    const first = { start: 0, end: 1 }
    const rows = graph.node("Shape", [graph.leaf("ids", ids)], { shape: [1], dtype: "int64" }, first)
    const multiples = graph.node("Mul", [rows, graph.integers(factors)], kind)
    return graph.node("Add", [multiples, graph.integers(bases)], kind)
  }

  const guarded = (index: GraphValue, count: number): GraphValue => {
    const [zero, tooLarge] = [0, count].map((number) => graph.constant([number], [], "int32"))
    const below = graph.node("Less", [index, zero], { shape: index.shape, dtype: "bool" })
    return graph.node("Where", [below, tooLarge, index], index)
  }

  return rebuild(outputs, (value, anew) => {
    const { node, name, constant, shape, dtype } = value
    if (name !== undefined) {
      const leaf = graph.leaf(name, free(value))
      return bounds.has(name) ? guarded(leaf, bounds.get(name)!.count) : leaf
    }
    if (!node) return multiplesIn(value) > 0 ? shapeOf(constant!) : graph.constant(constant!, shape, dtype)
    const { operator, inputs, attributes, outputs } = node
    const [x, to] = inputs
    // A Reshape infers one extent.
    const infers = operator === "Reshape" && multiplesIn(to) === 1
    const operands = infers
      ? [anew(x), graph.integers(Array.from(to.constant!, freeExtent))]
      : inputs.map(anew)
    return graph.node(operator, operands, free(value), attributes, outputs.indexOf(value))
  })
}

/** The number of extents that are multiples of the batch, if the constant may be a shape. */
const multiplesIn = ({ constant, dtype }: GraphValue): number =>
  constant && dtype === "int64" ? Array.from(constant).filter((n) => n >= BATCH).length : 0
