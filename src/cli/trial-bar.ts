/** A trial that is being trained, as a line at the bottom of the terminal. */
import type { Trial, TrialProgress } from "../experiments/trial.ts"
import { formatCount } from "./output.ts"
import { barOf } from "./status-line.ts"

/** Left free for what stands beside the bar. */
const BESIDE = 50

export function trialBar(
  { name, until = Infinity }: Trial,
  progress: TrialProgress | undefined,
  width: number,
): string {
  const { step = 0, steps = 1, loss } = progress ?? {}
  const end = Math.min(steps, until)
  const what =
    loss === undefined ? "starting" : `${formatCount(step)}/${formatCount(end)}  loss ${loss.toFixed(3)}`
  return ` ${name}  ${barOf(step / end, Math.min(20, width - BESIDE))}  ${what}`
}
