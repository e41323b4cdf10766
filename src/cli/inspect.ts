/** `makewave inspect`: the table of a model's layers, of a run or as it would be, and of a run what goes on inside. */
import { existsSync } from "node:fs"
import type { Command } from "commander"
import { table } from "../charts/table.ts"
import { NGram } from "../counting/ngram.ts"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { conditionInputs } from "../models/condition-inputs.ts"
import { descriptions, models } from "../models/index.ts"
import { formatSummary, summarize } from "../nn/summary.ts"
import { codecOf, openAnyModel } from "../runs/open-model.ts"
import { type Codec, modelFor, prepare, prepareData, prepareText } from "../runs/prepare.ts"
import { isCounted, type Recipe, resolveRecipe } from "../runs/recipe.ts"
import { type RunConfig, readConfig } from "../runs/run-config.ts"
import { modelSettings, NGRAM, type Settings } from "../runs/settings.ts"
import { Tensor } from "../tensor/tensor.ts"
import { formatDiagnosis, summaryOf } from "../training/diagnostics.ts"
import { addSettings, givenSettings, withData } from "./flags.ts"
import { type Inside, lookInside } from "./look-inside.ts"
import { grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

const examples = `
Models:
${Object.entries({ ...descriptions, [NGRAM]: "counts how often a symbol follows others, and trains nothing" })
  .map(([name, description]) => `  ${name.padEnd(12)} ${description}`)
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
  addSettings(command, "Model:", modelSettings)
  addSettings(command, "Data:", [
    "data",
    "sampleRate",
    "silence",
    "predict",
    "column",
    "condition",
    "classify",
  ])
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
  const given = withData(givenSettings(flags), undefined)
  if (name === NGRAM) return inspectCounts(await counted(given), { markdown, json })
  const { recipe, run, ...meanings } = await inspected(name, given)
  if (isCounted(recipe)) {
    const { model } = await openAnyModel(findRun(name))
    return inspectCounts(model as NGram, { markdown, json })
  }
  const model = modelFor(recipe, meanings)
  const ids = Tensor.input("ids", [recipe.batchSize, model.contextLength], "int32")
  const summary = summarize(model, ids, conditionInputs(model, recipe.batchSize, model.contextLength))
  const inside = run && (await insideOf(findRun(name), run))
  if (json) {
    const { diagnosis, ...others } = inside ?? {}
    const found = diagnosis && { ...others, diagnosis: summaryOf(diagnosis) }
    return printJson({ model: recipe.model, config: model.config, ...summary, ...found })
  }
  print(formatSummary(summary, { markdown }))
  if (!inside) return
  const { diagnosis, steps, pictures } = inside
  print(`\nAfter ${grouped(steps)} steps, on one batch of ${grouped(recipe.batchSize)} rows:\n`)
  print(formatDiagnosis(diagnosis, { markdown }))
  notice(`\nThe pictures are ${pictures.join(", ")}`)
}

/** Undefined, with a notice, where the run has no numbers yet or its data is gone. */
async function insideOf(folder: string, config: RunConfig): Promise<Inside | undefined> {
  try {
    return await lookInside(folder, config, await prepareData(config.recipe, showLoading()))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    notice(`what goes on inside cannot be told: ${error.message}`)
    return undefined
  }
}

/** The model that would be counted. */
async function counted(given: Settings): Promise<NGram> {
  const recipe = resolveRecipe({ ...given, model: NGRAM })
  const { parts, vocabulary } = await prepareText(recipe, showLoading())
  const model = new NGram({ order: recipe.order!, vocabularySize: vocabulary.size })
  return model.fit(parts.train.lines.map((line) => vocabulary.encode(line)))
}

/** A model that counts has tables for layers. */
function inspectCounts(model: NGram, { markdown, json }: Options): void {
  const state = model.stateDict()
  const tables = Array.from({ length: model.order }, (_, length) => ({
    order: length + 1,
    contexts: state[`tables.${length}.starts`].data.length - 1,
    counts: state[`tables.${length}.counts`].data.length,
  }))
  if (json) {
    printJson({ model: NGRAM, tables, parameters: model.parameterCount })
    return
  }
  const rows = tables.map((each) => [each.order, each.contexts, each.counts].map(grouped))
  print(
    table([["Grams of", "Contexts", "Counts"], ...rows, ["Total", "", grouped(model.parameterCount)]], {
      markdown,
    }),
  )
}

/** Of a run what it was begun with; of a model's name what would be begun with. */
async function inspected(
  name: string,
  given: Settings,
): Promise<Codec & { recipe: Recipe; run?: RunConfig }> {
  if (Object.hasOwn(models, name)) {
    const settings = { ...given, model: name as keyof typeof models }
    const { recipe, data } = await prepare(settings, showLoading())
    return { recipe, ...data }
  }
  const folder = findRun(name)
  if (!existsSync(folder)) {
    const names = [...Object.keys(models), NGRAM]
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
  return { recipe, ...codecOf(config), run: { ...config, recipe } }
}
