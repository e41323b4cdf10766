/**
 * An ONNX graph under construction: values and the nodes that compute them. Equal nodes are merged (common subexpressions), and
 * every new node passes the rewriting rules.
 * The operators are those of https://onnx.ai/onnx/operators/.
 */
import { TensorProto_DataType as DataType } from "onnx-buf"
import type { Emitter, OnnxAttributes, OnnxType, Value } from "../tensor/op.ts"
import { type Shape, sameShape, sizeOf } from "../tensor/shape.ts"
import { type Bound, expectIndices, firstOutside } from "./indices.ts"
import { commutativeOperators } from "./operators.ts"

export interface Node {
  readonly operator: string
  /** The op that it is part of. */
  readonly op: string
  readonly inputs: readonly GraphValue[]
  readonly attributes: OnnxAttributes
  /** By output index; unused outputs are missing. */
  readonly outputs: (GraphValue | undefined)[]
}

/** What a leaf is: the same in every step, the row of a step, or state that a loop carries. */
export type Role = "whole" | "row" | "state"

/** A leaf has a name and a role, a constant its values; any other value is the output of a node. */
export interface GraphValue extends Value {
  readonly id: number
  readonly size: number
  readonly node?: Node
  readonly name?: string
  readonly role?: Role
  readonly constant?: ArrayLike<number>
}

/** A node about to be added to a graph. */
export interface Candidate {
  readonly graph: Graph
  readonly operator: string
  readonly inputs: readonly GraphValue[]
  readonly output: Value
  readonly attributes: OnnxAttributes
}

/** An equal value with fewer or faster nodes; undefined if the rule does not apply. */
export type Rule = (candidate: Candidate) => GraphValue | undefined

/** Rules by operator. */
export type Rules = ReadonlyMap<string, readonly Rule[]>

/** The codes of ONNX's element types. */
export const elementType: Record<OnnxType, DataType> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint32: DataType.UINT32,
  bool: DataType.BOOL,
}

export class Graph implements Emitter {
  private readonly rules: Rules
  private readonly known = new Map<string, GraphValue>()
  private readonly nodes = new Map<string, Node>()
  private readonly useCounts = new Map<GraphValue, number>()
  private readonly arrays = new Map<ArrayLike<number>, number>()
  /** The op whose nodes are being written, for their names and for errors. */
  writing = ""
  /** Bounds of the leaves that are read as indices, by name. */
  readonly bounds = new Map<string, Bound>()

  constructor(rules: Rules = new Map()) {
    this.rules = rules
  }

  /** A value from outside. */
  leaf(name: string, kind: Value, role: Role = "whole"): GraphValue {
    return this.once(`leaf ${role} ${name}`, kind, { name, role })
  }

  constant(values: ArrayLike<number>, shape: Shape, dtype: OnnxType): GraphValue {
    let content: string
    if (Array.prototype.every.call(values, (value) => value === values[0])) content = `all ${values[0]}`
    else if (values.length <= 256) content = Array.prototype.join.call(values)
    else {
      // Long arrays are compared by identity: comparing values would cost more than a second copy in the model.
      if (!this.arrays.has(values)) this.arrays.set(values, this.arrays.size)
      content = `array ${this.arrays.get(values)}`
    }
    return this.once(`constant ${dtype} ${shape} = ${content}`, { shape, dtype }, { constant: values })
  }

  scalar(value: number, dtype: OnnxType = "float32"): GraphValue {
    return this.constant([value], [], dtype)
  }

  integers(values: readonly number[]): GraphValue {
    return this.constant(values, [values.length], "int64")
  }

  indices(values: Value, count: number): GraphValue {
    return this.checked(values as GraphValue, count)
  }

  /** `all` is false if some indices may never be used, which must then not be rejected early. */
  private checked(x: GraphValue, count: number, all = true): GraphValue {
    const { constant, name, role, node } = x
    const bound = { op: this.writing, count }
    if (constant && (all || firstOutside(constant, count) < 0)) {
      expectIndices(constant, bound)
      return x
    }
    if (name !== undefined && role !== "state" && all) {
      const known = this.bounds.get(name)
      if (!known || count < known.count) this.bounds.set(name, bound)
      return x
    }
    if (node && movingOperators.has(node.operator)) {
      // A slice drops some values. Shapes and bounds are int64.
      const allMoved = all && node.operator !== "Slice"
      const inputs = node.inputs.map((each) =>
        each.dtype === "int64" ? each : this.checked(each, count, allMoved),
      )
      return this.node(node.operator, inputs, x, node.attributes)
    }
    if (node?.operator === "Cast" && countOf(node.inputs[0]) <= count) return x
    const below = this.node("Less", [x, this.scalar(0, "int32")], { shape: x.shape, dtype: "bool" })
    return this.node("Where", [below, this.scalar(count, "int32"), x], x)
  }

