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
} from "onnx-buf"
import type { OnnxAttributes, Value } from "../tensor/op.ts"
import { elementType, type GraphValue, nodesOf, type Role } from "./graph.ts"

/** LayerNormalization came with opset 17; every runtime of makewave reads 20. */
const opset = 20
const irVersion = 9

type GraphInit = MessageInitShape<typeof GraphProtoSchema>
type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>

/** A named input or output. An extent of -1 may differ from run to run. */
export type Port = readonly [name: string, kind: Value]
export type Result = readonly [name: string, value: GraphValue]

const arrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array }

export interface FunctionOptions {
  /** The values of leaves that are not inputs, by name: they are written into the model. */
  readonly initializers?: ReadonlyMap<string, ArrayLike<number>>
  /** The name of an extent of -1. */
  readonly freeExtent?: string
  /** Writes the shape of every value, for those who read the model. */
  readonly showsShapes?: boolean
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
const ofStep = (name: string) => `of step/${name}`
export const ofAllSteps = (name: string): string => `all/${name}`

/** The names of the state and the outputs in a loop's model. No other input may have them. */
export const namesOfLoop = (carried: readonly string[], outputs: readonly string[]): string[] => [
  ...carried.flatMap((name) => [name, inBody.state(name), next(name), finalState(name)]),
  ...outputs.flatMap((name) => [ofStep(name), ofAllSteps(name)]),
]

export interface Loop {
  /** The state's name and its value after a step. */
  readonly carried: readonly Result[]
  /** Inputs that are the same in every step. */
  readonly whole: readonly Port[]
  /** Inputs with a row for each step. */
  readonly perStep: readonly Port[]
  /** Values computed for all steps at once, before the first. */
  readonly before: readonly Result[]
  /** Names in `perStep` or `before` of which a step reads one row, with the kind of a row. */
  readonly rows: readonly Port[]
  /** Outputs of every step, stacked. */
  readonly outputs: readonly Result[]
}

/** The kind of a value stacked for all steps. */
export const allSteps = ({ shape, dtype }: Value): Value => ({ shape: [-1, ...shape], dtype })

/** A model that takes one step for each row of its inputs and carries the state along: ONNX's Scan. */
export function loopModel(
  { carried, whole, perStep, before, rows, outputs }: Loop,
  { showsShapes = false } = {},
): Uint8Array<ArrayBuffer> {
  const renamed = (ports: readonly Port[], name: (name: string) => string, kind = (each: Value) => each) =>
    ports.map(([port, value]): Port => [name(port), kind(value)])
  const body = graphOf(
    "step",
    [...renamed(carried, inBody.state), ...renamed(rows, inBody.row)],
    [
      ...carried.map(([name, value]): Result => [next(name), value]),
      ...outputs.map(([name, value]): Result => [ofStep(name), value]),
    ],
    { showsShapes },
  )
  const results = [...renamed(carried, finalState), ...renamed(outputs, ofAllSteps, allSteps)]
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
        output: results.map(([name]) => name),
        attribute: [
          { name: "body", type: AttributeType.GRAPH, g: body },
          attributeOf(["num_scan_inputs", rows.length]),
        ],
      },
    ],
    input: [...carried, ...whole, ...renamed(perStep, inBody.whole, allSteps)].map((port) => valueInfo(port)),
    output: results.map((port) => valueInfo(port)),
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
  { initializers = new Map(), freeExtent, showsShapes = false }: FunctionOptions = {},
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
  const named = new Set(outputs.map(([output]) => output))
  const inner = Array.from(names).filter(([value, name]) => value.node && !named.has(name))
  // An input, a constant, and a value that is named after another output reach this output through an Identity.
  for (const [output, value] of outputs) {
    const name = `output ${output}`
    if (names.get(value) !== output)
      node.push({ opType: "Identity", name, input: [nameOf(value)], output: [output], attribute: [] })
  }
  return {
    name,
    node,
    initializer,
    ...(showsShapes && { valueInfo: inner.map(([value, name]) => valueInfo([name, value])) }),
    input: inputs.map((port) => valueInfo(port, freeExtent)),
    output: outputs.map((port) => valueInfo(port, freeExtent)),
  }
}

function attributeOf([name, value]: [string, OnnxAttributes[string]]): AttributeInit {
  if (typeof value === "string")
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if (typeof value === "number") return { name, type: AttributeType.INT, i: BigInt(value) }
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

const tensorOf = (name: string, values: ArrayLike<number>, { shape, dtype }: Value) => {
  const typed =
    dtype === "int64" ? BigInt64Array.from(Array.from(values, BigInt)) : arrays[dtype].from(values)
  const rawData = new Uint8Array(typed.buffer)
  return { name, dims: shape.map(BigInt), dataType: elementType[dtype], rawData }
}

function valueInfo([name, { shape, dtype }]: Port, freeExtent = "steps") {
  const dim = shape.map((extent) => ({
    value:
      extent < 0
        ? { case: "dimParam" as const, value: freeExtent }
        : { case: "dimValue" as const, value: BigInt(extent) },
  }))
  const value = { elemType: elementType[dtype], shape: { dim } }
  return { name, type: { value: { case: "tensorType" as const, value } } }
}
