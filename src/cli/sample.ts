/** `makewave sample`: a trained model makes more. */
import type { Command } from "commander"
import { UserError } from "../errors.ts"
import type { SampleRequest } from "../runs/corpora/corpus.ts"
import { kindOf, kinds } from "../runs/corpora/index.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { checkChoice } from "../sampling/probabilities.ts"
import { addSettings, anyNumber, givenSettings, wholeNumber } from "./flags.ts"
import { notice, print, printJson } from "./output.ts"
import { showSampling } from "./progress.ts"
import { findRun } from "./run-folder.ts"
import { showLoading } from "./show-loading.ts"

const examples = `
Names, one a line, on standard output; how many of them are new, on standard error. By a model that was trained with --condition,
without it here, as many of each label as the data would have.

Examples:
  makewave sample                                   20 by the newest run in ./runs
  makewave sample runs/NAME --count 1000 > more.txt
  makewave sample runs/NAME --temperature 0.7       likelier ones
  makewave sample runs/NAME --top-k 5 --prompt an   all begin with "an"
  makewave sample runs/NAME --condition female      of a run that was trained with --condition sex
  makewave sample runs/NAME --seconds 5 --condition anna --out hello.wav
                                                    of a run that was trained on sound, with its spectrogram
  makewave sample runs/NAME --json                  {"sample": "arlij", "found": "new"} a line`

export function define(command: Command): void {
  command
    .argument("[run]", "the folder of a run, or its name in ./runs; the newest")
    .option("-n, --count <count>", "how many; 20", wholeNumber(1))
    .option("-t, --temperature <number>", "below 1 likelier ones, above 1 wilder ones", anyNumber, 1)
    .option("-k, --top-k <count>", "draw from so many of the likeliest symbols only", wholeNumber(1))
    .option("-p, --top-p <part>", "draw from the likeliest that together have this probability", anyNumber)
    .option("--condition <label>", "what each is to be, of a run that was trained with --condition")
    .option("--prompt <text>", "what each begins with")
    .option(
      "--maximum-length <symbols>",
      "a longer one is cut; what the model looks back on, or 1000",
      wholeNumber(1),
    )
    .option("--batch-size <count>", "how many are made at a time, more is faster; 1", wholeNumber(1))
    .option("--seconds <number>", "of sound: how long; 2", anyNumber)
    .option("--out <file>", "of sound: the WAV file; sample.wav in the run's folder")
    .option("--seed <number>", "of the draw: the same again; without it another each time", wholeNumber(0))
  addSettings(command, "Options:", ["provider", "threads"])
  command.option("--json", "one object a line").addHelpText("after", examples).action(sample)
}

interface Options extends Omit<SampleRequest, "seed" | "choice" | "runtime" | "notice"> {
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly seed?: number
  readonly json?: true
}

async function sample(given: string | undefined, options: Options): Promise<void> {
  const { temperature, topK, topP, seed = Math.floor(Math.random() * 2 ** 32), json, ...others } = options
  const choice = { temperature, topK, topP }
  checkChoice(choice)
  const trained = await openAnyModel(findRun(given))
  const { folder, config } = trained
  const kind = kindOf(config.recipe)
  for (const flag of kinds.flatMap(({ sampleFlags }) => sampleFlags))
    if (options[flag as keyof Options] !== undefined && !kind.sampleFlags.includes(flag))
      throw new UserError(`${dashed(flag)}: ${folder} makes ${kind.words.makes}: leave it out`)
  const { provider, threads } = { ...config.recipe, ...givenSettings(others) }
  const request = {
    ...others,
    choice,
    seed,
    runtime: { provider, threads, notice },
    loading: showLoading(),
    notice,
    onProgress: showSampling(),
  }
  for await (const made of kind.sample(trained, request))
    if (!json && made.text !== undefined) print(made.text)
    else if (json && made.json) printJson(made.json)
}

const dashed = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
