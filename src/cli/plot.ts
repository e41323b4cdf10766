/** `makewave plot`: plots the training and validation losses of a run in the terminal and as an SVG file in its folder. */
import { join } from "node:path"
import type { Command } from "commander"
import { defaultWindow, type LossPlot, lossPlotSvg, lossPlotText, windowMeans } from "../charts/loss-plot.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { batchLosses, readMetrics, validationLosses } from "../runs/metrics.ts"
import { files, readConfig } from "../runs/run-config.ts"
import { wholeNumber } from "./flags.ts"
import { chartOptions, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"

const examples = `
The chart is also written to the run's folder: loss.svg, or loss-log10.svg with --log10. It works during training, too.

Examples:
  makewave plot                          the newest run in ./runs
  makewave plot runs/NAME --log10        a logarithmic axis
  makewave plot runs/NAME --window 50    one point per 50 logged losses
  makewave plot runs/NAME --json         the points`

export function define(command: Command): void {
  command
    .argument("[run]", "a run's folder, or its name in ./runs (default: the newest)")
    .option("--log10", "use a logarithmic axis for the loss")
    .option(
      "--window <count>",
      "average over this many logged losses (default: a hundredth of them)",
      wholeNumber(1, 1e9),
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(plot)
}

async function plot(
  given: string | undefined,
  { log10, json, ...options }: { log10?: true; window?: number; json?: true },
): Promise<void> {
  const folder = findRun(given, [files.metrics])
  const { recipe } = await readConfig(folder)
  const { words, symbols } = kindOf(recipe)
  const metrics = await readMetrics(folder)
  const training = batchLosses(metrics)
  const validation = validationLosses(metrics)
  const { window = defaultWindow(training.length) } = options
  if (training.length === 0)
    throw new UserError(
      `${folder}: there are no batch losses to plot: train it first, or choose a network; n-grams have none`,
    )
  const title = `Loss of ${recipe.model} on ${recipe.data.replace(/^.*[/\\]/, "")}`
  const unit = words.symbol
  const drawn: LossPlot = {
    training,
    validation,
    window,
    batches: metrics.some(({ mean }) => mean !== undefined) ? recipe.logEvery : 1,
    scale: log10 ? "log10" : "linear",
    unit,
    symbols,
    title,
  }
  const picture = join(folder, log10 ? "loss-log10.svg" : "loss.svg")
  await writeFileAtomic(picture, await lossPlotSvg(drawn))
  if (json)
    return printJson({ run: folder, picture, window, training: windowMeans(training, window), validation })
  print(await lossPlotText({ ...drawn, title: `${title}, nats per ${unit}` }, chartOptions()))
  notice(`\nThe chart is in ${picture}`)
}
