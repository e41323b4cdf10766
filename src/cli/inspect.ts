/** `makewave inspect`: the table of a model's layers, of a run or as it would be. */
import { existsSync } from "node:fs"
import type { Command } from "commander"
import { table } from "../charts/table.ts"
import { longest } from "../data/dataset.ts"
import { nearest } from "../data/nearest.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import { descriptions, models } from "../models/index.ts"
import { formatSummary, summarize } from "../nn/summary.ts"
import { Tensor } from "../tensor/tensor.ts"
import { prepareData } from "../training/prepare.ts"
import { createModel, isCounted, resolveRecipe, type Settings } from "../training/recipe.ts"
import { readConfig } from "../training/run.ts"
import { addSettings, givenSettings, withData } from "./flags.ts"
import { openAnyModel } from "./open-model.ts"
import { grouped, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showDownload } from "./show-download.ts"

const examples = `
Models:
${Object.entries(descriptions)
  .map(([name, description]) => `  ${name.padEnd(12)} ${description}`)
  .join("\n")}

Examples:
  makewave inspect wavenet
  makewave inspect flat --context 3 --data makemore-names
  makewave inspect runs/NAME --markdown
  makewave inspect wavenet --json`

export function define(command: Command): void {
  command.argument("[model-or-run]", "a model's name, or the folder of a run; wavenet", "wavenet")
  addSettings(command, "Model:", ["context", "embedding", "hidden"])
  addSettings(command, "Model:", ["layers", "heads", "directConnections", "batchNormBug"])
  addSettings(command, "Data:", ["data"])
  addSettings(command, "Options:", ["batchSize"])
  command
    .option("--markdown", "a Markdown table")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(inspect)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly markdown?: true
  readonly json?: true
}

async function inspect(name: string, { markdown, json, ...flags }: Options): Promise<void> {
  const { recipe, vocabulary } = await inspected(name, withData(givenSettings(flags), undefined))
  if (isCounted(recipe)) return inspectCounts(name, { markdown, json })
  const model = createModel(recipe, vocabulary.size)
  const ids = Tensor.input("ids", [recipe.batchSize, model.contextLength], "int32")
  const summary = summarize(model, ids)
  if (json) printJson({ model: recipe.model, config: model.config, ...summary })
  else print(formatSummary(summary, { markdown }))
}

/** A model that counts has tables for layers. */
async function inspectCounts(name: string, { markdown, json }: Options): Promise<void> {
  const { model, config } = await openAnyModel(findRun(name))
  const state = model.stateDict()
  const tables = Array.from({ length: config.recipe.order ?? 0 }, (_, length) => ({
    order: length + 1,
    contexts: state[`tables.${length}.starts`].data.length - 1,
    counts: state[`tables.${length}.counts`].data.length,
  }))
  if (json) return printJson({ model: config.recipe.model, tables, parameters: model.parameterCount })
  const rows = tables.map((each) => [each.order, each.contexts, each.counts].map(grouped))
  print(
    table([["Grams of", "Contexts", "Counts"], ...rows, ["Total", "", grouped(model.parameterCount)]], {
      markdown,
    }),
  )
}

/** Of a run what it was begun with; of a model's name what would be begun with. */
async function inspected(name: string, given: Settings) {
  if (Object.hasOwn(models, name)) {
    const settings = { ...given, model: name as keyof typeof models }
    const { text, vocabulary } = await prepareData(resolveRecipe(settings), { onProgress: showDownload() })
    return { recipe: resolveRecipe(settings, { longestLine: longest(text.lines) }), vocabulary }
  }
  const folder = findRun(name)
  if (!existsSync(folder)) {
    const meant = nearest(name, Object.keys(models))
    throw new UserError(
      `${name}: no model and no run of this name. ${meant ? `Did you mean ${meant}? ` : ""}` +
        `Models: ${Object.keys(models).join(", ")}`,
    )
  }
  const { batchSize, ...others } = given
  const [other] = Object.keys(others)
  if (other)
    throw new UserError(`--${other}: a run has its own settings: leave the flag out, or name a model`)
  const { recipe, vocabulary } = await readConfig(folder)
  return {
    recipe: { ...recipe, batchSize: batchSize ?? recipe.batchSize },
    vocabulary: Vocabulary.fromJSON(vocabulary),
  }
}
