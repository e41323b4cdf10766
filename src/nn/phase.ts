/** Where sequences are between the steps of something slower, counted from position to position. */
import type { Tensor } from "../tensor/tensor.ts"

/**
 * How many positions into a step of `stride` positions each sequence of this age is, int32 (B), and what comes after that: the state
 * for the next position. A sequence begins with a step.
 */
export function phaseOf(state: Tensor, age: Tensor, stride: number): { phase: Tensor; next: Tensor } {
  const phase = age.equal(0).where(0, state)
  return { phase, next: phase.equal(stride - 1).where(0, phase.add(1)) }
}
