/** The progress of training: a bar on a terminal, plain lines elsewhere. */
import type { RecordedProgress } from "../runs/record.ts"
import { formatCount, percent, print } from "./output.ts"

export interface Progress {
  report(progress: RecordedProgress): void
  /** Prints lines above the bar. */
  above(lines: readonly string[]): void
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

async function openBar(given: ProgressOptions): Promise<Progress> {
  const { from, steps, guess } = given
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
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
  const pace = openPace(given)
  let smooth: number | undefined
  let last = ""
  bar.start(steps, from, { loss: `-${beside(guess)}`, validation: "", speed: "" })
  return {
    report({ step, losses, validation, accuracy }) {
      for (const loss of losses) smooth = smooth === undefined ? loss : 0.99 * smooth + 0.01 * loss
      if (validation !== undefined) last = `  val ${validation.toFixed(4)}${accuracyOf(accuracy, ", ")}`
      const loss = (smooth?.toFixed(4) ?? "-") + beside(guess)
      bar.update(step, { loss, validation: last, speed: pace(step) })
    },
    above(lines) {
      process.stderr.write("\r\x1b[K")
      print(lines.join("\n"))
      bar.render()
    },
    stop: () => bar.stop(),
  }
}

function openLines(given: ProgressOptions): Progress {
  const { from, steps, linesEvery, guess } = given
  const pace = openPace(given)
  const width = formatCount(steps).length
  const stepOf = (number: number) => `step ${formatCount(number).padStart(width)} of ${formatCount(steps)}`
  let next = from
  let total = 0
  let count = 0
  return {
    report({ step, losses, validation, accuracy }) {
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
      if (linesEvery > 0 && validation !== undefined)
        print(`${stepOf(step)}   validation ${validation.toFixed(4)}${accuracyOf(accuracy, "   ")}`)
    },
    above: (lines) => print(lines.join("\n")),
    stop() {},
  }
}

const accuracyOf = (accuracy: number | undefined, before: string): string =>
  accuracy === undefined ? "" : `${before}accuracy ${percent(accuracy)}`

const beside = (guess: number | undefined): string => (guess === undefined ? "" : ` of ${guess.toFixed(3)}`)

/** Formats the steps per second since the beginning and the time left at that pace. */
function openPace({ from, steps }: ProgressOptions): (done: number) => string {
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