  cast(x: Value, dtype: OnnxType): GraphValue {
    return this.node("Cast", [x], { shape: x.shape, dtype }, { to: elementType[dtype] })
  }

  reshape(x: GraphValue, shape: Shape): GraphValue {
    if (sameShape(x.shape, shape)) return x
    return this.node("Reshape", [x, this.integers(shape)], { shape, dtype: x.dtype })
  }

  expand(x: GraphValue, shape: Shape): GraphValue {
    if (sameShape(x.shape, shape)) return x
    return this.node("Expand", [x, this.integers(shape)], { shape, dtype: x.dtype })
  }

  /** Copies a value of another graph; `inputs` are the copies of its node's inputs. */
  copy(value: GraphValue, inputs: readonly GraphValue[] = []): GraphValue {
    const { node, name, role, constant, shape, dtype } = value
    if (name !== undefined) return this.leaf(name, value, role)
    if (constant) return this.constant(constant, shape, dtype)
    const { operator, attributes, outputs } = node!
    this.writing = node!.op
    const copied = this.node(operator, inputs, value, attributes, outputs.indexOf(value))
    // Unused outputs keep their places.
    if (copied.node?.operator === operator) copied.node.outputs.length = outputs.length
    return copied
  }

  node(
    operator: string,
    inputs: readonly Value[],
    output: Value,
    attributes: OnnxAttributes = {},
    index = 0,
  ): GraphValue {
    // Emitters only hand back values that a graph gave them.
    const values = inputs as readonly GraphValue[]
    if (index === 0)
      for (const rule of this.rules.get(operator) ?? []) {
        const better = rule({ graph: this, operator, inputs: values, output, attributes })
        if (better) return better
      }
    const ids = values.map(({ id }) => id)
    if (commutativeOperators.has(operator)) ids.sort((a, b) => a - b)
    const key = `${operator} ${ids} ${JSON.stringify(attributes)}`
    let node = this.nodes.get(key)
    if (!node) {
      node = { operator, op: this.writing, inputs: values, attributes, outputs: [] }
      this.nodes.set(key, node)
    }
    const value = this.once(`${key} #${index} ${output.shape}`, output, { node })
    node.outputs[index] = value
    return value
  }

  /** Whether a value has only one known use, so that a rule may absorb it. */
  usedOnce(value: GraphValue): boolean {
    return this.useCounts.get(value) === 1
  }

  addUses(value: GraphValue, count: number): void {
    this.useCounts.set(value, (this.useCounts.get(value) ?? 0) + count)
  }

  private once(key: string, { shape, dtype }: Value, origin: Partial<GraphValue>): GraphValue {
    let value = this.known.get(key)
    if (!value) {
      value = { id: this.known.size, shape, dtype, size: sizeOf(shape), ...origin }
      this.known.set(key, value)
    }
    return value
  }
}

/** Operators that only move values. */
export const movingOperators: ReadonlySet<string> = new Set([
  "Reshape",
  "Expand",
  "Transpose",
  "Slice",
  "Concat",
])

/** Bounds the values of a truth value or the index of a maximum: they are below this count. */
function countOf({ dtype, node }: GraphValue): number {
  if (dtype === "bool") return 2
  return node?.operator === "ArgMax" ? node.inputs[0].shape[node.attributes.axis as number] : Infinity
}

/** The nodes that `outputs` need, each after the nodes it reads. */
export function nodesOf(outputs: readonly GraphValue[]): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack = outputs.map(({ node }) => ({ node, ready: false })).reverse()
  while (stack.length > 0) {
    const { node, ready } = stack.pop()!
    if (!node) continue
    if (ready) order.push(node)
    else if (!seen.has(node)) {
      seen.add(node)
      stack.push({ node, ready: true })
      for (const input of node.inputs.toReversed()) stack.push({ node: input.node, ready: false })
    }
  }
  return order
}

/** The outputs in another graph: `make` writes each value that they need once, given a function that returns its inputs' copies. */
export function rebuild(
  outputs: readonly GraphValue[],
  make: (value: GraphValue, anew: (input: GraphValue) => GraphValue) => GraphValue,
  nodes = nodesOf(outputs),
): GraphValue[] {
  const made = new Map<GraphValue, GraphValue>()
  const anew = (value: GraphValue): GraphValue => {
    let to = made.get(value)
    if (!to) {
      to = make(value, anew)
      made.set(value, to)
    }
    return to
  }
  // In the order of the nodes, which keeps the recursion shallow.
  for (const { inputs } of nodes) inputs.forEach(anew)
  return outputs.map(anew)
}
