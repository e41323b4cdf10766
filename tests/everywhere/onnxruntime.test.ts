/** The ground everything else stands on: `#ort` gives an engine that runs a model written with onnx-buf, here and in a page. */
import { create, toBinary } from "@bufbuild/protobuf"
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf"
import { expect, test } from "vitest"

test("#ort runs y = a + b, with (2, 1) and (3) broadcast to (2, 3)", async () => {
  const { InferenceSession, Tensor } = await import("#ort")
  const session = await InferenceSession.create(addition(), { executionProviders: ["cpu"] })
  const { y } = await session.run({
    a: new Tensor("float32", [1, 2], [2, 1]),
    b: new Tensor("float32", [10, 20, 30], [3]),
  })
  expect(y?.dims).toEqual([2, 3])
  expect(Array.from(y?.data as Float32Array)).toEqual([11, 21, 31, 12, 22, 32])
  await session.release()
})

/** The bytes of an ONNX model of one node, y = a + b. */
function addition(): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 10n,
      opsetImport: [{ domain: "", version: 21n }],
      graph: create(GraphProtoSchema, {
        name: "addition",
        node: [{ opType: "Add", input: ["a", "b"], output: ["y"] }],
        input: [float32("a", [2, 1]), float32("b", [3])],
        output: [float32("y", [2, 3])],
      }),
    }),
  )
}

/** A value's name, with the type float32 and its shape. */
function float32(name: string, shape: number[]): ValueInfoProto {
  const dim = shape.map((extent) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(extent) } }),
  )
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: create(TensorShapeProtoSchema, { dim }) }
  const type = create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } })
  return create(ValueInfoProtoSchema, { name, type })
}
