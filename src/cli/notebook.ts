/** The notebook beside a run of it: its printed lines next to ours, and how many are equal of those that can be compared. */
import { readMetrics } from "../runs/metrics.ts"
import type { TrainingEvent } from "../runs/run-training.ts"
import { type LectureRow, lectureRecipe, lectureRows, printedLoss, printedNames } from "./lecture-figures.ts"

/** How many figures of a kind there were to compare, and how many of them are equal as printed. */
export interface Count {
  compared: number
  equal: number
}

/**
 * Only what the notebook did is compared: its seed; of all rows the losses after all of its steps; of the last row, whose
 * output it shows, the losses on the way, whatever number of steps is to come, and the names.
 */
export class Notebook {
  /** Of the column with our own lines. */
  static readonly width = 32
  readonly counts = { losses: newCount(), ends: newCount(), names: newCount() }
  /** From 1 on. */
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

  /** The lines that an event gives, as the notebook prints them, with its own beside. */
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

  /** What was compared and how it came out, and what was not and why. */
  verdict(): string[] {
    const { losses, ends, names } = this.counts
    const parts = [
      [losses, "printed losses"],
      [ends, "of train and val"],
      [names, "names"],
    ] as const
    const told = parts
      .filter(([{ compared }]) => compared > 0)
      .map(([{ equal, compared }, what]) => `${equal} of ${compared} ${what}`)
    const lines = told.length > 0 ? [`Equal to the notebook's, as printed: ${told.join(", ")}.`] : []
    const why = this.notCompared()
    return why ? [...lines, why] : lines
  }

  private lossLine(step: number, loss: number): string {
    const label = `${String(step).padStart(7)}/${String(this.steps).padStart(7)}: `
    return this.beside(label, loss, this.shows.losses ? printedLoss(step) : undefined, this.counts.losses)
  }

  /** A number is shown with as many digits as the notebook's, and with four where there is none. */
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
    const log = `the notebook's log has for this row train ${row.train}, val ${row.validation}`
    if (seed !== lectureRecipe.seed)
      return `Nothing is compared: the notebook's seed is ${lectureRecipe.seed}, and this is ${seed}; ${log}.`
    if (steps !== lectureRecipe.steps)
      return (
        `Train, val and names are not compared: the notebook took ${lectureRecipe.steps} steps, and this is ${steps}; ${log}.` +
        (shows.losses ? "" : " The losses on the way it shows of row 5 alone.")
      )
    if (!shows.names)
      return `The notebook shows the losses on the way, and names, of row 5 alone, and this is row ${number}.`
    return undefined
  }
}

function newCount(): Count {
  return { compared: 0, equal: 0 }
}
