/** Compares a run with the lecture's notebook: prints its lines beside ours and counts those that are equal. */
import { readMetrics } from "../runs/metrics.ts"
import type { TrainingEvent } from "../runs/run-training.ts"
import { type LectureRow, lectureRecipe, lectureRows, printedLoss, printedNames } from "./lecture-figures.ts"

/** How many numbers of a kind were compared, and how many of them are equal as printed. */
export interface Count {
  compared: number
  equal: number
}

/**
 * Compares only what the notebook shows for its seed: the final losses of every row after all its steps, and for the last
 * row also the losses during training, after any number of steps, and the sampled names.
 */
export class Notebook {
  /** The width of the column with our lines. */
  static readonly width = 32
  readonly counts = { losses: newCount(), ends: newCount(), names: newCount() }
  /** From 1 up. */
  readonly number: number
  readonly row: LectureRow
  private readonly shows: { readonly losses: boolean; readonly ends: boolean; readonly names: boolean }
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
    if (event.kind === "evaluated") {
      const { ends } = this.counts
      return [
        this.beside("train ", event.train, this.shows.ends ? this.row.train : undefined, ends),
        this.beside("val ", event.validation, this.shows.ends ? this.row.validation : undefined, ends),
      ]
    }
    if (event.kind === "sampled")
      return (event.results.json as { samples: string[] }).samples.map((name, k) =>
        this.beside("", `${name}.`, this.shows.names ? printedNames[k] : undefined, this.counts.names),
      )
    return []
  }

  /** How many numbers are equal, and why others were not compared. */
  verdict(): string[] {
    const { losses, ends, names } = this.counts
    const parts = [
      [losses, "printed losses"],
      [ends, "final losses"],
      [names, "names"],
    ] as const
    const results = parts
      .filter(([{ compared }]) => compared > 0)
      .map(([{ equal, compared }, what]) => `${equal} of ${compared} ${what}`)
    const lines = results.length > 0 ? [`Equal to the notebook as printed: ${results.join(", ")}.`] : []
    const why = this.notCompared()
    return why ? [...lines, why] : lines
  }

  private lossLine(step: number, loss: number): string {
    const label = `${String(step).padStart(7)}/${String(this.steps).padStart(7)}: `
    return this.beside(label, loss, this.shows.losses ? printedLoss(step) : undefined, this.counts.losses)
  }

  /** A line with the notebook's value beside our own, with as many digits as it has; by default four. */
  private beside(label: string, own: number | string, theirs: string | undefined, count: Count): string {
    const digits = theirs?.split(".")[1]?.length || 4
    const shown = typeof own === "number" ? own.toFixed(digits) : own
    const line = label + shown
    if (theirs === undefined) return line
    count.compared++
    if (shown === theirs) count.equal++
    return `${line.padEnd(Notebook.width)}${theirs}${shown === theirs ? "  =" : "  differs"}`
  }

  private notCompared(): string | undefined {
    const { seed, steps, number, row, shows } = this
    const log = `the notebook's log has train ${row.train}, val ${row.validation} for this row`
    if (seed !== lectureRecipe.seed)
      return `Nothing is compared: the notebook's seed is ${lectureRecipe.seed}, not ${seed}; ${log}.`
    if (steps !== lectureRecipe.steps)
      return (
        `Final losses and names are not compared: the notebook took ${lectureRecipe.steps} steps, not ${steps}; ${log}.` +
        (shows.losses ? "" : " It shows losses during training only for row 5.")
      )
    if (!shows.names)
      return `The notebook shows losses during training and names only for row 5, not for row ${number}.`
    return undefined
  }
}

function newCount(): Count {
  return { compared: 0, equal: 0 }
}
