/** The same numbers in another dtype: towards zero to int32, 0 or 1 from truth values, not-zero to truth values. */
import type { DType, Op } from "../op.ts"

/** TensorProto.DataType of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const onnxType: Record<DType, number> = { float32: 1, int32: 6, bool: 9 }

export const cast: Op<{ to: DType }> = {
  name: "cast",
  shape: ([x]) => x,
  dtype: (_, { to }) => to,
  reference([x], y, { to }) {
    const convert =
      to === "float32" ? (v: number) => v : to === "int32" ? Math.trunc : (v: number) => Number(v !== 0)
    for (let i = 0; i < y.data.length; i++) y.data[i] = convert(x.data[i])
  },
  onnx: (graph, [x], y, { to }) => graph.node("Cast", [x], y, { to: onnxType[to] }),
  gradient: (g, [x], _, { to }) => [to === "float32" && x.dtype === "float32" ? g : undefined],
  examples: [
    { shapes: [[3, 4]], attributes: { to: "int32" }, ranges: [[-3, 3]] },
    { shapes: [[3, 4]], attributes: { to: "float32" }, ranges: [[-3, 3]], dtypes: ["int32"] },
    { shapes: [[3, 4]], attributes: { to: "float32" }, ranges: [[0, 2]], dtypes: ["bool"] },
    { shapes: [[]], attributes: { to: "bool" }, ranges: [[-1, 2]], dtypes: ["int32"] },
  ],
}
