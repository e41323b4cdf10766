/** The progress of training: a bar on a terminal, plain lines elsewhere. */
import type { SingleBar } from "cli-progress"
import type { TrainingProgress } from "../training/training-state.ts"
import { formatCount, percent, print } from "./output.ts"

export interface Progress {
  /** Reports the steps taken since the last call, with all their losses. */
  steps(progress: Pick<TrainingProgress, "step" | "losses">): void
  /** Reports the validation loss, and for classifiers the accuracy. */
  validation(step: number, loss: number, accuracy?: number): void
  /** Writes lines above the bar. */
  above(write: () => void): void
  stop(): void
}

export interface ProgressOptions {
  /** The first step. */
  readonly from: number
  /** The total number of steps. */
  readonly steps: number
  /** The minimum number of steps between plain lines; 0 for no lines. */
  readonly linesEvery: number
  /** The loss of a uniform guess, printed beside the loss. */
  readonly guess?: number
}

export const openProgress = (options: ProgressOptions): Promise<Progress> =>
  process.stderr.isTTY ? openBar(options) : Promise.resolve(openLines(options))

async function openBar({ from, steps, guess }: ProgressOptions): Promise<Progress> {
  const { default: cliProgress } = await import("cli-progress")
  const columns = process.stderr.columns ?? 80
  const options = {
    format: " {bar} {value}/{total}  loss {loss}{validation}  {speed}",
    barsize: Math.max(8, Math.min(40, columns - 70)),
    linewrap: true,
    gracefulExit: false,
    clearOnComplete: true,
    formatValue: (value: number) => formatCount(value),
  }
  const bar: SingleBar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
  const pace = openPace({ from, steps })
  let smooth: number | undefined
  let validation = ""
  const shown = (done: number) => ({
    loss: (smooth?.toFixed(4) ?? "-") + beside(guess),
    validation,
    speed: pace(done),
  })
  bar.start(steps, from, shown(from))
  return {
    steps({ step, losses }) {
      for (const loss of losses) smooth = smooth === undefined ? loss : 0.99 * smooth + 0.01 * loss
      bar.update(step, shown(step))
    },
    validation(_, loss, accuracy) {
      validation = `  val ${loss.toFixed(4)}${accuracy === undefined ? "" : `, accuracy ${percent(accuracy)}`}`
    },
    above(write) {
      process.stderr.write("\r\x1b[K")
      write()
      bar.render()
    },
    stop: () => bar.stop(),
  }
}

function openLines({ from, steps, linesEvery, guess }: ProgressOptions): Progress {
  const pace = openPace({ from, steps })
  const width = formatCount(steps).length
  const stepOf = (number: number) => `step ${formatCount(number).padStart(width)} of ${formatCount(steps)}`
  let next = from
  let total = 0
  let count = 0
  return {
    steps({ step, losses }) {
      for (const [k, loss] of losses.entries()) {
        const number = step - losses.length + k
        total += loss
        count++
        if (linesEvery === 0 || number < next) continue
        // The first step includes compilation and gives no pace.
        const speed = number > from ? `   ${pace(step)}` : ""
        print(`${stepOf(number)}   loss ${(total / count).toFixed(4)}${beside(guess)}${speed}`)
        next = number + linesEvery
        total = 0
        count = 0
      }
    },
    validation(number, loss, accuracy) {
      const suffix = accuracy === undefined ? "" : `   accuracy ${percent(accuracy)}`
      if (linesEvery > 0) print(`${stepOf(number)}   validation ${loss.toFixed(4)}${suffix}`)
    },
    above: (write) => write(),
    stop() {},
  }
}

const beside = (guess: number | undefined): string => (guess === undefined ? "" : ` of ${guess.toFixed(3)}`)

/** Formats the steps per second since the beginning and the time left at that pace. */
function openPace({ from, steps }: { from: number; steps: number }): (done: number) => string {
  const begin = performance.now()
  return (done) => {
    const perSecond = ((done - from) / (performance.now() - begin)) * 1000
    if (done === from) return ""
    return `${formatCount(Math.round(perSecond))} steps/s, ${clock((steps - done) / perSecond)} left`
  }
}

/** Seconds as 0:07, 12:30 or 1:02:03. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (n: number) => String(n).padStart(2, "0")
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** Counts the samples of a sound on a terminal; does nothing elsewhere. */
export function showSampling(): (made: number, wanted: number) => void {
  const begin = performance.now()
  return (made, wanted) => {
    const { stderr } = process
    if (!stderr.isTTY) return
    const perSecond = (1000 * made) / (performance.now() - begin)
    const end = made === wanted ? "\r\x1b[K" : ""
    stderr.write(
      `\r ${formatCount(made)} of ${formatCount(wanted)} samples, ${formatCount(Math.round(perSecond))}/s\x1b[K${end}`,
    )
  }
}
