/**
 * Follows a training to its end: in a notebook a bar and the curve of its losses, which change in place, on a terminal a line. Source of
 * the curve: makemore part 5, cell 11.
 */
import type { LossPoint } from "../charts/loss-axis.ts"
import { lossPlotSvg } from "../charts/loss-plot.ts"
import { shownAs } from "../display/contract.ts"
import { openPlace } from "../display/kernel.ts"
import { requireOptions } from "../errors.ts"
import { DivergenceError } from "./divergence.ts"
import type { Training } from "./training.ts"

export interface FollowOptions {
  /** Above the curve. Default: "Loss". */
  readonly title?: string
  /** A loss that is taken after each tenth of the steps and drawn beside the curve: `() => evaluate(model, validationRows)`. */
  readonly validation?: () => Promise<number>
}

/** How often what is shown changes, in milliseconds. */
const EVERY = 500

/**
 * Takes all steps of a training, and says at the end how many there were and their loss. Returns the loss of each, in nats. A
 * training that was interrupted, or whose loss was not finite, shows how far it came.
 */
export async function follow(training: Training, options: FollowOptions = {}): Promise<number[]> {
  requireOptions("follow", options, ["title", "validation"])
  const { title = "Loss", validation } = options
  const losses: number[] = []
  const found: LossPoint[] = []
  const first = training.step
  const view = openView(training, { title, losses, found, first })
  const tenth = (step: number) => Math.floor((10 * step) / training.steps)
  try {
    for await (const { step, losses: taken } of training) {
      for (const loss of taken) losses.push(loss) // spread, a hundred thousand are too many arguments
      if (validation && tenth(step) > tenth(step - taken.length))
        found.push({ step, loss: await validation() })
      await view.change()
    }
  } catch (error) {
    if (error instanceof DivergenceError) for (const loss of error.before.losses) losses.push(loss)
    throw error
  } finally {
    await view.end()
  }
  // A cell that ends with it need not list them.
  return shownAs(losses, { text: () => `${count(losses.length)} losses` })
}

interface Followed {
  readonly title: string
  readonly losses: readonly number[]
  readonly found: readonly LossPoint[]
  /** The step that the losses begin at. */
  readonly first: number
}

interface View {
  /** Shows what there is, if enough time has passed. */
  change(): Promise<void>
  /** Shows what there is without the bar and without anything that depends on time. */
  end(): Promise<void>
}

function openView({ steps }: Training, { title, losses, found, first }: Followed): View {
  const place = openPlace()
  const terminal = place ? undefined : terminalLine()
  const reading = stopwatch()
  let next = performance.now() + EVERY
  const curve = (subtitle: string, end?: number) => {
    const training = losses.map((loss, k) => ({ step: first + k, loss }))
    return lossPlotSvg({ training, validation: found, title, subtitle, steps: end })
  }
  return {
    async change() {
      const begin = performance.now()
      const step = first + losses.length
      const pace = reading(step, steps)
      if (begin < next || step === steps) return
      const line = `${count(step)} of ${count(steps)} steps${pace}, ${lossOf(losses, found, 100)}`
      terminal?.write(line)
      await place?.put({
        "text/plain": line,
        "image/svg+xml": await curve(`${bar(step / steps)} ${line}`, steps),
      })
      next = performance.now() + Math.max(EVERY, 10 * (performance.now() - begin))
    },
    async end() {
      terminal?.write("")
      if (losses.length === 0) return
      const taken = first + losses.length
      const line = `${count(taken)} ${taken === 1 ? "step" : "steps"}, ${lossOf(losses, found, Math.min(1000, Math.ceil(losses.length / 2)))}`
      if (place) await place.put({ "text/plain": line, "image/svg+xml": await curve(line) })
      else console.log(line)
    },
  }
}

const count = (n: number): string => n.toLocaleString("en")

/** "loss 2.3045 (mean of the last 1,000), validation 2.2011" */
function lossOf(losses: readonly number[], found: readonly LossPoint[], window: number): string {
  const last = losses.slice(-window)
  const mean = last.reduce((sum, loss) => sum + loss, 0) / last.length
  const note = last.length > 1 ? ` (mean of the last ${count(last.length)})` : ""
  return [
    `loss ${mean.toFixed(4)}${note}`,
    ...found.slice(-1).map(({ loss }) => `validation ${loss.toFixed(4)}`),
  ].join(", ")
}

const BAR = 12

function bar(part: number): string {
  const filled = Math.floor(BAR * part)
  return "█".repeat(filled) + "░".repeat(BAR - filled)
}

/** Reads steps per second and the time left; nothing before the second reading, as the first includes the compilation. */
function stopwatch(): (step: number, steps: number) => string {
  let begin: { readonly step: number; readonly time: number } | undefined
  return (step, steps) => {
    const time = performance.now()
    begin ??= { step, time }
    if (step === begin.step || time === begin.time) return ""
    const perSecond = (1000 * (step - begin.step)) / (time - begin.time)
    return `, ${count(Math.round(perSecond))} a second, ${count(Math.ceil((steps - step) / perSecond))} s left`
  }
}

/** A line of a terminal that is written over; undefined elsewhere. */
function terminalLine(): { write(line: string): void } | undefined {
  const stderr = globalThis.process?.stderr
  if (!stderr?.isTTY) return undefined
  return { write: (line) => stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`) }
}
