/** `makewave evaluate`: how good a trained model is on whole parts of its data, or on other data, with standard errors. */
import { type Command, Option } from "commander"
import { NGram } from "../counting/ngram.ts"
import { loadText } from "../data/catalog.ts"
import { labelsOf } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { datasetFor, prepareText } from "../runs/prepare.ts"
import type { RunConfig } from "../runs/run-config.ts"
import { isSound } from "../runs/sound-recipe.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { openJudge } from "../sampling/judge.ts"
import { evaluateClasses } from "../training/evaluate.ts"
import {
  countedLossPerLine,
  type EvaluationReport,
  evaluationReport,
  formatEvaluation,
  lossPerLine,
} from "../training/evaluation-report.ts"
import { evaluateSound } from "./evaluate-sound.ts"
import { addSettings, givenSettings, wholeNumber } from "./flags.ts"
import { askForEach, formatAsked, formatTold, type Told } from "./label-report.ts"
import { bold, grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

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
  makewave evaluate runs/NAME --samples 2000   of a run trained with --condition
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
    .option(
      "--samples <count>",
      "of a run trained with --condition: make so many of each label, and see whether they are taken for it",
      wholeNumber(1),
    )
    .option("--judge-order <symbols>", "of the grams whose counts judge that; 3", wholeNumber(1))
    .option("--markdown", "a Markdown table")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(evaluateParts)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly part: readonly (typeof parts)[number][]
  readonly data?: string
  readonly column?: string
  readonly samples?: number
  readonly judgeOrder?: number
  readonly markdown?: true
  readonly json?: true
}

async function evaluateParts(
  given: string | undefined,
  { part, data, column, samples, judgeOrder, markdown, json, ...flags }: Options,
): Promise<void> {
  const trained = await openAnyModel(findRun(given))
  const { folder, config, model, steps, ...meanings } = trained
  const { vocabulary, condition, classes } = meanings
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  const runtime: RuntimeOptions = { provider, threads, notice }
  if (isSound(config.recipe)) return evaluateSound(trained, { part, data, markdown, json, runtime })
  const { parts, training } = await partsOf(config, part, { data, column })
  const labels = condition ?? classes
  const judge = labels && training && openJudge(training, { vocabulary, labels, order: judgeOrder })
  if (samples !== undefined && (!condition || !judge))
    throw new UserError(
      `--samples ${samples}: it is for runs that go by a label, with their data at hand: leave it out, or train with --condition`,
    )

  const reports: Record<string, EvaluationReport> = {}
  const told: Record<string, Told> = {}
  for (const [name, each] of Object.entries(parts)) {
    const ofNetwork = async (network: Model) => {
      const rows = datasetFor(network, each, meanings)
      if (classes)
        told[name] = {
          ...(await evaluateClasses(network, rows, { runtime })),
          counted: labels === classes ? judge?.right(each).all : undefined,
        }
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
      seen: name === "train" ? undefined : training?.lines,
      labels: condition && each.labels?.[condition.name],
    })
  }
  const last = Object.keys(parts).at(-1)!
  const asked =
    samples !== undefined && condition && judge && !(model instanceof NGram)
      ? await askForEach(model, { labels: condition, judge, real: parts[last], count: samples, runtime })
      : undefined
  if (json) {
    const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
    return printJson({
      run: folder,
      steps,
      ...Object.fromEntries(losses),
      reports,
      ...(classes && { told }),
      ...(asked && { asked, judgeOrder: judge?.order }),
    })
  }
  if (!markdown) print(`${bold(folder)} after ${grouped(steps)} steps\n`)
  print(formatEvaluation(reports, { markdown }))
  if (classes)
    print(`\n${formatTold(classes, told, { judge: labels === classes ? judge : undefined, markdown })}`)
  if (asked && condition && judge && samples)
    print(`\n${formatAsked(asked, { labels: condition, judge, part: last, count: samples, markdown })}`)
}

/** What is to be evaluated by name, and the training part, where it is still there. */
async function partsOf(
  { recipe, data: trainedOn }: RunConfig,
  names: Options["part"],
  { data: other, column }: Pick<Options, "data" | "column">,
): Promise<{ parts: Record<string, Lines>; training?: Lines }> {
  const loading = showLoading()
  const prepared = await prepareText(recipe, loading).catch((error) => {
    if (other === undefined || !(error instanceof UserError)) throw error
    notice(`which lines stand in the training part cannot be told: ${error.message}`)
    return undefined
  })
  if (prepared && prepared.sha256 !== trainedOn.sha256)
    notice(`${recipe.data}: these are no longer the lines that the run was trained on`)
  const training = prepared?.parts.train
  if (other === undefined)
    return { parts: Object.fromEntries(names.map((name) => [name, prepared!.parts[name]])), training }
  const labels = [recipe.condition, recipe.classify].filter((name) => name !== undefined)
  const text = await loadText(other, { column, labelColumns: labels, ...loading })
  for (const name of labels) labelsOf(text, name) // a UserError where it has none
  return { parts: { data: text }, training }
}
