/**
 * From a graph to the bytes of an ONNX model, as a file that Netron opens: a plain function, or a step as the body of a Scan.
 * The format is https://onnx.ai/onnx/repo-docs/IR.html; the protobuf is written by onnx-buf.
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf"
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProtoSchema,
  ModelProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "onnx-buf"
import type { OnnxAttributes, OnnxType, Value } from "../tensor/op.ts"
import { elementType, type GraphValue, nodesOf, type Role } from "./graph.ts"

/** LayerNormalization came with opset 17; every runtime of makewave reads 20. */
const opset = 20
const irVersion = 9

type GraphInit = MessageInitShape<typeof GraphProtoSchema>
type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>

/** A named input or output. An extent of -1 may differ from run to run. */
export type Port = readonly [name: string, kind: Value]
export type Result = readonly [name: string, value: GraphValue]

type Typed = Float32Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array

const arrayOf: Record<OnnxType, (values: ArrayLike<number>) => Typed> = {
  float32: (values) => Float32Array.from(values),
  int32: (values) => Int32Array.from(values),
  uint32: (values) => Uint32Array.from(values),
  int64: (values) => BigInt64Array.from(Array.from(values, BigInt)),
  bool: (values) => Uint8Array.from(values),
}

export interface FunctionOptions {
  /** The numbers of leaves that are not inputs, by name: they are written into the model. */
  readonly initializers?: ReadonlyMap<string, ArrayLike<number>>
  /** The name of an extent of -1. */
  readonly freeExtent?: string
  /** Texts stored with the model. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A plain function: inputs in, outputs out. */
export function functionModel(
  inputs: readonly Port[],
  outputs: readonly Result[],
  { metadata, ...options }: FunctionOptions = {},
): Uint8Array<ArrayBuffer> {
  return model(graphOf("function", inputs, outputs, options), metadata)
}

/** The names in a loop's model: of the body's leaves by role, of the body's next state, and of the loop's outputs. */
const inBody: Record<Role, (name: string) => string> = {
  state: (name) => `now/${name}`,
  row: (name) => `row of ${name}`,
  whole: (name) => name,
}
const next = (name: string) => `next/${name}`
export const finalState = (name: string): string => `after/${name}`
export const ofAllSteps = (name: string): string => `all/${name}`

export interface Loop {
  /** The state's name and its value after a step. */
  readonly carried: readonly Result[]
  /** Inputs that are the same in every step. */
  readonly whole: readonly Port[]
  /** Inputs with a row for each step. */
  readonly perStep: readonly Port[]
  /** Values computed for all steps at once, before the first. */
  readonly before: readonly Result[]
  /** What a step reads one row of: names in `perStep` or `before`, with the kind of a row. */
  readonly rows: readonly Port[]
  /** Outputs of every step, stacked. */
  readonly outputs: readonly Result[]
}

/** A model that takes one step for each row of its inputs and carries the state along: ONNX's Scan. */
export function loopModel({ carried, whole, perStep, before, rows, outputs }: Loop): Uint8Array<ArrayBuffer> {
  const stacked = ({ shape, dtype }: Value): Value => ({ shape: [-1, ...shape], dtype })
  const body = graphOf(
    "step",
    [
      ...carried.map(([name, value]): Port => [inBody.state(name), value]),
      ...rows.map(([name, kind]): Port => [inBody.row(name), kind]),
    ],
    [...carried.map(([name, value]): Result => [next(name), value]), ...outputs],
  )
  const ahead = graphOf("before", [], before)
  return model({
    name: "training",
    initializer: ahead.initializer,
    node: [
      ...ahead.node,
      {
        opType: "Scan",
        name: "steps of training",
        input: [...carried, ...rows].map(([name]) => name),
        output: [...carried.map(([name]) => finalState(name)), ...outputs.map(([name]) => ofAllSteps(name))],
        attribute: [
          { name: "body", type: AttributeType.GRAPH, g: body },
          attributeOf(["num_scan_inputs", rows.length]),
        ],
      },
    ],
    input: [
      ...carried.map(([name, value]) => valueInfo(name, value)),
      ...whole.map(([name, kind]) => valueInfo(name, kind)),
      ...perStep.map(([name, kind]) => valueInfo(name, stacked(kind))),
    ],
    output: [
      ...carried.map(([name, value]) => valueInfo(finalState(name), value)),
      ...outputs.map(([name, value]) => valueInfo(ofAllSteps(name), stacked(value))),
    ],
  })
}

const model = (graph: GraphInit, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: "makewave",
      opsetImport: [{ domain: "", version: BigInt(opset) }],
      graph,
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }),
  )

function graphOf(
  name: string,
  inputs: readonly Port[],
  outputs: readonly Result[],
  { initializers = new Map(), freeExtent }: FunctionOptions = {},
) {
  const names = new Map<GraphValue, string>()
  // A value that is an output takes the output's name, the first if there are several.
  for (const [output, value] of outputs) if (value.node && !names.has(value)) names.set(value, output)
  const initializer: MessageInitShape<typeof TensorProtoSchema>[] = []
  const nameOf = (value: GraphValue): string => {
    let known = names.get(value)
    if (known === undefined) {
      // Prefixed by the graph's name, because a body must not reuse a name of the graph around it.
      known = value.role
        ? inBody[value.role](value.name!)
        : `${name}/${value.node?.operator ?? "constant"} ${names.size}`
      names.set(value, known)
      const numbers = value.constant ?? initializers.get(known)
      if (numbers) initializer.push(tensorOf(known, numbers, value))
    }
    return known
  }
  let unused = 0
  const node = nodesOf(outputs.map(([, value]) => value)).map(
    ({ operator, op, inputs, attributes, outputs }, k) => ({
      opType: operator,
      name: `${op || operator} ${k}`,
      input: inputs.map(nameOf),
      output: Array.from(outputs, (value) => (value ? nameOf(value) : `${name}/unused ${unused++}`)),
      attribute: Object.entries(attributes).map(attributeOf),
    }),
  )
  // An input, a constant, and a value that is named after another output reach this output through an Identity.
  for (const [output, value] of outputs)
    if (names.get(value) !== output)
      node.push({
        opType: "Identity",
        name: `output ${output}`,
        input: [nameOf(value)],
        output: [output],
        attribute: [],
      })
  return {
    name,
    node,
    initializer,
    input: inputs.map(([name, kind]) => valueInfo(name, kind, freeExtent)),
    output: outputs.map(([name, value]) => valueInfo(name, value, freeExtent)),
  }
}

function attributeOf([name, value]: [string, OnnxAttributes[string]]): AttributeInit {
  if (typeof value === "string")
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if (typeof value === "number") return { name, type: AttributeType.INT, i: BigInt(value) }
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

const tensorOf = (name: string, values: ArrayLike<number>, { shape, dtype }: Value) => ({
  name,
  dims: shape.map(BigInt),
  dataType: elementType[dtype],
  rawData: new Uint8Array(arrayOf[dtype](values).buffer as ArrayBuffer),
})

const valueInfo = (
  name: string,
  { shape, dtype }: Value,
  freeExtent = "steps",
): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: "tensorType",
      value: {
        elemType: elementType[dtype],
        shape: {
          dim: shape.map((extent) => ({
            value:
              extent < 0
                ? { case: "dimParam", value: freeExtent }
                : { case: "dimValue", value: BigInt(extent) },
          })),
        },
      },
    },
  },
})
