/**
 * Estimates the memory that a model takes while it runs, from the shapes in its graph, before ONNX Runtime allocates any.
 */
import { MemoryError } from "../errors.ts"
import type { OnnxType, Value } from "../tensor/op.ts"
import { sizeOf } from "../tensor/shape.ts"
import { type GraphValue, nodesOf } from "./graph.ts"
import { pointwiseOperators } from "./operators.ts"
import type { RuntimeOptions } from "./session.ts"

const bytes: Record<OnnxType, number> = { float32: 4, int32: 4, uint32: 4, int64: 8, bool: 1 }

/** What a process takes without any model. */
const AT_REST = 2e8

const GIGABYTE = 1e9

/** The bytes that the options allow. A GPU has its own memory, and no limit unless one is given. */
const allowed = ({ provider = "cpu", memory }: RuntimeOptions): number =>
  GIGABYTE * (memory ?? (provider === "cpu" || provider === "wasm" ? 2 : Infinity))

/**
 * Throws a MemoryError if a process with a model of these bytes would take more than the options allow. Measured on Linux without memory
 * patterns: transformers on 200 and 1,000 symbols, WaveNets on 8 and 2,048 and a GRU of 20,000 symbols took 0.97 to 1.14 times the
 * estimate, and small models up to 100 MB more.
 */
export function requireMemory(bytes: number, options: RuntimeOptions): void {
  const limit = allowed(options)
  const wanted = AT_REST + bytes
  if (wanted <= limit) return
  const takes = Math.ceil(wanted / (GIGABYTE / 100)) / 100
  throw new MemoryError(
    `this would take about ${takes} GB of memory, and ${limit / GIGABYTE} GB are allowed: make the batch (--batch-size), the context ` +
      `(--context) or the model smaller, or allow more (--memory ${Math.ceil(wanted / GIGABYTE)}, in code runtime: { memory: ${Math.ceil(wanted / GIGABYTE)} })`,
  )
}

/** A free extent (-1) counts as one. */
const bytesOf = ({ shape, dtype }: Value): number => Math.abs(sizeOf(shape)) * bytes[dtype]

export const totalBytes = (values: readonly Value[]): number =>
  values.reduce((sum, value) => sum + bytesOf(value), 0)

/**
 * The most bytes of values that are held at a time, if each is freed after its last use and elementwise operators write over an input
 * that nothing else needs, as in ONNX Runtime. Leaves are not counted.
 */
export function peakBytes(outputs: readonly GraphValue[]): number {
  const nodes = nodesOf(outputs)
  /** A reshaped value is the same memory. */
  const owner = new Map<GraphValue, GraphValue>()
  const ownerOf = (value: GraphValue): GraphValue => owner.get(value) ?? value
  const uses = new Map<GraphValue, number>()
  const use = (value: GraphValue) => uses.set(ownerOf(value), (uses.get(ownerOf(value)) ?? 0) + 1)
  for (const { operator, inputs, outputs } of nodes) {
    for (const output of outputs) if (operator === "Reshape" && output) owner.set(output, ownerOf(inputs[0]))
    for (const input of inputs) use(input)
  }
  for (const output of outputs) use(output)

  let [held, peak] = [0, 0]
  const sizes = new Map<GraphValue, number>()
  const free = (value: GraphValue) => {
    const left = uses.get(value)! - 1
    uses.set(value, left)
    if (left === 0) held -= sizes.get(value) ?? 0
  }
  for (const { operator, inputs, outputs } of nodes) {
    const inPlace = pointwiseOperators.has(operator)
    // Freed before the outputs are allocated, which may overwrite them.
    if (inPlace) for (const input of inputs) free(ownerOf(input))
    for (const output of outputs)
      if (output && ownerOf(output) === output) {
        sizes.set(output, bytesOf(output))
        held += bytesOf(output)
      }
    peak = Math.max(peak, held)
    if (!inPlace) for (const input of inputs) free(ownerOf(input))
  }
  return peak
}
