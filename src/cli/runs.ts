/** `makewave runs`: lists run folders with their models, steps and losses, filtered and sorted. */
import type { Command } from "commander"
import { table } from "../charts/table.ts"
import { UserError } from "../errors.ts"
import { listRuns } from "../experiments/listing.ts"
import type { RunRow } from "../experiments/run-row.ts"
import { parseWhere, sortRows } from "../experiments/where.ts"
import { repeatable } from "./flags.ts"
import { formatCount, notice, outputWidth, print, printJson } from "./output.ts"

const examples = `
--where compares what the table has (run, model, data, tokens, parameters, taken, steps, train, validation, seconds, when, state), the
place of a trial in its sweep's plan (trial), and every setting of train --help with < <= > >= = or !=, joined by and. A run is training
while a process trains into its folder, finished after its last step, and else stopped: train --resume goes on with it. Runs
within folders, as those of a sweep, are found too.

Examples:
  makewave runs                                       the runs in ./runs, the newest first
  makewave runs --sort validation                     the lowest validation loss first; -validation the highest
  makewave runs --where "parameters < 80000"
  makewave runs --where "model = gru and hidden >= 64" --where "state = finished"
  makewave runs sweeps/first --json                   one object a run, with its recipe`

export function define(command: Command): void {
  command
    .argument("[folder]", "a folder that has run folders (default: runs)")
    .option("--where <condition>", "only runs for which this holds; may be repeated", repeatable)
    .option("--sort <name>", "sort by this, the lowest first; with a dash before it the highest first")
    .option("--json", "print one JSON object per run, with its recipe")
    .addHelpText("after", examples)
    .action(runs)
}

interface Options {
  readonly where?: readonly string[]
  readonly sort?: string
  readonly json?: true
}

async function runs(folder = "runs", { where = [], sort, json }: Options): Promise<void> {
  const matches = parseWhere(where)
  if (sort !== undefined) sortRows([], sort) // a name that nothing has
  const { rows, broken } = await listRuns(folder)
  if (rows.length + broken.length === 0)
    throw new UserError(`${folder}: there are no runs in it: train first, or name another folder`)
  const chosen = rows.filter(matches)
  const sorted = sort === undefined ? chosen : sortRows(chosen, sort)
  if (json) {
    for (const row of sorted) printJson(row)
    for (const each of broken) printJson(each)
    return
  }
  if (sorted.length > 0) print(table(fitted(sorted, outputWidth()), { width: outputWidth() }))
  const counted = `${formatCount(sorted.length)} ${sorted.length === 1 ? "run" : "runs"}`
  notice(where.length === 0 ? `\n${counted}` : `\n${counted} of ${formatCount(rows.length)}`)
  if (broken.length > 0)
    notice(
      `${formatCount(broken.length)} broken, such as ${broken[0].problem}${broken.length > 1 ? " (--json has them all)" : ""}`,
    )
}

interface Column {
  readonly head: string
  readonly cell: (row: RunRow) => string
  /** Left out where all runs have the same. */
  readonly onlyIfDifferent?: true
}

const loss = (value: number | undefined): string => value?.toFixed(4) ?? "-"
const count = (value: number | undefined): string => (value === undefined ? "-" : formatCount(value))

const columns = {
  run: { head: "run", cell: ({ run }) => run },
  model: {
    head: "model",
    cell: ({ model, recipe: { mixOrder } }) =>
      mixOrder === undefined ? model : `${model}, ${mixOrder}-grams`,
  },
  data: { head: "data", cell: ({ data }) => data },
  tokens: { head: "tokens", cell: ({ tokens }) => tokens ?? "-", onlyIfDifferent: true },
  parameters: { head: "parameters", cell: ({ parameters }) => count(parameters) },
  steps: {
    head: "steps",
    cell: ({ taken, steps }) =>
      taken === steps || steps === undefined ? count(steps) : `${count(taken)}/${count(steps)}`,
  },
  train: { head: "train", cell: ({ train }) => loss(train) },
  validation: { head: "validation", cell: ({ validation }) => loss(validation) },
  seconds: { head: "seconds", cell: ({ seconds }) => seconds?.toFixed(1) ?? "-" },
  when: { head: "when", cell: ({ when }) => localTime(when) },
  state: { head: "state", cell: ({ state }) => state },
} satisfies Record<string, Column>

/** The columns that are left out where they do not fit, the first first. */
const leftOut: readonly (keyof typeof columns)[] = [
  "seconds",
  "train",
  "when",
  "data",
  "parameters",
  "tokens",
  "model",
  "steps",
]

/** The rows of a table that is as wide as fits. */
function fitted(rows: readonly RunRow[], width: number): string[][] {
  const cells = new Map<string, string[]>()
  for (const [name, { head, cell, onlyIfDifferent }] of Object.entries<Column>(columns)) {
    const ofRuns = rows.map(cell)
    if (!onlyIfDifferent || new Set(ofRuns).size > 1) cells.set(name, [head, ...ofRuns])
  }
  const widthOf = (column: readonly string[]) =>
    column.reduce((most, { length }) => Math.max(most, length), 0)
  const total = () => [...cells.values()].reduce((sum, column) => sum + 2 + widthOf(column), -2)
  for (const name of leftOut) {
    if (total() <= width) break
    cells.delete(name)
  }
  return Array.from({ length: rows.length + 1 }, (_, k) => [...cells.values()].map((column) => column[k]))
}

/** 2026-11-27 14:05, in the time of this machine. */
function localTime(iso: string): string {
  const date = new Date(iso)
  const local = new Date(date.getTime() - 60_000 * date.getTimezoneOffset())
  return local.toISOString().slice(0, 16).replace("T", " ")
}
