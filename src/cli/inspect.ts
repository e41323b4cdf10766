/** `makewave inspect`: the table of a model's layers, of a run or as it would be, and what goes on inside a run's. */
import { existsSync } from "node:fs"
import type { Command } from "commander"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { codecOf } from "../runs/codec.ts"
import { openCorpus, prepare } from "../runs/corpora/index.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { Learned } from "../runs/learners/learner.ts"
import { openAnyModel } from "../runs/open-model.ts"
import type { Recipe } from "../runs/recipe.ts"
import { type RunConfig, readConfig } from "../runs/run-config.ts"
import { allModels, groups, namesOf, type Settings } from "../runs/settings.ts"
import { formatDiagnosis, summaryOf } from "../training/diagnostics.ts"
import { addSettings, givenSettings, withData } from "./flags.ts"
import { type Inside, lookInside } from "./look-inside.ts"
import { grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

const examples = `
Models:
${Object.entries(allModels)
  .map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
  .join("\n")}

Of a run also, on one batch of its training part: activations, gradients and how large an update would be; and in the run's
folder activations.svg, gradients.svg and embedding.svg.

Examples:
  makewave inspect wavenet
  makewave inspect flat --context 3 --data makemore-names
  makewave inspect ngram --order 4
  makewave inspect runs/NAME
  makewave inspect runs/NAME --markdown > inside.md
  makewave inspect wavenet --json`

export function define(command: Command): void {
  command.argument("[model-or-run]", "a model's name, or the folder of a run; wavenet", "wavenet")
  const { model: _, ...ofModel } = groups.model
  addSettings(command, "Model:", namesOf(ofModel))
  addSettings(command, "Data:", namesOf(groups.data))
  addSettings(command, "Options:", ["batchSize"])
  command
    .option("--markdown", "Markdown tables")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(inspect)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly markdown?: true
  readonly json?: true
}

async function inspect(name: string, { markdown, json, ...flags }: Options): Promise<void> {
  const { recipe, model, run } = await inspected(name, withData(givenSettings(flags), undefined))
  const learner = learnerOf(recipe)
  const { batchSize } = recipe
  const layers = learner.describe(model, { batchSize, markdown })
  const inside = run && learner.hasLayers ? await insideOf(findRun(name), run) : undefined
  if (json) {
    const { diagnosis, ...others } = inside ?? {}
    const found = diagnosis && { ...others, diagnosis: summaryOf(diagnosis) }
    return printJson({ model: recipe.model, ...layers.json, ...found })
  }
  print(layers.text)
  if (!inside) return
  const { diagnosis, steps, pictures } = inside
  print(`\nAfter ${grouped(steps)} steps, on one batch of ${grouped(batchSize)} rows:\n`)
  print(formatDiagnosis(diagnosis, { markdown }))
  notice(`\nThe pictures are ${pictures.join(", ")}`)
}

/** Undefined, with a notice, where the run has no numbers yet or its data is gone. */
async function insideOf(folder: string, config: RunConfig): Promise<Inside | undefined> {
  try {
    return await lookInside(folder, config, await openCorpus(config.recipe, showLoading()))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    notice(`cannot look inside: ${error.message}`)
    return undefined
  }
}

/** The model of a run as it was begun, or of a model's name as a run would begin it. */
async function inspected(
  name: string,
  given: Settings,
): Promise<{ recipe: Recipe; model: Learned; run?: RunConfig }> {
  const names = Object.keys(allModels)
  if (names.includes(name)) {
    const settings = { ...given, model: name as Recipe["model"] }
    const { recipe, corpus } = await prepare(settings, showLoading())
    return { recipe, model: learnerOf(recipe).outline(recipe, corpus) }
  }
  const folder = findRun(name)
  if (!existsSync(folder)) {
    const meant = nearest(name, names)
    throw new UserError(
      `${name}: no model and no run of this name. ${meant ? `Did you mean ${meant}? ` : ""}` +
        `Models: ${names.join(", ")}`,
    )
  }
  const { batchSize, ...others } = given
  const [other] = Object.keys(others)
  if (other)
    throw new UserError(`--${other}: a run has its own settings: leave the flag out, or name a model`)
  const config = await readConfig(folder)
  const recipe = { ...config.recipe, batchSize: batchSize ?? config.recipe.batchSize }
  const learner = learnerOf(recipe)
  const model = learner.hasLayers
    ? learner.create(recipe, codecOf(config))
    : (await openAnyModel(folder)).model
  return { recipe, model, run: { ...config, recipe } }
}
