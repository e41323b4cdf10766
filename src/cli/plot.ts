/** `makewave plot`: how a run went, its training and validation losses on one axis, here and as a picture in its folder. */
import { join } from "node:path"
import type { Command } from "commander"
import { type LossPlot, lossPlotSvg, lossPlotText, windowMeans } from "../charts/loss-plot.ts"
import { UserError } from "../errors.ts"
import { writeFileAtomic } from "../runs/atomic-file.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { type Metrics, readMetrics } from "../runs/metrics.ts"
import { readConfig } from "../runs/run-config.ts"
import { wholeNumber } from "./flags.ts"
import { chartOptions, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"

const examples = `
The picture is loss.svg in the run's folder, with --log10 loss-log10.svg. It can be drawn while the run is being trained.

Examples:
  makewave plot                          the newest run in ./runs
  makewave plot runs/NAME --log10        equal factors of the loss get equal room
  makewave plot runs/NAME --window 50    a point for every 50 logged losses
  makewave plot runs/NAME --json         the points`

export function define(command: Command): void {
  command
    .argument("[run]", "the folder of a run, or its name in ./runs; the newest")
    .option("--log10", "a logarithmic axis for the loss")
    .option("--window <count>", "how many logged losses a mean is of; a hundredth of them", wholeNumber(1))
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(plot)
}

async function plot(
  given: string | undefined,
  { log10, window, json }: { log10?: true; window?: number; json?: true },
): Promise<void> {
  const folder = findRun(given)
  const { recipe } = await readConfig(folder)
  const { words, symbols } = kindOf(recipe)
  const metrics = await readMetrics(folder)
  const training = lossesOf(metrics, "loss")
  const validation = lossesOf(metrics, "validation")
  if (training.length === 0)
    throw new UserError(
      `${folder}: there is no loss of a batch in it to plot: train it first; a model that counts has none`,
    )
  const drawn: LossPlot & { window: number } = {
    training,
    validation,
    window: window ?? Math.max(1, Math.ceil(training.length / 100)),
    scale: log10 ? "log10" : "linear",
    unit: words.symbol,
    symbols,
    title: `Loss of ${recipe.model} on ${recipe.data.replace(/^.*[/\\]/, "")}`,
  }
  const picture = join(folder, log10 ? "loss-log10.svg" : "loss.svg")
  await writeFileAtomic(picture, await lossPlotSvg(drawn))
  if (json)
    return printJson({
      run: folder,
      picture,
      window: drawn.window,
      training: windowMeans(training, drawn.window),
      validation,
    })
  print(await lossPlotText({ ...drawn, title: `${drawn.title}, nats a ${words.symbol}` }, chartOptions()))
  notice(`\nThe picture is ${picture}`)
}

/** Of two losses of the same step, which a run gone on with may have, the later one. */
function lossesOf(metrics: readonly Metrics[], key: "loss" | "validation") {
  const losses = new Map<number, number>()
  for (const { step, [key]: loss } of metrics) if (loss !== undefined) losses.set(step, loss)
  return Array.from(losses, ([step, loss]) => ({ step, loss }))
}
