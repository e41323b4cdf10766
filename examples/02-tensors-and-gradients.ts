/**
 * Tensors are symbolic: `values()` computes one with the interpreter, `compile` turns a graph of them into a model for ONNX Runtime.
 *
 *   npx node examples/02-tensors-and-gradients.ts
 */
import "./errors.ts"
import { compile, gradients, Tensor } from "../src/index.ts"

const x = Tensor.constant([1, 2, 3, 4, 5, 6], [2, 3])
const w = Tensor.constant([0.5, -1, 0.25], [3, 1])
const y = x.matmul(w).tanh()

console.log(x) // Tensor (2, 3) float32, and its numbers
console.log(y.values()) // tanh of -0.75 and of -1.5

// Gradients are tensors too: they can be evaluated and compiled in the same way.
const [dw] = gradients(y.sum(), [w])
console.log(dw)

// Shape errors are thrown at the line that causes them, before anything is computed.
try {
  w.matmul(x)
} catch (error) {
  console.log(`${error}`) // ShapeError: matmul: (3, 1) × (2, 3): inner extents 1 and 2 differ
}

// The same computation as an ONNX model. Inputs get their values at run time.
const input = Tensor.input("input", [2, 3])
const compiled = await compile({ input }, { output: input.matmul(w).tanh() })
console.log(await compiled.run({ input: x.values() }))
await compiled.release()
