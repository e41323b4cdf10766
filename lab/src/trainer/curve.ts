/** The losses of a training as the page draws them: at most a thousand points, of as many steps each. */
import { signal } from "@preact/signals"
import type { Metrics } from "../../../src/runs/metrics.ts"
import type { FromTrainer } from "./messages.ts"

/** Beyond, each two points become one. */
const MOST_POINTS = 1000

/** The weight of what was before in the smoothed loss, at most. */
const SMOOTHING = 0.98

type Steps = Extract<FromTrainer, { type: "steps" }>

export interface Point {
  /** The number of steps taken. */
  readonly step: number
  /** The mean over the steps of the point, and the smoothed loss. */
  readonly loss: number
  readonly smoothed: number
  readonly rate: number
}

export type Curve = ReturnType<typeof openCurve>

export function openCurve() {
  let points: Point[] = []
  let validations: { step: number; loss: number }[] = []
  /** The number of steps of a point. */
  let width = 10
  let sum = 0
  let count = 0
  /** Rises with each change. */
  const version = signal(0)

  function put(step: number, loss: number, rate: number): void {
    const before = points.at(-1)
    const weight = Math.min(SMOOTHING, (points.length - 1) / (points.length + 1))
    const smoothed = before ? weight * before.smoothed + (1 - weight) * loss : loss
    points.push({ step, loss, smoothed, rate })
    if (points.length <= MOST_POINTS) return
    width *= 2
    points = points.flatMap((point, k) =>
      k % 2 === 0 ? [] : [{ ...point, loss: (points[k - 1].loss + point.loss) / 2 }],
    )
  }

  return {
    version,
    /** Those of an earlier training. */
    begin({ history }: { readonly history: readonly Metrics[] }): void {
      points = []
      validations = []
      for (const { step, mean, loss, rate = Number.NaN, validation } of history)
        if (loss !== undefined) put(step + 1, mean ?? loss, rate)
        else if (validation !== undefined) validations.push({ step, loss: validation })
      version.value++
    },
    add({ first, losses, rates }: Pick<Steps, "first" | "losses" | "rates">): void {
      for (const [k, loss] of losses.entries()) {
        sum += loss
        count++
        if (count < width && points.length > 0) continue
        put(first + k + 1, sum / count, rates[k])
        sum = count = 0
      }
      version.value++
    },
    validation({ step, validation }: { readonly step: number; readonly validation?: number }): void {
      if (validation === undefined) return
      validations.push({ step, loss: validation })
      version.value++
    },
    points: (): readonly Point[] => points,
    validations: (): readonly { step: number; loss: number }[] => validations,
    /** NaN before the first step. */
    smoothed: (): number => points.at(-1)?.smoothed ?? Number.NaN,
  }
}
