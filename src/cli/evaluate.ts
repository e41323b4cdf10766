/** `makewave evaluate`: the loss of a trained model over whole parts of its data, or over other data. */
import { type Command, Option } from "commander"
import { NGram } from "../counting/ngram.ts"
import { loadText } from "../data/catalog.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { evaluate } from "../training/evaluate.ts"
import { datasetFor, prepareData } from "../training/prepare.ts"
import { addSettings, givenSettings } from "./flags.ts"
import { openAnyModel } from "./open-model.ts"
import { bold, grouped, notice, print, printJson, table } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { showDownload } from "./show-download.ts"

const parts = ["train", "validation", "test"] as const

const examples = `
The test part is for the end of all trials: whoever chooses by it has none any more.

Examples:
  makewave evaluate                            the newest run in ./runs, training and validation part
  makewave evaluate runs/NAME --part test
  makewave evaluate runs/NAME --data more.txt  every line of another file
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
  command.option("--json", "one object").addHelpText("after", examples).action(evaluateParts)
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly part: readonly (typeof parts)[number][]
  readonly data?: string
  readonly json?: true
}

async function evaluateParts(
  given: string | undefined,
  { part, data, json, ...flags }: Options,
): Promise<void> {
  const { folder, config, model, vocabulary, steps } = await openAnyModel(findRun(given))
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  const runtime: RuntimeOptions = { provider, threads, notice }
  const onProgress = showDownload()
  const lines: [string, readonly string[]][] = []
  if (data !== undefined) lines.push(["data", (await loadText(data, { onProgress })).lines])
  else {
    const prepared = await prepareData(config.recipe, { onProgress })
    if (prepared.sha256 !== config.data.sha256)
      notice(`${config.recipe.data}: these are no longer the lines that the run was trained on`)
    for (const name of part) lines.push([name, prepared.parts[name].lines])
  }

  const losses: Record<string, number> = {}
  for (const [name, each] of lines)
    losses[name] =
      model instanceof NGram
        ? model.loss(each.map((line) => vocabulary.encode(line)))
        : await evaluate(model, datasetFor(model, each, vocabulary), { runtime })
  if (json) return printJson({ run: folder, steps, ...losses })
  print(`${bold(folder)} after ${grouped(steps)} steps\n`)
  const head = ["", "lines", "loss, nats a symbol"]
  print(table([head, ...lines.map(([name, each]) => [name, grouped(each.length), losses[name].toFixed(4)])]))
}
