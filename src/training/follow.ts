/**
 * Follows a training to its end: in a notebook a bar and the curve of its losses, which change in place. Source of the curve: makemore
 * part 5, cell 11.
 */
import { lossPlot } from "../charts/chart.ts"
import { jupyterDisplay } from "../display/contract.ts"
import { openPlace } from "../display/kernel.ts"
import type { Training } from "./training.ts"

export interface FollowOptions {
  /** Above the curve. Default: "Loss". */
  readonly title?: string
}

/** How often the curve is drawn again, in milliseconds. */
const EVERY = 500

/** Takes all steps of a training. Returns the loss of each, in nats. */
export async function follow(training: Training, { title = "Loss" }: FollowOptions = {}): Promise<number[]> {
  const losses: number[] = []
  const place = openPlace()
  const curve = () => lossPlot({ training: losses.map((loss, step) => ({ step, loss })), title })
  let drawn = performance.now()
  for await (const progress of training) {
    losses.push(...progress.losses)
    if (!place || performance.now() - drawn < EVERY) continue
    await place.put(await curve()[jupyterDisplay]())
    drawn = performance.now()
  }
  await place?.put(await curve()[jupyterDisplay]())
  return losses
}
