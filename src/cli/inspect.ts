/** `makewave inspect`: a table of the layers of a model or a run, and a run's activations, gradients and updates. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Command } from "commander"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { codecOf } from "../runs/codec.ts"
import { kindOf, openCorpus, prepare } from "../runs/corpora/index.ts"
import { type DataPlace, readingSettings, requireDataToRead } from "../runs/data-place.ts"
import { learnerOf } from "../runs/learners/index.ts"
import { openData, requireSameData } from "../runs/open-data.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { changedOwn } from "../runs/own-models.ts"
import type { Recipe } from "../runs/recipe.ts"
import { type RunConfig, readConfig } from "../runs/run-config.ts"
import { allModels, groups, namesOf, type SettingName, type Settings } from "../runs/settings.ts"
import { flag } from "../setting.ts"
import { formatDiagnosis, summaryOf } from "../training/diagnostics.ts"
import { addSettings, givenSettings } from "./flags.ts"
import { lookInside } from "./look-inside.ts"
import { modelFile } from "./model-file.ts"
import { formatCount, notice, outputWidth, print, printJson } from "./output.ts"
import { findRun, withRunsFound } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

const examples = `
Models:
${Object.entries(allModels)
  .map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
  .join("\n")}

For a run, also shows activations, gradients and update sizes on one training batch, and writes activations.svg, gradients.svg and
embedding.svg to its folder.

Examples:
  makewave inspect                       the newest run in ./runs
  makewave inspect wavenet               a model, before any training
  makewave inspect flat --context 3 --data makemore-names
  makewave inspect ngram --order 4
  makewave inspect runs/NAME
  makewave inspect runs/NAME --markdown > inside.md
  makewave inspect wavenet --json`

/** The settings of the batch that is looked at, which may differ from those of the run's training. */
const ofLooking: readonly SettingName[] = ["batchSize", ...namesOf(groups.machine)]

export function define(command: Command): void {
  command.argument("[model-or-run]", "a model's name, or a run's folder or name (default: the newest)")
  const { recipe: _, model: __, ...ofModel } = groups.model
  addSettings(command, "Model:", namesOf(ofModel))
  addSettings(command, "Data:", namesOf(groups.data))
  addSettings(command, "Options:", ofLooking)
  command.optionsGroup("Options:").addOption(modelFile())
  command
    .option("--markdown", "print Markdown tables")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(inspect)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly markdown?: true
  readonly json?: true
}

async function inspect(name: string | undefined, { markdown, json, ...flags }: Options): Promise<void> {
  const given = givenSettings(flags)
  const { recipe, model, folder, config } = await findModel(name, given)
  const learner = learnerOf(recipe)
  const { batchSize } = recipe
  const layers = learner.describe(model, { batchSize, markdown, width: outputWidth() })
  const inside =
    config && learner.hasLayers ? await tryLookInside({ folder, config }, recipe, given) : undefined
  if (json) {
    const { diagnosis, ...others } = inside ?? {}
    const summary = diagnosis && { ...others, diagnosis: summaryOf(diagnosis) }
    return printJson({ model: recipe.model, ...layers.json, ...summary })
  }
  print(layers.text)
  if (!inside) return
  const { diagnosis, steps, pictures } = inside
  print(`\nAfter ${formatCount(steps)} steps, on one batch of ${formatCount(batchSize)} rows:\n`)
  print(formatDiagnosis(diagnosis, { markdown, width: outputWidth() }))
  notice(`\nThe charts:\n${pictures.map((path) => `  ${path}`).join("\n")}`)
}

/** Undefined, with a notice, if the run has no checkpoint yet, its data is missing or its model was kept alone. */
async function tryLookInside(run: { folder: string; config: RunConfig }, recipe: Recipe, given: DataPlace) {
  try {
    if (run.config.kept)
      throw new UserError(`${run.folder} is a kept model, without the state of its training: name a run`)
    const corpus = await openData(run, (recipe) => openCorpus(recipe, showLoading()), given)
    requireSameData(run, corpus, { data: given.data, whole: kindOf(recipe).words.whole })
    return await lookInside(run.folder, recipe, corpus)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    notice(`no activations and gradients: ${error.message}`)
    return undefined
  }
}

/** The model of a run, or the one that a run with these settings would train. */
async function findModel(name: string | undefined, given: Settings) {
  const names = Object.keys(allModels)
  if (name !== undefined && names.includes(name)) {
    const settings = withRunsFound({ ...given, model: name as Recipe["model"] })
    const { recipe, corpus } = await prepare(settings, showLoading())
    return { recipe, model: learnerOf(recipe).outline(recipe, corpus) }
  }
  const meant = name && nearest(name, names)
  if (meant && !existsSync(name) && !existsSync(join("runs", name)))
    throw new UserError(
      `${name}: there is no such model or run: did you mean ${meant}? Models: ${names.join(", ")}`,
    )
  const folder = findRun(name)
  const ofRuns: readonly string[] = [...ofLooking, "data", ...readingSettings]
  const other = Object.keys(given).find((key) => !ofRuns.includes(key))
  if (other)
    throw new UserError(
      `${flag(other)}: a run has its own settings: leave the flag out, or give a model's name`,
    )
  requireDataToRead(given)
  const config = await readConfig(folder)
  const changed = changedOwn(folder, config)
  if (changed) notice(`${changed}: these are the layers as they are now`)
  const recipe: Recipe = { ...config.recipe, ...given }
  const learner = learnerOf(recipe)
  const model = learner.hasCounts
    ? (await openAnyModel(folder, notice)).model
    : learner.create(recipe, codecOf(config))
  return { recipe, model, folder, config }
}
