/**
 * The matrix product over the last two axes: (..., M, K) × (K, N) or (..., K, N) -> (..., M, N). Leading axes broadcast.
 * d/da = g bᵀ, d/db = aᵀ g. Source: torch.matmul, for two axes and more.
 */
import { expanded } from "../javascript.ts"
import { example, type Op } from "../op.ts"
import { broadcast, broadcastStrides, ShapeError, show, sizeOf, walk } from "../shape.ts"

/** Eight rows of b at a time, each read from start to end: that takes a third of the time of one row at a time. */
const product = `
    const out = row * N
    let k = 0
    for (; k + 7 < K; k += 8) {
      const at = row * K + k
${Array.from({ length: 8 }, (_, i) => `      const x${i} = a[at + ${i}]`).join("\n")}
      for (let n = 0, i = right + k * N; n < N; n++, i++)
        y[out + n] += ${Array.from({ length: 8 }, (_, i) => `x${i} * b[i + ${i} * N]`).join(" + ")}
    }
    for (; k < K; k++) for (let n = 0; n < N; n++) y[out + n] += a[row * K + k] * b[right + k * N + n]`

const matmulFunction = `
/** A matrix product: (M, K) x (K, N) -> (M, N). */
function matmul(a, b, M, K, N) {
  const y = new Float64Array(M * N)
  for (let row = 0; row < M; row++) {
    const right = 0${product}
  }
  return y
}`

/** A function of its own: engines are fastest where an argument always has the same kind, and weights are floats of 32 bits. */
const batchedFunction = `
/** Matrix products, one for each of the batch: (M, K) x (K, N) -> (M, N). */
function matmuls(a, b, batch, M, K, N) {
  const y = new Float64Array(batch * M * N)
  for (let row = 0; row < batch * M; row++) {
    const right = Math.floor(row / M) * K * N${product}
  }
  return y
}`

export const matmul: Op<undefined> = {
  name: "matmul",
  shape([a, b]) {
    if (a.length < 2 || b.length < 2)
      throw new ShapeError(
        `matmul: ${show(a)} × ${show(b)}: both need at least two axes; reshape a vector to a matrix`,
      )
    if (a.at(-1) !== b.at(-2))
      throw new ShapeError(
        `matmul: ${show(a)} × ${show(b)}: inner extents ${a.at(-1)} and ${b.at(-2)} differ`,
      )
    return [...broadcast("matmul", [a.slice(0, -2), b.slice(0, -2)]), a.at(-2)!, b.at(-1)!]
  },
  reference([a, b], y) {
    const [M, N] = y.shape.slice(-2)
    const K = a.shape.at(-1)!
    const batch = y.shape.slice(0, -2)
    const strides = [a, b].map(({ shape }) =>
      broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * sizeOf(shape.slice(-2))),
    )
    let at = 0
    walk(batch, strides, ([ofA, ofB]) => {
      for (let m = 0; m < M; m++, at += N)
        for (let k = 0; k < K; k++) {
          const left = a.data[ofA + m * K + k]
          for (let n = 0; n < N; n++) y.data[at + n] += left * b.data[ofB + k * N + n]
        }
    })
  },
  multiplications: ([a], y) => sizeOf(y) * a.at(-1)!,
  onnx: "MatMul",
  javascript(call, [a, b], { shape }) {
    const [M, N] = shape.slice(-2)
    const K = a.shape.at(-1)!
    // A product with a single matrix is one product over all rows.
    if (b.shape.length === 2) return call(matmulFunction, a.text, b.text, sizeOf(shape) / N, K, N)
    const batch = shape.slice(0, -2)
    const operands = [expanded(call, a, [...batch, M, K]), expanded(call, b, [...batch, K, N])]
    return call(batchedFunction, ...operands, sizeOf(batch), M, K, N)
  },
  gradient(g, [a, b]) {
    if (b.rank > 2) return [g.matmul(b.transpose()).sumTo(a.shape), a.transpose().matmul(g).sumTo(b.shape)]
    // One product over all rows in place of a sum over a batch of products.
    const rows = (x: typeof a) => x.reshape([-1, x.shape.at(-1)!])
    return [g.matmul(b.transpose()), rows(a).transpose().matmul(rows(g))]
  },
  examples: [
    example([3, 4], [4, 5]),
    example([2, 3, 4], [4, 5]),
    example([2, 3, 4], [2, 4, 5]),
    example([2, 1, 3, 4], [3, 4, 2]),
    example([3, 4], [2, 4, 5]),
    example([1, 1], [1, 1]),
  ],
}
