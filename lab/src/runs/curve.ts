/** The losses of a run as curves, line by line of its metrics as they come. */
import type { MetricsPart } from "../../../src/runs/metrics-part.ts"

/** Losses in nats per symbol, with the steps at which they were measured, in their order. */
export interface Losses {
  readonly steps: number[]
  readonly losses: number[]
}

export interface Curve {
  /** Of batches: means since the point before where they were logged. */
  readonly batches: Losses
  readonly validation: Losses
}

export const emptyCurve = (): Curve => ({
  batches: { steps: [], losses: [] },
  validation: { steps: [], losses: [] },
})

/** Adds the lines of metrics; what is no line of metrics is left out. */
export function addLines({ batches, validation }: Curve, { text }: Pick<MetricsPart, "text">): void {
  for (const line of text.split("\n")) {
    const metrics = line === "" ? undefined : parsed(line)
    if (typeof metrics?.step !== "number") continue
    add(batches, metrics.step, metrics.mean ?? metrics.loss)
    add(validation, metrics.step, metrics.validation)
  }
}

/** A resumed run may log steps again: the later ones count. */
function add({ steps, losses }: Losses, step: number, loss: unknown): void {
  if (typeof loss !== "number") return
  while (steps.length > 0 && steps.at(-1)! >= step) {
    steps.pop()
    losses.pop()
  }
  steps.push(step)
  losses.push(loss)
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * An exponential moving average, without the bias of its beginning, as Adam takes it (Kingma & Ba 2015, section 3). `weight` is that of
 * what came before: 0 leaves the losses as they are.
 */
export function smoothed(losses: readonly number[], weight: number): number[] {
  let [average, total] = [0, 0]
  return losses.map((loss) => {
    average = weight * average + (1 - weight) * loss
    total = weight * total + (1 - weight)
    return average / total
  })
}

/** At most about `most` points, evenly spaced, and the last: more than a screen has columns would not be seen. */
export function thinned({ steps, losses }: Losses, most = 2000): Losses {
  const every = Math.ceil(steps.length / most)
  const isKept = (_: number, k: number) => k % every === 0 || k === steps.length - 1
  return every <= 1 ? { steps, losses } : { steps: steps.filter(isKept), losses: losses.filter(isKept) }
}
