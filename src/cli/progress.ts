/** The progress of training: a bar on a terminal, plain lines elsewhere. */
import type { RecordedProgress } from "../runs/record.ts"
import { formatRate, stepRate } from "../training/step-rate.ts"
import { formatCount, percent, print } from "./output.ts"
import { barOf, clearStatus, showStatus } from "./status-line.ts"

export interface Progress {
  report(progress: RecordedProgress): void
  stop(): void
}

export interface ProgressOptions {
  /** The first step. */
  readonly from: number
  /** The total number of steps. */
  readonly steps: number
  /** The most steps between plain lines: where steps are slow, there are fewer; 0 for no lines. */
  readonly linesEvery: number
  /** The loss of a uniform guess, printed beside the loss. */
  readonly guess?: number
}

export const openProgress = (options: ProgressOptions): Progress =>
  process.stderr.isTTY ? openBar(options) : openLines(options)

function openBar({ from, steps, guess }: ProgressOptions): Progress {
  const pace = speedometer()
  let taken = from
  let smooth: number | undefined
  let losses = 0
  /** The last fiftieth of the training, from 10 to 100 steps. */
  const horizon = Math.min(100, Math.max(10, steps / 50))
  let validation = ""
  /** Parts that do not fit are left out, the least important first. The bar takes the room that remains. */
  const line = (width: number): string => {
    const { speed, left } = pace.reading(steps)
    const loss = `  loss ${smooth?.toFixed(4) ?? "-"}`
    const parts = [
      ` ${formatCount(taken)}/${formatCount(steps)}`,
      loss,
      beside(guess),
      validation,
      speed,
      left,
    ]
    const room = () => width - 1 - parts.join("").length
    for (const least of [2, 3, 4]) if (barOf(taken / steps, room()) === "") parts[least] = ""
    return ` ${barOf(taken / steps, room())}${parts.join("")}`
  }
  showStatus(line)
  return {
    report({ step, losses: found, validation: held, accuracy }) {
      taken = step
      pace.at(step)
      for (const loss of found) {
        const share = Math.max(1 / ++losses, 1 / horizon)
        smooth = (1 - share) * (smooth ?? 0) + share * loss
      }
      if (held !== undefined) validation = `  val ${held.toFixed(4)}${accuracyOf(accuracy, ", ")}`
      showStatus(line)
    },
    stop: clearStatus,
  }
}

function openLines(given: ProgressOptions): Progress {
  const { from, steps, linesEvery, guess } = given
  const pace = speedometer()
  const width = formatCount(steps).length
  const stepOf = (number: number) => `step ${formatCount(number).padStart(width)} of ${formatCount(steps)}`
  let next = from
  let printed = Number.NEGATIVE_INFINITY
  let total = 0
  let count = 0
  return {
    report({ step, losses, validation, accuracy }) {
      pace.at(step)
      for (const [k, loss] of losses.entries()) {
        const number = step - losses.length + k
        total += loss
        count++
        const isDue = number >= next || performance.now() - printed >= SILENT_MILLISECONDS
        if (linesEvery === 0 || !isDue) continue
        const { speed, left } = pace.reading(steps)
        print(
          `${stepOf(number)}   loss ${(total / count).toFixed(4)}${beside(guess)}${speed && ` ${speed}${left}`}`,
        )
        if (number >= next) next = number + linesEvery
        printed = performance.now()
        total = 0
        count = 0
      }
      if (linesEvery > 0 && validation !== undefined)
        print(`${stepOf(step)}   validation ${validation.toFixed(4)}${accuracyOf(accuracy, "   ")}`)
    },
    stop() {},
  }
}

const accuracyOf = (accuracy: number | undefined, before: string): string =>
  accuracy === undefined ? "" : `${before}accuracy ${percent(accuracy)}`

const beside = (guess: number | undefined): string => (guess === undefined ? "" : ` of ${guess.toFixed(3)}`)

/** The pace is that of the last seconds: a pause for a validation loss, or other work on the machine, is soon forgotten. */
const WINDOW_MILLISECONDS = 10_000
/** Less time says too little about the rest. */
const LEAST_MILLISECONDS = 1000

/** The longest time without a plain line, where reports are frequent enough. */
const SILENT_MILLISECONDS = 30_000

/** Measures the steps per second. The first report, which includes compilation, only begins to count. */
function speedometer() {
  const reports: { readonly time: number; readonly done: number }[] = []
  return {
    at(done: number): void {
      const time = performance.now()
      reports.push({ time, done })
      while (reports.length > 2 && reports[1].time <= time - WINDOW_MILLISECONDS) reports.shift()
    },
    /** The pace and the time left for `steps` in all; empty before there is one. */
    reading(steps: number): { speed: string; left: string } {
      const [first, last] = [reports[0], reports.at(-1)]
      if (!last || last.done === first.done || last.time - first.time < LEAST_MILLISECONDS)
        return { speed: "", left: "" }
      const perSecond = (1000 * (last.done - first.done)) / (last.time - first.time)
      const { number, unit } = stepRate(perSecond)
      return {
        speed: `  ${number} ${unit}`,
        left: `, ${clock((steps - last.done) / perSecond)} left`,
      }
    },
  }
}

/** Seconds as 0:07, 12:30 or 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (n: number) => String(n).padStart(2, "0")
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** Counts the samples of a sound on a terminal; does nothing elsewhere. */
export function showSampling(): (made: number, wanted: number) => void {
  const begin = performance.now()
  return (made, wanted) => {
    if (made === wanted) return clearStatus()
    const perSecond = formatRate((1000 * made) / (performance.now() - begin))
    showStatus(() => ` ${formatCount(made)} of ${formatCount(wanted)} samples, ${perSecond}/s`)
  }
}
