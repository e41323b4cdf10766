/** `makewave plot`: plots the training and validation losses of a run, or of several in one chart, in the terminal and as an SVG file. */
import { join } from "node:path"
import type { Command } from "commander"
import { lossCurvesSvg, lossCurvesText } from "../charts/loss-curves.ts"
import { defaultWindow, type LossPlot, lossPlotSvg, lossPlotText, windowMeans } from "../charts/loss-plot.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { namesByDifference, whyIncomparable } from "../experiments/differences.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { batchLosses, readMetrics, validationLosses } from "../runs/metrics.ts"
import { readConfig } from "../runs/run-config.ts"
import { files } from "../runs/run-files.ts"
import { wholeNumber } from "./flags.ts"
import { chartOptions, notice, print, printJson } from "./output.ts"
import { findRun, findRuns } from "./run-folder.ts"

const examples = `
The chart of a run is also written to its folder: loss.svg, or loss-log10.svg with --log10. It works during training, too. Several
runs are drawn in one chart, named by the settings in which they differ: the terminal shows their training losses, --svg the
validation losses as well.

Examples:
  makewave plot                          the newest run in ./runs
  makewave plot runs/NAME --log10        a logarithmic axis
  makewave plot runs/NAME --window 50    one point per 50 logged losses
  makewave plot runs/NAME --json         the points
  makewave plot runs/a runs/b --svg losses.svg`

export function define(command: Command): void {
  command
    .argument("[runs...]", "the folders of runs, or their names in ./runs (default: the newest)")
    .option("--log10", "use a logarithmic axis for the loss")
    .option(
      "--window <count>",
      "average over this many logged losses (default: a hundredth of them)",
      wholeNumber(1, 1e9),
    )
    .option(
      "--svg <file>",
      "write the chart to this file (default: to the folder of the run; of several, to none)",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action((given: readonly string[], options: Options) =>
      given.length > 1 ? plotSeveral(given, options) : plot(given[0], options),
    )
}

interface Options {
  readonly log10?: true
  readonly window?: number
  readonly svg?: string
  readonly json?: true
}

async function plot(given: string | undefined, { log10, svg, json, ...options }: Options): Promise<void> {
  const folder = findRun(given, [files.metrics])
  const { recipe, training, validation, window, batches } = await lossesOf(folder, options)
  const { words, symbols } = kindOf(recipe)
  const title = `Loss of ${recipe.model} on ${recipe.data.replace(/^.*[/\\]/, "")}`
  const unit = words.symbol
  const scale = log10 ? "log10" : "linear"
  const drawn: LossPlot = { training, validation, window, batches, scale, unit, symbols, title }
  const picture = svg ?? join(folder, log10 ? "loss-log10.svg" : "loss.svg")
  await writeFileAtomic(picture, await lossPlotSvg(drawn))
  if (json)
    return printJson({ run: folder, picture, window, training: windowMeans(training, window), validation })
  print(await lossPlotText({ ...drawn, title: `${title}, nats per ${unit}` }, chartOptions()))
  notice(`\nThe chart is in ${picture}`)
}

/** The curves of several runs in one chart. */
async function plotSeveral(
  given: readonly string[],
  { log10, svg, json, ...options }: Options,
): Promise<void> {
  const runs = await Promise.all(findRuns(given).map((run) => lossesOf(run, options)))
  const names = namesByDifference(runs)
  const curves = runs.map(({ training, validation, window }, k) => ({
    name: names[k],
    training: windowMeans(training, window),
    validation,
  }))
  const units = [...new Set(runs.map(({ recipe }) => kindOf(recipe).words.symbol))]
  const unit = units.join(" or ")
  const scale = log10 ? "log10" : "linear"
  if (svg !== undefined)
    await writeFileAtomic(svg, await lossCurvesSvg(curves, { scale, unit, title: "Loss" }))
  const [first, ...others] = runs
  const [problem] = others.flatMap(({ folder, config }) => {
    const why = whyIncomparable(first.config, config)
    return why === undefined ? [] : [`${first.folder} and ${folder} ${why}`]
  })
  if (json)
    return printJson({
      ...(problem !== undefined && { problem }),
      ...(svg !== undefined && { picture: svg }),
      runs: curves.map(({ name, ...curve }, k) => ({
        run: runs[k].folder,
        name,
        window: runs[k].window,
        ...curve,
      })),
    })
  print(await lossCurvesText(curves, { scale, title: `Training loss, nats per ${unit}` }, chartOptions()))
  if (problem !== undefined) notice(`\n${problem}`)
  if (svg !== undefined) notice(`\nThe chart is in ${svg}`)
}

/** The losses of a run as they were logged. `window` of them are a point, and `batches` are in each. A UserError if there are none. */
async function lossesOf(folder: string, { window }: Pick<Options, "window">) {
  const config = await readConfig(folder)
  const { recipe, kept } = config
  if (kept)
    throw new UserError(
      `${folder}: it is a kept model, without the losses of its training, so there is nothing to plot: name a run`,
    )
  const metrics = await readMetrics(folder)
  const training = batchLosses(metrics)
  if (training.length === 0)
    throw new UserError(
      `${folder}: there are no batch losses to plot: train it first, or choose a network; n-grams have none`,
    )
  return {
    folder,
    config,
    recipe,
    training,
    validation: validationLosses(metrics),
    window: window ?? defaultWindow(training.length),
    batches: metrics.some(({ mean }) => mean !== undefined) ? recipe.logEvery : 1,
  }
}
