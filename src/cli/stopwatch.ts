/** Measures where the time of a training goes besides its steps: sounds are read before them and evaluated after them. */
import type { TrainingEvent } from "../runs/run-training.ts"

/** Fewer seconds besides those of the steps are not reported. */
const WORTH_TELLING = 3

export function stopwatch() {
  const names = {
    begun: "preparation",
    trained: "training",
    evaluated: "evaluation",
    validated: "evaluation",
    sampled: "samples",
  } as const
  const seconds: Partial<Record<keyof typeof names, number>> = {}
  let before = performance.now()
  return {
    at({ kind }: Pick<TrainingEvent, "kind">): void {
      if (kind === "progress") return
      const now = performance.now()
      seconds[kind] = (now - before) / 1000
      before = now
    },
    /** Undefined if the steps took nearly all of it. */
    reading(): string | undefined {
      const total = Object.values(seconds).reduce((sum, each) => sum + each, 0)
      if (total - (seconds.trained ?? 0) < WORTH_TELLING) return undefined
      const parts = Object.entries(seconds).map(
        ([kind, each]) => `${names[kind as keyof typeof names]} ${each.toFixed(1)}`,
      )
      return `${total.toFixed(1)} s in all: ${parts.join(", ")}`
    },
  }
}
