/** The runtime: a function of tensors becomes an ONNX model, and ONNX Runtime runs it. */
export {
  type Compiled,
  type CompiledLoop,
  compile,
  compileLoop,
  type LoopBody,
  type Running,
} from "./compile.ts"
export { type Numbers, type Provider, providers, type RuntimeOptions } from "./session.ts"
