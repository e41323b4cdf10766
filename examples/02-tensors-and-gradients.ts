/**
 * A tensor is a promise of numbers: looked at, it is computed by the interpreter; compiled, it is run by ONNX Runtime.
 *
 *   npx node examples/02-tensors-and-gradients.ts
 */
import { compile, gradients, Tensor } from "../src/index.ts"

const x = Tensor.constant([1, 2, 3, 4, 5, 6], [2, 3])
const w = Tensor.constant([0.5, -1, 0.25], [3, 1])
const y = x.matmul(w).tanh()

console.log(`${y}`) // Tensor tanh (2, 1) float32
console.log(x.values()) // Float64Array(6) [ 1, 2, 3, 4, 5, 6 ]
console.log(y.values()) // tanh of -0.75 and of -1.5

// The gradient of a tensor is more tensors, so that it can be looked at and compiled in the same way.
const [dw] = gradients(y.sum(), [w])
console.log(`${dw}`) // Tensor matmul (3, 1) float32
console.log(dw.values())

// Shapes fail where the line stands, before any number is computed.
try {
  w.matmul(x)
} catch (error) {
  console.log(`${error}`) // ShapeError: matmul: (3, 1) × (2, 3): inner extents 1 and 2 differ
}

// The same as an ONNX model: leaves that are inputs get their numbers when it is run.
const input = Tensor.input("input", [2, 3])
const compiled = await compile({ input }, { output: input.matmul(w).tanh() })
console.log(await compiled.run({ input: x.values() }))
await compiled.release()
