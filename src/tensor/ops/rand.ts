/**
 * Uniform random numbers in [0, 1) from a counter: int32 scalar -> float32 of the given shape. The same counter gives the same
 * numbers on every machine, so a resumed training draws what an uninterrupted one draws. It passes no gradient.
 * Source: counter-based generators, Salmon et al. 2011, https://doi.org/10.1145/2063384.2063405; the mixing constants are those of
 * lowbias32, https://nullprogram.com/blog/2018/07/31/.
 */
import { exampleWith, type OnnxType, type Op, type Value, within } from "../op.ts"
import { type Shape, ShapeError, show, sizeOf } from "../shape.ts"

const first = 0x7feb352d
const second = 0x846ca68b
const golden = 0x9e3779b9

/** One round of mixing. */
function mixed(x: number): number {
  const h = Math.imul(x ^ (x >>> 16), first)
  return h ^ (h >>> 15)
}

/** 32 bits for each position, as constants of the graph: one more round of mixing is left to a step. */
const ownBits = (count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => {
    const h = Math.imul(mixed(i + 1), second)
    return h ^ (h >>> 16)
  })

export const rand: Op<{ shape: Shape }> = {
  name: "rand",
  takes: ["int32"],
  shape([counter], { shape }) {
    if (counter.length > 0) throw new ShapeError(`rand: the counter must be a scalar, not ${show(counter)}`)
    return shape
  },
  dtype: () => "float32",
  reference([counter], y) {
    const key = Math.imul(counter.data[0], golden)
    ownBits(y.data.length).forEach((own, i) => {
      y.data[i] = (mixed(own ^ key) >>> 8) / 2 ** 24
    })
  },
  onnx(graph, [counter], y) {
    const { shape } = y
    const as = (dtype: OnnxType, like: Value = y): Value => ({ shape: like.shape, dtype })
    const shifted = (x: Value, bits: number) =>
      graph.node("BitShift", [x, graph.constant([bits], [], "uint32")], as("uint32"), { direction: "RIGHT" })
    const folded = (x: Value, bits: number) => graph.node("BitwiseXor", [x, shifted(x, bits)], as("uint32"))

    const key = graph.node("Mul", [counter, graph.constant([golden | 0], [], "int32")], as("int32", counter))
    const own = graph.constant(ownBits(sizeOf(shape)), shape, "int32")
    const keyed = graph.cast(graph.node("BitwiseXor", [own, key], as("int32")), "uint32")
    const factors = [graph.cast(folded(keyed, 16), "int32"), graph.constant([first], [], "int32")]
    const product = graph.node("Mul", factors, as("int32"))
    const bits = shifted(folded(graph.cast(product, "uint32"), 15), 8)
    return graph.node("Mul", [graph.cast(bits, "float32"), graph.constant([2 ** -24], [], "float32")], y)
  },
  javascript: { none: "a trained model draws nothing" },
  examples: [
    exampleWith({ shape: [64, 16] }, within([0, 2 ** 30], [])),
    exampleWith({ shape: [5] }, within([0, 1], [])),
  ],
}
