/**
 * Asynchronous successive halving, ASHA: all trials are trained a little, and whenever a worker is free, a trial in the best 1/eta of its
 * rung goes on to the next.
 * Source: Li et al. 2018, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2, https://arxiv.org/abs/1810.05934.
 */

/** The steps at which trials are compared: from `minSteps`, each `eta` times the one before, and `maxSteps` at last. */
export function rungs(minSteps: number, maxSteps: number, eta: number): number[] {
  const steps: number[] = []
  for (let next = minSteps; next < maxSteps; next *= eta) steps.push(next)
  return [...steps, maxSteps]
}

/** A trial on a rung: it was trained to the rung's steps, or is on its way there. */
export interface OnRung {
  readonly trial: string
  /** Lower is better. Undefined until it is there, Infinity if it failed. */
  readonly value?: number
}

export interface Promotion {
  readonly trial: string
  /** The index of the rung to train it to. */
  readonly rung: number
}

/**
 * The trial to go on with; undefined if no rung has one, so that a worker begins another.
 *
 * @param results All trials that were promoted to each rung, from the lowest; those of the first rung are all trials.
 */
export function promotable(results: readonly (readonly OnRung[])[], eta: number): Promotion | undefined {
  for (let rung = results.length - 2; rung >= 0; rung--) {
    const promoted = new Set(results[rung + 1].map(({ trial }) => trial))
    const finished = results[rung].flatMap(({ trial, value }) =>
      value === undefined ? [] : [{ trial, value }],
    )
    const best = finished.sort((a, b) => a.value - b.value).slice(0, Math.floor(finished.length / eta))
    const next = best.find(({ trial, value }) => value < Infinity && !promoted.has(trial))
    if (next) return { trial: next.trial, rung: rung + 1 }
  }
  return undefined
}
