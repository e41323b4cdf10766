/** A recurrent cell along time, one step of the graph for each position. Source: Werbos 1990, backpropagation through time. */
import { Tensor } from "../tensor/tensor.ts"
import type { RecurrentCell } from "./recurrent-cell.ts"

/** (B, T, inputs) and the state before, zeros by default -> the outputs (B, T, H) and the state after. */
export function unroll(
  cell: RecurrentCell,
  x: Tensor,
  state: readonly Tensor[] = cell.start(x.shape[0]),
): { outputs: Tensor; state: readonly Tensor[] } {
  const [, T] = x.dims(3)
  const projected = cell.project(x)
  const outputs: Tensor[] = []
  for (let t = 0; t < T; t++) {
    state = cell.advance(projected.select(1, t), state)
    outputs.push(state[0])
  }
  return { outputs: Tensor.stack(outputs, 1), state }
}
