/** The columns of the table of runs: their heads, what stands in them, and by what they sort. */
import type { RunRow } from "../../../../src/experiments/run-row.ts"
import type { BoardRun } from "../../runs/board.ts"

export interface Column {
  readonly head: string
  /** The value to sort by; undefined comes last. */
  readonly value: (row: RunRow, run: BoardRun) => number | string | undefined
  readonly text: (row: RunRow, run: BoardRun) => string
  readonly isNumber?: true
  /** Whether the first click shows the greatest first. */
  readonly isDescending?: true
}

// Made once: a table has thousands of them.
const numbers = new Intl.NumberFormat("en")
const times = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "short" })

const count = (value: number | undefined): string => (value === undefined ? "" : numbers.format(value))
const loss = (value: number | undefined): string => value?.toFixed(4) ?? ""

export const columns: Readonly<Record<string, Column>> = {
  run: { head: "run", value: ({ run }) => run, text: ({ run }) => run },
  place: {
    head: "in",
    value: (_, { source }) => source.place,
    text: (_, { source }) => (source.place === "disk" ? "disk" : "this browser"),
  },
  state: { head: "state", value: ({ state }) => state, text: ({ state }) => state },
  model: {
    head: "model",
    value: ({ model }) => model,
    text: ({ model, recipe: { mixOrder } }) =>
      mixOrder === undefined ? model : `${model}, ${mixOrder}-grams`,
  },
  data: { head: "data", value: ({ data }) => data, text: ({ data }) => data },
  parameters: {
    head: "parameters",
    isNumber: true,
    value: ({ parameters }) => parameters,
    text: ({ parameters }) => count(parameters),
  },
  steps: {
    head: "steps",
    isNumber: true,
    value: ({ taken }) => taken,
    text: ({ taken, steps }) =>
      steps === undefined || taken === steps ? count(steps) : `${count(taken)} of ${count(steps)}`,
  },
  train: { head: "train", isNumber: true, value: ({ train }) => train, text: ({ train }) => loss(train) },
  validation: {
    head: "validation",
    isNumber: true,
    value: ({ validation }) => validation,
    text: ({ validation }) => loss(validation),
  },
  seconds: {
    head: "seconds",
    isNumber: true,
    value: ({ seconds }) => seconds,
    text: ({ seconds }) => seconds?.toFixed(1) ?? "",
  },
  when: {
    head: "when",
    isDescending: true,
    value: ({ when }) => when,
    text: ({ when }) => times.format(new Date(when)),
  },
}

/** What is known of every run, also of a broken one. */
function sortValue(run: BoardRun, name: string): number | string | undefined {
  if ("recipe" in run.now) return columns[name].value(run.now, run)
  return name === "run" ? run.now.run : name === "state" ? "broken" : undefined
}

/** The runs in the order of a column; those without a value come last either way. */
export function sorted(runs: readonly BoardRun[], by: string, isDescending: boolean): BoardRun[] {
  const sign = isDescending ? -1 : 1
  return runs.toSorted((a, b) => {
    const [first, second] = [sortValue(a, by), sortValue(b, by)]
    if (first === undefined || second === undefined)
      return Number(first === undefined) - Number(second === undefined)
    return sign * (first < second ? -1 : first > second ? 1 : 0)
  })
}

/** Whether a run has every word of a filter: in its columns, or as a setting such as hidden=64. */
export function matches(run: BoardRun, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const { now } = run
  const texts =
    "recipe" in now
      ? [
          ...Object.values(columns).map(({ text }) => text(now, run)),
          ...Object.entries(now.recipe).map(([key, value]) => `${key}=${value}`),
        ]
      : [now.run, "broken", now.problem]
  const all = texts.join("\n").toLowerCase()
  return words.every((word) => all.includes(word))
}
