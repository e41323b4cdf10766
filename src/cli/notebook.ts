/** Compares a run with the lecture's notebook: prints its lines beside ours and counts those that are equal. */

import {
  type LectureRow,
  lectureRecipe,
  lectureRows,
  printedLoss,
  printedNames,
} from "../runs/lecture-figures.ts"
import { readMetrics } from "../runs/metrics.ts"
import type { TrainingEvent } from "../runs/run-training.ts"

/** What the notebook prints. */
const kinds = { losses: "printed losses", ends: "final losses", names: "names" }
type Kind = keyof typeof kinds

/**
 * Compares only what the notebook shows for its seed: the final losses of every row after all its steps, and for the last
 * row also the losses during training, after any number of steps, and the sampled names.
 */
export class Notebook {
  /** The width of the column with our lines. */
  static readonly width = 32
  /** How many values of a kind were compared, and how many of them are equal as printed. */
  readonly counts = {
    losses: { compared: 0, equal: 0 },
    ends: { compared: 0, equal: 0 },
    names: { compared: 0, equal: 0 },
  }
  /** From 1 up. */
  readonly number: number
  readonly row: LectureRow
  private readonly shows: Readonly<Record<Kind, boolean>>
  private readonly steps: number
  private readonly seed: number

  constructor({ number, seed, steps }: { number: number; seed: number; steps: number }) {
    this.row = lectureRows[number - 1]
    this.number = number
    this.seed = seed
    this.steps = steps
    const [last, sameSeed] = [number === lectureRows.length, seed === lectureRecipe.seed]
    const wholly = sameSeed && steps === lectureRecipe.steps
    this.shows = { losses: last && sameSeed, ends: wholly, names: last && wholly }
  }

  /** The lines for an event, as the notebook prints them, with its own beside. */
  async linesOf(event: TrainingEvent): Promise<string[]> {
    if (event.kind === "begun" && event.taken > 0) {
      const earlier = await readMetrics(event.run.folder)
      return earlier.flatMap(({ step, loss }) => (loss === undefined ? [] : [this.lossLine(step, loss)]))
    }
    if (event.kind === "progress")
      return event.progress.logged.map(({ step, loss }) => this.lossLine(step, loss!))
    if (event.kind === "evaluated")
      return [
        this.beside("train ", event.train, "ends", this.row.train),
        this.beside("val ", event.validation!, "ends", this.row.validation),
      ]
    if (event.kind === "sampled")
      return (event.results.json as { samples: string[] }).samples.map((name, k) =>
        this.beside("", `${name}.`, "names", printedNames[k]),
      )
    return []
  }

  /** How many values are equal, and why others were not compared. */
  verdict(): string[] {
    const compared = Object.entries(this.counts).filter(([, { compared }]) => compared > 0)
    const results = compared.map(
      ([kind, { equal, compared }]) => `${equal} of ${compared} ${kinds[kind as Kind]}`,
    )
    const lines = results.length > 0 ? [`Equal to the notebook as printed: ${results.join(", ")}.`] : []
    const { seed, steps, number, row, shows } = this
    const log = `the notebook's log has train ${row.train}, val ${row.validation} for this row`
    if (seed !== lectureRecipe.seed)
      lines.push(`Nothing is compared: the notebook's seed is ${lectureRecipe.seed}, not ${seed}; ${log}.`)
    else if (steps !== lectureRecipe.steps)
      lines.push(
        `Final losses and names are not compared: the notebook took ${lectureRecipe.steps} steps, not ${steps}; ${log}.` +
          (shows.losses ? "" : " It shows losses during training only for row 5."),
      )
    else if (!shows.names)
      lines.push(`The notebook shows losses during training and names only for row 5, not for row ${number}.`)
    return lines
  }

  private lossLine(step: number, loss: number): string {
    const label = `${String(step).padStart(7)}/${String(this.steps).padStart(7)}: `
    return this.beside(label, loss, "losses", printedLoss(step))
  }

  /** A line with the notebook's value beside our own, with as many digits as it has; by default four. */
  private beside(label: string, own: number | string, kind: Kind, printed: string | undefined): string {
    const theirs = this.shows[kind] ? printed : undefined
    const digits = theirs?.split(".")[1]?.length || 4
    const shown = typeof own === "number" ? own.toFixed(digits) : own
    const line = label + shown
    if (theirs === undefined) return line
    const count = this.counts[kind]
    count.compared++
    if (shown === theirs) count.equal++
    return `${line.padEnd(Notebook.width)}${theirs}${shown === theirs ? "  =" : "  differs"}`
  }
}
