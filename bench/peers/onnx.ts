/** ONNX by hand: just what it takes to write a graph down node by node. */

import { create, toBinary } from "@bufbuild/protobuf"
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf"

export type Type = "FLOAT" | "INT32" | "INT64"
/** A name stands for an extent that the feeds decide. */
export type Shape = readonly (number | string)[]
export type Attribute = number | string | GraphProto | { readonly float: number }

/** The name of a value in the graph. */
export type Value = string

export class Graph {
  readonly #nodes: NodeProto[] = []
  readonly #initializers: TensorProto[] = []
  readonly #constants = new Map<string, Value>()
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  get size(): number {
    return this.#nodes.length
  }

  node(operator: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = `${this.#prefix}${this.#nodes.length}_${operator}`
    this.nodeTo([output], operator, inputs, attributes)
    return output
  }

  /** A node with outputs of given names. */
  nodeTo(
    outputs: readonly Value[],
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
  ): void {
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType: operator,
        name: `${this.#prefix}${this.#nodes.length}`,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    )
  }

  floats(shape: readonly number[], value: number | Float32Array): Value {
    const size = shape.reduce((a, b) => a * b, 1)
    const data = typeof value === "number" ? new Float32Array(size).fill(value) : value
    return this.#constant("FLOAT", shape, data)
  }

  /** A vector of whole numbers: a shape, or axes. */
  integers(...values: number[]): Value {
    return this.#constant("INT64", [values.length], BigInt64Array.from(values, BigInt))
  }

  build(name: string, inputs: readonly ValueInfoProto[], outputs: readonly ValueInfoProto[]): GraphProto {
    return create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: [...inputs],
      output: [...outputs],
    })
  }

  #constant(type: Type, shape: readonly number[], data: Float32Array | BigInt64Array): Value {
    const key = `${type} ${shape} ${data}`
    const known = this.#constants.get(key)
    if (known) return known
    const name = `${this.#prefix}c${this.#initializers.length}`
    this.#constants.set(key, name)
    this.#initializers.push(
      create(TensorProtoSchema, {
        name,
        dims: shape.map(BigInt),
        dataType: TensorProto_DataType[type],
        rawData: new Uint8Array(data.slice().buffer as ArrayBuffer),
      }),
    )
    return name
  }
}

export function valueInfo(name: Value, type: Type, shape: Shape): ValueInfoProto {
  const dim = shape.map((extent) => ({
    value:
      typeof extent === "number"
        ? { case: "dimValue" as const, value: BigInt(extent) }
        : { case: "dimParam" as const, value: extent },
  }))
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: TensorProto_DataType[type], shape: { dim } } } },
  })
}

export function model(graph: GraphProto): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, graph, opsetImport: [{ domain: "", version: 21n }] }),
  )
}

function attribute(name: string, value: Attribute): AttributeProto {
  const { INT, FLOAT, STRING, GRAPH } = AttributeProto_AttributeType
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) })
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: STRING, s: new TextEncoder().encode(value) })
  if ("float" in value) return create(AttributeProtoSchema, { name, type: FLOAT, f: value.float })
  return create(AttributeProtoSchema, { name, type: GRAPH, g: value })
}
