/** `makewave evaluate`: how good a trained model is on whole parts of its data, or on other data, with standard errors. */
import { type Command, Option } from "commander"
import { table } from "../charts/table.ts"
import { NGram } from "../counting/ngram.ts"
import { loadText } from "../data/catalog.ts"
import { labelsOf } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { evaluateClasses, type Foretold } from "../training/evaluate.ts"
import {
  countedLossPerLine,
  type EvaluationReport,
  evaluationReport,
  formatEvaluation,
  lossPerLine,
} from "../training/evaluation-report.ts"
import { openAnyModel } from "../training/open-model.ts"
import { datasetFor, prepareData } from "../training/prepare.ts"
import type { RunConfig } from "../training/run.ts"
import { addSettings, givenSettings } from "./flags.ts"
import { bold, grouped, notice, percent, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showDownload } from "./show-download.ts"

const parts = ["train", "validation", "test"] as const

const examples = `
Lines that stand in the training part too, which a model may know by heart, are also told apart; so are the labels of a model that
goes by some (train --condition). After each ± is the standard error over lines: another draw of as many lines would put the
figure off by about that much.
The test part is for the end of all trials: whoever chooses by it has none any more.

Examples:
  makewave evaluate                            the newest run in ./runs, training and validation part
  makewave evaluate runs/NAME --part test
  makewave evaluate runs/NAME --data more.txt  every line of another file
  makewave evaluate runs/NAME --data people.csv --column name
  makewave evaluate runs/NAME --markdown
  makewave evaluate runs/NAME --json`

export function define(command: Command): void {
  command
    .argument("[run]", "the folder of a run, or its name in ./runs; the newest")
    .addOption(
      new Option("--part <parts...>", "which parts of the split")
        .choices(parts)
        .default(["train", "validation"]),
    )
    .option("--data <name-or-file>", "other data instead, every line of it")
    .option(
      "--column <name>",
      "of --data, where it is a table (.csv, .tsv, .jsonl): the column with the things",
    )
  addSettings(command, "Options:", ["provider", "threads"])
  command
    .option("--markdown", "a Markdown table")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(evaluateParts)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly part: readonly (typeof parts)[number][]
  readonly data?: string
  readonly column?: string
  readonly markdown?: true
  readonly json?: true
}

async function evaluateParts(
  given: string | undefined,
  { part, data, column, markdown, json, ...flags }: Options,
): Promise<void> {
  const { folder, config, model, steps, ...meanings } = await openAnyModel(findRun(given))
  const { vocabulary, condition, foretold } = meanings
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  const runtime: RuntimeOptions = { provider, threads, notice }
  const { parts, seen } = await partsOf(config, part, { data, column })

  const reports: Record<string, EvaluationReport> = {}
  const classes: Record<string, Foretold> = {}
  for (const [name, each] of Object.entries(parts)) {
    const ofNetwork = async (network: Model) => {
      const rows = datasetFor(network, each, meanings)
      if (foretold) classes[name] = await evaluateClasses(network, rows, { runtime })
      return lossPerLine(network, rows, { runtime })
    }
    const losses =
      model instanceof NGram
        ? countedLossPerLine(
            model,
            each.lines.map((line) => vocabulary.encode(line)),
          )
        : await ofNetwork(model)
    reports[name] = evaluationReport(losses, {
      lines: each.lines,
      seen: name === "train" ? undefined : seen,
      labels: condition && each.labels?.[condition.name],
    })
  }
  if (json) {
    const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
    return printJson({
      run: folder,
      steps,
      ...Object.fromEntries(losses),
      reports,
      ...(foretold && { classes }),
    })
  }
  if (!markdown) print(`${bold(folder)} after ${grouped(steps)} steps\n`)
  print(formatEvaluation(reports, { markdown }))
  if (!foretold) return
  const rows = Object.entries(classes).map(([name, { accuracy, loss }]) => [
    name,
    percent(accuracy),
    loss.toFixed(4),
  ])
  print(`\n${table([[`${foretold.name}, foretold`, "right", "nats"], ...rows], { markdown })}`)
}

/** What is to be evaluated by name, and the training part, where it is still there. */
async function partsOf(
  { recipe, data: trainedOn }: RunConfig,
  names: Options["part"],
  { data: other, column }: Pick<Options, "data" | "column">,
): Promise<{ parts: Record<string, Lines>; seen?: readonly string[] }> {
  const onProgress = showDownload()
  const prepared = await prepareData(recipe, { onProgress }).catch((error) => {
    if (other === undefined || !(error instanceof UserError)) throw error
    notice(`which lines stand in the training part cannot be told: ${error.message}`)
    return undefined
  })
  if (prepared && prepared.sha256 !== trainedOn.sha256)
    notice(`${recipe.data}: these are no longer the lines that the run was trained on`)
  const seen = prepared?.parts.train.lines
  if (other === undefined)
    return { parts: Object.fromEntries(names.map((name) => [name, prepared!.parts[name]])), seen }
  const labels = [recipe.condition, recipe.foretell].filter((name) => name !== undefined)
  const text = await loadText(other, { column, labelColumns: labels, onProgress })
  for (const name of labels) labelsOf(text, name) // a UserError where it has none
  return { parts: { data: text }, seen }
}
