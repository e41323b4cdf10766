/** `makewave lr-find`: finds a learning rate for a model and its data by a short training with increasing rates, without a run. */
import type { Command } from "commander"
import { rateFinderPlotSvg, rateFinderPlotText } from "../charts/rate-finder-plot.ts"
import { networkOf } from "../counting/mixture.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { prepare } from "../runs/corpora/index.ts"
import { learnerOf } from "../runs/learners/index.ts"
import { createOptimizer, runtimeOf } from "../runs/recipe.ts"
import { groups, namesOf } from "../runs/settings.ts"
import { openTeacher } from "../runs/teacher.ts"
import { warmStart } from "../runs/warm-start.ts"
import { positive, writtenFlags } from "../setting.ts"
import {
  FEWEST_TRIALS,
  learningRateFinder,
  type RateFinderOptions,
} from "../training/learning-rate-finder.ts"
import { nextSymbolLoss } from "../training/loss.ts"
import { readConfigFile } from "./config-file.ts"
import { addSettings, givenSettings, numberAs, wholeNumber, withData } from "./flags.ts"
import { chartOptions, commandLine, notice, print, printJson } from "./output.ts"
import { withRunsFound } from "./run-folder.ts"
import { showLoading, showStage } from "./show-loading.ts"

const examples = `
The learning rate rises by a constant factor per step. A good choice is the rate at which the loss falls fastest, or a tenth of the
rate at which it is lowest. Fewer than ${FEWEST_TRIALS} rates recommend none.

Examples:
  makewave lr-find                               the network that train would train on the data set names
  makewave lr-find --recipe lecture              the lecture's WaveNet
  makewave lr-find words.txt --model flat --context 3
  makewave lr-find --model transformer --lowest 1e-5 --highest 1
  makewave lr-find --svg rates.svg               also write the plot
  makewave lr-find --json                        the suggestion and each trial`

const rate = positive(undefined, "")

export function define(command: Command): void {
  command.argument("[data]", "a data set, a text file or a folder of WAV files (default: names)")
  addSettings(command, "Data:", namesOf(groups.data))
  addSettings(command, "Model:", namesOf(groups.model))
  addSettings(command, "Training:", namesOf(groups.step))
  addSettings(command, "Machine:", namesOf(groups.machine))
  command
    .optionsGroup("Rates:")
    .option("--lowest <rate>", "the first rate", numberAs(rate), 1e-4)
    .option("--highest <rate>", "the last rate", numberAs(rate), 10)
    .option("--steps <count>", "the number of rates, one step each", wholeNumber(2, 100_000), 1000)
    .optionsGroup("Options:")
    .option("--config <file>", "read settings from a YAML or JSON file, as train does; flags take precedence")
    .option("--svg <file>", "write the plot as an SVG file")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(find)
}

interface Options extends Required<Pick<RateFinderOptions, "lowest" | "highest" | "steps">> {
  readonly config?: string
  readonly svg?: string
  readonly json?: true
}

async function find(argument: string | undefined, options: Options): Promise<void> {
  const { lowest, highest, steps, config, svg, json, ...flags } = options
  const fromFile = config === undefined ? {} : await readConfigFile(config)
  const fromFlags = withRunsFound(withData(givenSettings(flags), argument))
  const given = { ...withRunsFound(fromFile), ...fromFlags }
  if (!learnerOf(given).hasLayers)
    throw new UserError(`--model ${given.model}: it has no learning rate: choose a network`)
  const { recipe, corpus, origin } = await prepare(given, showLoading())
  const { batchSize, clipNorm, seed } = recipe
  const runtime = runtimeOf(recipe, notice)
  const generator = new Generator(seed)
  const model = networkOf(learnerOf(recipe).create(recipe, corpus)).initialize(generator)
  if (origin) warmStart(model, corpus, origin)
  const teacher = await openTeacher(recipe, { corpus, runtime, notice, onStage: showStage })
  const rows = corpus.trainingRows(model)
  const finding = await learningRateFinder(model, (await teacher?.teach(model, rows)) ?? rows, {
    lowest,
    highest,
    steps,
    batchSize,
    optimizer: createOptimizer(recipe),
    clipNorm,
    loss: nextSymbolLoss(model, recipe),
    generator,
    runtime,
  })
  const { trials, suggestion, diverged } = finding
  const title = `Loss of ${recipe.model} with ${recipe.optimizer} by learning rate`
  if (svg !== undefined) await writeFileAtomic(svg, await rateFinderPlotSvg({ ...finding, title }))
  if (json)
    return printJson({
      model: recipe.model,
      optimizer: recipe.optimizer,
      suggestion: suggestion ?? null,
      diverged,
      trials: trials.map(({ rate, loss, smoothed }) => ({ rate, loss, smoothed })),
    })
  print(await rateFinderPlotText({ ...finding, title }, chartOptions()))
  if (trials.length < FEWEST_TRIALS) {
    const remedy = diverged ? "lower rates (--lowest, --highest)" : "more (--steps)"
    return print(
      `\nA recommendation needs ${FEWEST_TRIALS} rates or more, and these are ${trials.length}: try ${remedy}.`,
    )
  }
  if (!suggestion) return print("\nThe loss never fell: try lower rates (--lowest, --highest).")
  const { steepest, tenthOfLowest } = suggestion
  if (!diverged && tenthOfLowest * 10 >= highest * 0.9)
    print(`\nThe loss is still falling at the highest rate${higherThan(highest)}.`)
  const [fastest, tenth] = [steepest, tenthOfLowest].map((rate) => Number(rate.toPrecision(2)))
  print(
    `\nThe loss falls fastest at ${fastest}; a tenth of the rate at which it is lowest is ${tenth}. Try next:`,
  )
  print(`  ${commandLine(["train", ...writtenFlags({ ...fromFlags, config, learningRate: fastest })])}`)
}

/** Advises a rate ten times as high, unless it is out of range. */
function higherThan(highest: number): string {
  const higher = Number((highest * 10).toPrecision(12))
  return rate.accepts(higher) ? `: try --highest ${higher}` : ""
}
