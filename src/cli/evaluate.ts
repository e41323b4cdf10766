/** `makewave evaluate`: how good a trained model is on whole parts of its data, or on other data, with standard errors. */
import { type Command, Option } from "commander"
import { kindOf } from "../runs/corpora/index.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { formatEvaluation } from "../training/evaluation-report.ts"
import { addSettings, givenSettings, wholeNumber } from "./flags.ts"
import { formatClasses, formatConditions } from "./label-report.ts"
import { bold, grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

const parts = ["train", "validation", "test"] as const

const examples = `
Lines that are in the training part too, which a model may know by heart, are also reported apart, and so is each label of a model
that is conditioned on labels (train --condition). After each ± is the standard error over lines: another draw of as many lines
would change the figure by about that much.
Keep the test part for the end: once you choose by it, it is a test no longer.

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
      new Option("--part <parts...>", "parts of the split").choices(parts).default(["train", "validation"]),
    )
    .option("--data <name-or-file>", "other data instead, all of it")
    .option("--column <name>", "the column of --data with the things, if it is a table (.csv, .tsv, .jsonl)")
  addSettings(command, "Options:", ["provider", "threads"])
  command
    .option(
      "--samples <count>",
      "make this many of each label and see whether they are taken for it (runs trained with --condition)",
      wholeNumber(1),
    )
    .option("--judge-order <symbols>", "the order of the n-grams that judge that; 3", wholeNumber(1))
    .option("--markdown", "a Markdown table")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(evaluate)
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

async function evaluate(
  given: string | undefined,
  { part, data, column, samples, judgeOrder, markdown, json, ...flags }: Options,
): Promise<void> {
  const trained = await openAnyModel(findRun(given))
  const { folder, config, steps } = trained
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  const { evaluate, words, symbols } = kindOf(config.recipe)
  const { reports, classes, conditions, judge } = await evaluate(trained, {
    parts: part,
    data,
    column,
    samples,
    judgeOrder,
    runtime: { provider, threads, notice },
    loading: showLoading(),
    notice,
  })
  if (json) {
    const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
    return printJson({
      run: folder,
      steps,
      ...Object.fromEntries(losses),
      reports,
      ...(classes && { classes: classes.byPart }),
      ...(conditions && { conditions: conditions.byLabel, judgeOrder: judge?.order }),
    })
  }
  const guess = symbols === undefined ? "" : `; a uniform guess costs ${Math.log(symbols).toFixed(4)}`
  if (!markdown) print(`${bold(folder)} after ${grouped(steps)} steps${guess}\n`)
  print(formatEvaluation(reports, { markdown, line: words.row, symbol: words.symbol }))
  if (classes) print(`\n${formatClasses(classes, { judge, markdown })}`)
  if (conditions && judge) print(`\n${formatConditions(conditions, { judge, markdown })}`)
}
