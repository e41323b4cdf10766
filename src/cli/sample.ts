/** `makewave sample`: samples from a trained model. */
import { type Command, Option } from "commander"
import { UserError } from "../errors.ts"
import type { Context, SampleRequest } from "../runs/corpora/corpus.ts"
import { kindOf, kinds } from "../runs/corpora/index.ts"
import { requireDataToRead } from "../runs/data-place.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import { groups, namesOf } from "../runs/settings.ts"
import type { Choice } from "../sampling/probabilities.ts"
import { MAX_SECONDS } from "../sampling/sounds.ts"
import { flag, positive, writtenFlags } from "../setting.ts"
import { addSettings, givenSettings, numberAs, wholeNumber } from "./flags.ts"
import { modelFile } from "./model-file.ts"
import { commandLine, notice, print, printJson, visible } from "./output.ts"
import { showSampling } from "./progress.ts"
import { findRun } from "./run-folder.ts"
import { addChoice, addNovelty, addWishes } from "./sampling-flags.ts"
import { showLoading } from "./show-loading.ts"

const examples = `
Prints one sample per line to standard output, and the number of new ones to standard error. Without --condition, a conditional
model samples labels in proportion to the data. What is wished for with --starts-with to --avoid holds for every sample; where there are
too few such lines, a sentence says why.

Examples:
  makewave sample                                   20 samples from the newest run in ./runs
  makewave sample challenge                         from a model of the package: base, challenge
  makewave sample runs/NAME --count 1000 > more.txt
  makewave sample runs/NAME --temperature 0.7       more probable samples
  makewave sample runs/NAME --top-k 5 --prompt an   samples that begin with "an"
  makewave sample runs/NAME --ends-with son --length 5-8 --only-new
                                                    names such as "garson" that are not in the data
  makewave sample runs/NAME --score | sort -n       the likeliest first
  makewave sample runs/NAME --condition female      for a run trained with --condition sex
  makewave sample runs/NAME --seconds 5 --condition anna --out hello.wav
                                                    for a run trained on sound; also writes a spectrogram
  makewave sample runs/NAME --json                  {"sample": "arlij", "found": "new"} per line`

export function define(command: Command): void {
  command.argument(
    "[run]",
    "a run's folder, its name in ./runs, or a model of the package (default: the newest)",
  )
  addChoice(command).option("--condition <label>", "the label to sample, for a run trained with --condition")
  addNovelty(addWishes(command))
    .option(
      "--maximum-length <symbols>",
      "cut longer samples (default: the model's context, or 1,000)",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--batch-size <count>",
      "samples drawn at a time; more is faster (default: 1, 64 for more than 100, 16 where lines are chosen)",
      wholeNumber(1, 65_536),
    )
    .option(
      "--seconds <number>",
      "sound: the duration, at most an hour (default: 2)",
      numberAs(positive(undefined, "", { most: MAX_SECONDS })),
    )
    .addOption(
      new Option("--until <what>", "running text: go on until a line or a paragraph ends").choices([
        "line",
        "paragraph",
      ]),
    )
    .option("--data <name-or-file>", "the run's data, if it was moved; it tells which samples are new")
    .option("--column <name>", "the column of --data to read, if it is a table (default: as trained)")
    .option("--unknown", "words: also the unknown word, written <unk>, which is else never drawn")
    .option("--out <file>", "sound: the WAV file (default: sample.wav in the run's folder)")
    .option(
      "--seed <number>",
      "seed of the samples (default: random)",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
  addSettings(command, "Options:", namesOf(groups.machine))
  command.addOption(modelFile())
  command.option("--json", "print one JSON object per line").addHelpText("after", examples).action(sample)
}

interface Options extends Omit<SampleRequest, "seed" | "choice" | "again" | keyof Context>, Choice {
  readonly temperature: number
  readonly seed?: number
  readonly json?: true
}

async function sample(given: string | undefined, options: Options): Promise<void> {
  const { temperature, topK, topP, seed = Math.floor(Math.random() * 2 ** 32), json, ...others } = options
  requireDataToRead(others)
  const choice = { temperature, topK, topP }
  const trained = await openAnyModel(findRun(given), notice)
  const { folder, config } = trained
  const kind = kindOf(config.recipe)
  for (const name of kinds.flatMap(({ sampleFlags }) => sampleFlags)) {
    if (options[name as keyof Options] === undefined || kind.sampleFlags.includes(name)) continue
    const told = kind.foreignFlags?.[name]
    throw new UserError(
      `${flag(name)}: ${folder} makes ${told ? `${kind.words.kind}: ${told}` : `${kind.words.makes}: leave it out`}`,
    )
  }
  const same = { ...others, ...(temperature !== 1 && { temperature }), topK, topP, seed, json }
  const samples = kind.sample(trained, {
    ...others,
    choice,
    seed,
    runtime: runtimeOf({ ...config.recipe, ...givenSettings(others) }, notice),
    again: commandLine(["sample", folder, ...writtenFlags(same)]),
    loading: showLoading(),
    notice,
    onProgress: showSampling(),
  })
  for await (const made of samples)
    if (!json && made.text !== undefined) print(visible(made.text))
    else if (json && made.json) printJson(made.json)
}
