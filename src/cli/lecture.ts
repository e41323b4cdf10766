/** `makewave lecture`: reproduces the notebook on names.txt from the same seeds and compares the printed lines. */
import type { Command } from "commander"
import { UserError } from "../errors.ts"
import { lectureRecipe, lectureRows } from "../runs/lecture-figures.ts"
import type { Run } from "../runs/run.ts"
import { runTraining, type TrainingEvent } from "../runs/run-training.ts"
import { groups, namesOf, type Settings } from "../runs/settings.ts"
import { flag } from "../setting.ts"
import { attended } from "./attended.ts"
import { compareForms, formatForms, requireTree } from "./dilated.ts"
import { addSettings, givenSettings, wholeNumber } from "./flags.ts"
import { Notebook } from "./notebook.ts"
import { bold, formatCount, print, printJson } from "./output.ts"
import { openProgress, type Progress } from "./progress.ts"
import { reportJson } from "./report-json.ts"
import { formatBeginning, formatPace } from "./report-text.ts"
import { findRun, resumeOrOut } from "./run-folder.ts"

const rows = lectureRows.map(({ description, train, validation }, k) => {
  const losses = `${Number(train).toFixed(3)} / ${Number(validation).toFixed(3)}`
  return `  ${k + 1}  ${description.padEnd(32)} ${losses}`
})

const help = `
Uses the split, initial values, batches and samples of "Building makemore Part 5", from the same seeds.

Rows of its performance log, with train / validation loss:
${rows.join("\n")}

Examples:
  makewave lecture                     row 5, 200,000 steps: a minute or two
  makewave lecture --steps 10001       the first two printed losses
  makewave lecture --row 2             the flat network with context 8
  makewave lecture --seed 7            the same recipe from another seed
  makewave lecture --dilated runs/NAME a run's tree as a dilated causal convolution`

export function define(command: Command): void {
  command.option(
    "--row <number>",
    "a row of the performance log, 1 to 5 (default: 5)",
    wholeNumber(1, lectureRows.length),
  )
  addSettings(command, "Options:", ["seed", "steps", "logEvery", ...namesOf(groups.machine)])
  command
    .option("-o, --out <folder>", "the run's folder (default: runs/MODEL-makemore-names-TIME)")
    .option("--resume [run]", "resume a run of the lecture: the newest, or the one in --out")
    .option(
      "--dilated [run]",
      "compare the tree with the equivalent dilated convolution, for a run or after training",
    )
    .option("--json", "print one JSON object per line: each logged or validation loss, then the results")
    .addHelpText("after", help)
    .action(async ({ row, out, resume, json, dilated, ...flags }) => {
      const given = givenSettings(flags)
      if (typeof dilated === "string") return showForms(dilated, json, { given, row, out, resume })
      const folders = resumeOrOut({ resume, out })
      const begins = folders.resume === undefined
      const lecture = row ?? lectureRows.length
      const recipe: Settings = { ...lectureRecipe, ...lectureRows[lecture - 1].model, ...given }
      if (dilated && begins) requireTree(recipe)
      const request = begins ? { given: recipe, lecture, ...folders } : { given, ...folders }
      await (json ? printObjects : printLines)(runTraining({ ...request, ...attended() }), { row, dilated })
    })
}

/** Compares the forms of an existing run. Flags of a training would have no effect. */
async function showForms(
  run: string,
  json: boolean | undefined,
  { given, ...folders }: { given: Settings; row?: number; out?: string; resume?: string | true },
): Promise<void> {
  const { provider, threads, memory, ...others } = given
  const [other] = Object.entries({ ...folders, ...others }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  if (other)
    throw new UserError(
      `${flag(other)}: --dilated ${run} does not train: leave the flag out, or leave out ${run} to train a run`,
    )
  const report = await compareForms(findRun(run), givenSettings({ provider, threads, memory }))
  if (json) printJson(report)
  else print(formatForms(report))
}

interface ReportOptions {
  readonly row?: number
  /** Whether to compare the trained tree with its dilated form. */
  readonly dilated?: true
}

/** The part of the notebook that a run reproduces. */
function notebookOf({ folder, config }: Run, { row, dilated }: ReportOptions): Notebook {
  const { lecture: number, recipe } = config
  if (number === undefined)
    throw new UserError(`${folder}: not a run of the lecture: resume it with train --resume ${folder}`)
  if (row !== undefined && row !== number)
    throw new UserError(`--row ${row}: ${folder} is a run of row ${number}: leave the flag out`)
  if (dilated) requireTree(recipe)
  return new Notebook({ number, ...recipe })
}

async function printObjects(events: AsyncIterable<TrainingEvent>, options: ReportOptions): Promise<void> {
  let notebook: Notebook | undefined
  let folder = ""
  await reportJson(events, async (event) => {
    if (event.kind === "begun") {
      notebook = notebookOf(event.run, options)
      folder = event.run.folder
    }
    await notebook?.linesOf(event)
    if (event.kind !== "sampled") return {}
    const dilated = options.dilated && (await compareForms(folder))
    return { row: notebook?.number, notebook: notebook?.counts, ...(dilated && { dilated }) }
  })
}

async function printLines(events: AsyncIterable<TrainingEvent>, options: ReportOptions): Promise<void> {
  let notebook: Notebook | undefined
  let folder = ""
  let progress: Progress | undefined
  try {
    for await (const event of events) {
      if (event.kind === "begun") {
        notebook = notebookOf(event.run, options)
        folder = event.run.folder
        const { number, row } = notebook
        const parameters = `${formatCount(event.model.parameterCount)} parameters`
        print(bold(`Row ${number} of the performance log: ${row.description}, ${parameters}`))
        print(`${formatBeginning(event)}\n`)
        const { steps } = event.run.config.recipe
        print(`${"makewave".padEnd(Notebook.width)}the notebook`)
        progress = openProgress({ from: event.taken, steps, linesEvery: 0 })
      } else if (event.kind === "progress") progress?.report(event.progress)
      else progress?.stop()
      const lines = (await notebook?.linesOf(event)) ?? []
      if (lines.length > 0) print(lines.join("\n"))
      if (event.kind === "trained" && event.stepsPerSecond > 0) print(formatPace(event))
      else if (event.kind === "sampled") print(`\n${notebook?.verdict().join("\n")}`)
      if (event.kind === "sampled" && options.dilated) print(`\n${formatForms(await compareForms(folder))}`)
    }
  } finally {
    progress?.stop()
  }
}
