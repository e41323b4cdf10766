/** `makewave evaluate`: how good a trained model is on whole parts of its data, or on other data, with standard errors. */
import { type Command, Option } from "commander"
import { NGram } from "../counting/ngram.ts"
import { loadText } from "../data/catalog.ts"
import { UserError } from "../errors.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import {
  countedLossPerLine,
  type EvaluationReport,
  evaluationReport,
  formatEvaluation,
  lossPerLine,
} from "../training/evaluation-report.ts"
import { datasetFor, prepareData } from "../training/prepare.ts"
import type { RunConfig } from "../training/run.ts"
import { addSettings, givenSettings } from "./flags.ts"
import { openAnyModel } from "./open-model.ts"
import { bold, grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showDownload } from "./show-download.ts"

const parts = ["train", "validation", "test"] as const

const examples = `
Lines that stand in the training part too, which a model may know by heart, are also told apart. After each ± is the standard
error over lines: another draw of as many lines would put the figure off by about that much.
The test part is for the end of all trials: whoever chooses by it has none any more.

Examples:
  makewave evaluate                            the newest run in ./runs, training and validation part
  makewave evaluate runs/NAME --part test
  makewave evaluate runs/NAME --data more.txt  every line of another file
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
  readonly markdown?: true
  readonly json?: true
}

async function evaluateParts(
  given: string | undefined,
  { part, data, markdown, json, ...flags }: Options,
): Promise<void> {
  const { folder, config, model, vocabulary, steps } = await openAnyModel(findRun(given))
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  const runtime: RuntimeOptions = { provider, threads, notice }
  const { lines, seen } = await linesOf(config, part, data)

  const reports: Record<string, EvaluationReport> = {}
  for (const [name, each] of Object.entries(lines)) {
    const losses =
      model instanceof NGram
        ? countedLossPerLine(
            model,
            each.map((line) => vocabulary.encode(line)),
          )
        : await lossPerLine(model, datasetFor(model, each, vocabulary), { runtime })
    reports[name] = evaluationReport(losses, { lines: each, seen: name === "train" ? undefined : seen })
  }
  if (json) {
    const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
    return printJson({ run: folder, steps, ...Object.fromEntries(losses), reports })
  }
  if (!markdown) print(`${bold(folder)} after ${grouped(steps)} steps\n`)
  print(formatEvaluation(reports, { markdown }))
}

/** What is to be evaluated by name, and the training part, where it is still there. */
async function linesOf(
  { recipe, data: trainedOn }: RunConfig,
  parts: Options["part"],
  other: string | undefined,
): Promise<{ lines: Record<string, readonly string[]>; seen?: readonly string[] }> {
  const onProgress = showDownload()
  const prepared = await prepareData(recipe, { onProgress }).catch((error) => {
    if (other === undefined || !(error instanceof UserError)) throw error
    notice(`which lines stand in the training part cannot be told: ${error.message}`)
    return undefined
  })
  if (prepared && prepared.sha256 !== trainedOn.sha256)
    notice(`${recipe.data}: these are no longer the lines that the run was trained on`)
  const seen = prepared?.parts.train.lines
  if (other !== undefined) return { lines: { data: (await loadText(other, { onProgress })).lines }, seen }
  return { lines: Object.fromEntries(parts.map((name) => [name, prepared!.parts[name].lines])), seen }
}
