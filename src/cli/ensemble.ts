/** `makewave ensemble`: a run that averages the predictions of others. The same as `train --model ensemble`. */
import { existsSync, realpathSync } from "node:fs"
import type { Command } from "commander"
import { Ensemble } from "../counting/ensemble.ts"
import { unfinishedAt } from "../experiments/listing.ts"
import { readingSettings } from "../runs/data-place.ts"
import { runTraining } from "../runs/run-training.ts"
import { ENSEMBLE, groups, namesOf } from "../runs/settings.ts"
import { attended } from "./attended.ts"
import { addSettings, givenSettings } from "./flags.ts"
import { formatCount, notice } from "./output.ts"
import { reportJson } from "./report-json.ts"
import { reportText } from "./report-text.ts"
import { findRuns } from "./run-folder.ts"

const examples = `
The runs are networks, n-grams or mixtures of both, of the same data with the same split. The new run holds all of them: sample and
evaluate take it like any other. It cannot be exported; train --teacher makes one network of it: docs/ensembles.md

Examples:
  makewave ensemble runs/a runs/b runs/c                     the mean of their probabilities
  makewave ensemble runs/a runs/b --weights fitted           with the weights that are best on the validation part
  makewave ensemble runs/a runs/b --weights 2,1
  makewave ensemble runs/a runs/b runs/c --mix-order 6       and with counts of 6-grams, at the weight that is best
  makewave ensemble runs/a runs/b --json                     one JSON object, with the weight and loss of each`

export function define(command: Command): void {
  command.argument("<runs...>", "the folders of runs, or their names in ./runs")
  const { members: _, ...ofEnsemble } = Ensemble.settings
  addSettings(command, "Weights:", [...namesOf(ofEnsemble), "mixOrder", "mixSmoothing", "mixWeight"])
  addSettings(command, "Data:", ["data", ...readingSettings])
  addSettings(command, "Options:", ["seed", ...namesOf(groups.machine)])
  command
    .option("-o, --out <folder>", "the run's folder (default: runs/ensemble-DATA-TIME)")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(ensemble)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly out?: string
  readonly json?: true
}

async function ensemble(runs: readonly string[], { out, json, ...flags }: Options): Promise<void> {
  const folders = findRuns(runs)
  const members = folders.join()
  await remarkOn(folders, flags)
  const given = { ...givenSettings(flags), model: ENSEMBLE, members } as const
  const events = runTraining({ given, out, ...attended() })
  await (json ? reportJson(events) : reportText(events))
}

/** Says what will make less of an ensemble than there could be. */
async function remarkOn(folders: readonly string[], { mixOrder }: Options): Promise<void> {
  const distinct = new Set(folders.map((folder) => (existsSync(folder) ? realpathSync(folder) : folder)))
  if (distinct.size === 1 && mixOrder === undefined)
    notice(`${folders[0]}: an ensemble of one run predicts what the run does: name others beside it`)
  else if (distinct.size < folders.length)
    notice("the same run is named more than once, which gives it more weight: --weights does that too")
  for (const folder of new Set(folders)) {
    const row = await unfinishedAt(folder)
    if (row)
      notice(
        `${folder}: it is not finished, at ${formatCount(row.taken)}/${formatCount(row.steps ?? row.taken)} steps: train --resume ${folder} goes on with it`,
      )
  }
}
