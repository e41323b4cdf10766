/**
 * From tensors to ONNX nodes: each op's record writes its nodes; a composed op is written as the ops that it is composed of.
 */
import { topological } from "../tensor/interpreter.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { Graph, GraphValue } from "./graph.ts"

/** The values of `outputs` in `graph`. `known` holds those of the leaves, and receives those of every tensor on the way. */
export function lower(
  graph: Graph,
  outputs: readonly Tensor[],
  known: Map<Tensor, GraphValue>,
  writing?: string,
): GraphValue[] {
  for (const tensor of topological(outputs, known)) {
    const { op, inputs, attributes } = tensor
    if (op.composed) {
      known.set(tensor, lower(graph, [op.composed(inputs, attributes)], known, writing ?? op.name)[0])
      continue
    }
    graph.writing = writing ?? op.name
    const values = inputs.map((input) => known.get(input)!)
    const value =
      typeof op.onnx === "string"
        ? graph.node(op.onnx, values, tensor)
        : op.onnx(graph, values, tensor, attributes)
    known.set(tensor, value as GraphValue)
  }
  return outputs.map((output) => known.get(output)!)
}
