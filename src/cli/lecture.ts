/** `makewave lecture`: the notebook on names.txt from the same seeds, its printed lines beside ours. */
import { type Command, InvalidArgumentError } from "commander"
import { UserError } from "../errors.ts"
import type { Settings } from "../training/recipe.ts"
import type { Run } from "../training/run.ts"
import { addSettings, givenSettings, wholeNumber } from "./flags.ts"
import { lectureRecipe, lectureRows } from "./lecture-figures.ts"
import { Notebook } from "./notebook.ts"
import { bold, grouped, print } from "./output.ts"
import { openProgress, type Progress } from "./progress.ts"
import { reportJson } from "./report-json.ts"
import { resumeOrOut } from "./run-folder.ts"
import { runTraining, type TrainingEvent } from "./run-training.ts"

const rows = lectureRows.map(({ description, train, validation }, k) => {
  const losses = `${Number(train).toFixed(3)} / ${Number(validation).toFixed(3)}`
  return `  ${k + 1}  ${description.padEnd(32)} ${losses}`
})

const help = `
The same split, initial values, batches and samples as in "Building makemore Part 5", from the same seeds.

Rows of its performance log, with train / validation loss:
${rows.join("\n")}

Examples:
  makewave lecture                     row 5, 200,000 steps: about a minute
  makewave lecture --steps 10001       its first two printed losses
  makewave lecture --row 2             the flat network with context 8
  makewave lecture --seed 7            the same recipe from another seed`

export function define(command: Command): void {
  command.option("--row <number>", "a row of the performance log, 1 to 5; 5", rowNumber)
  addSettings(command, "Options:", ["seed", "steps", "logEvery", "provider", "threads"])
  command
    .option("-o, --out <folder>", "the run's folder; runs/MODEL-makemore-names-TIME")
    .option("--resume [run]", "go on with a run of the lecture: the newest, or that of --out")
    .option("--json", "one object a line: each logged loss, then the results")
    .addHelpText("after", help)
    .action(async ({ row, out, resume, json, ...flags }) => {
      const given = givenSettings(flags)
      const folders = resumeOrOut({ resume, out })
      const begins = folders.resume === undefined
      const lecture = row ?? lectureRows.length
      const recipe: Settings = { ...lectureRecipe, ...lectureRows[lecture - 1].model, ...given }
      const request = begins ? { given: recipe, lecture, ...folders } : { given, ...folders }
      await (json ? reportFigures : reportLines)(runTraining(request), row)
    })
}

/** The notebook that a run is of. */
function notebookOf({ folder, config }: Run, row: number | undefined): Notebook {
  const { lecture: number, recipe } = config
  if (number === undefined)
    throw new UserError(`${folder}: this run is not of the lecture: go on with train --resume ${folder}`)
  if (row !== undefined && row !== number)
    throw new UserError(`--row ${row}: ${folder} is of row ${number}: leave the flag out`)
  return new Notebook({ number, ...recipe })
}

async function reportFigures(events: AsyncIterable<TrainingEvent>, row?: number): Promise<void> {
  let notebook: Notebook | undefined
  await reportJson(events, async (event) => {
    if (event.kind === "begun") notebook = notebookOf(event.run, row)
    await notebook?.linesOf(event)
    return event.kind === "sampled" ? { row: notebook?.number, notebook: notebook?.counts } : {}
  })
}

async function reportLines(events: AsyncIterable<TrainingEvent>, row?: number): Promise<void> {
  let notebook: Notebook | undefined
  let progress: Progress | undefined
  try {
    for await (const event of events) {
      if (event.kind === "begun") {
        notebook = notebookOf(event.run, row)
        const { number, row: about } = notebook
        print(
          bold(
            `Row ${number} of the performance log: ${about.description}, ${grouped(event.model.parameterCount)} parameters`,
          ),
        )
        print(
          `${event.taken === 0 ? "run" : `going on after ${grouped(event.taken)} steps`}: ${event.run.folder}\n`,
        )
        const { steps } = event.run.config.recipe
        print(`${"here".padEnd(Notebook.width)}the notebook`)
        progress = await openProgress({ from: event.taken, steps, linesEvery: 0 })
      } else if (event.kind === "step") progress?.step(event.step.number, event.step.loss)
      else progress?.stop()
      const lines = (await notebook?.linesOf(event)) ?? []
      if (lines.length > 0) progress?.above(() => print(lines.join("\n")))
      if (event.kind === "trained" && event.stepsPerSecond > 0)
        print(`${event.seconds.toFixed(1)} s, ${grouped(Math.round(event.stepsPerSecond))} steps a second`)
      else if (event.kind === "sampled") print(`\n${notebook?.verdict().join("\n")}`)
    }
  } finally {
    progress?.stop()
  }
}

function rowNumber(text: string): number {
  const number = wholeNumber(1)(text)
  if (number <= lectureRows.length) return number
  throw new InvalidArgumentError(`give a row from 1 to ${lectureRows.length}.`)
}
