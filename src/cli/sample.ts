/** `makewave sample`: a trained model makes more. */
import type { Command } from "commander"
import { NGram } from "../counting/ngram.ts"
import { labelNumber } from "../data/labels.ts"
import { UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { openAnyModel, type TrainedModel } from "../runs/open-model.ts"
import { prepareText } from "../runs/prepare.ts"
import type { Recipe } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"
import { isSound } from "../runs/sound-recipe.ts"
import { sampleByLabel } from "../sampling/by-label.ts"
import { type Found, noveltyIn } from "../sampling/novelty.ts"
import { checkChoice } from "../sampling/probabilities.ts"
import { countingSampler, openSampler } from "../sampling/sample.ts"
import { addSettings, anyNumber, givenSettings, wholeNumber } from "./flags.ts"
import { grouped, notice, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"
import { sampleSound } from "./sample-sound.ts"
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

interface Options extends Readonly<Record<string, unknown>> {
  readonly count?: number
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly condition?: string
  readonly prompt?: string
  readonly maximumLength?: number
  readonly batchSize?: number
  readonly seconds?: number
  readonly out?: string
  readonly seed?: number
  readonly json?: true
}

async function sample(given: string | undefined, options: Options): Promise<void> {
  const { count = 20, temperature, topK, topP, prompt = "", maximumLength, batchSize = 1, json } = options
  const { seed = Math.floor(Math.random() * 2 ** 32), ...flags } = options
  const choice = { temperature, topK, topP }
  checkChoice(choice)
  const trained = await openAnyModel(findRun(given))
  const { folder, config, model, vocabulary, condition: labels } = trained
  const { provider, threads } = { ...config.recipe, ...givenSettings(flags) }
  refuse(options, isSound(config.recipe) ? ofText : ofSound, folder, config.recipe)
  if (isSound(config.recipe)) {
    const runtime = { provider, threads, notice }
    return sampleSound(trained as TrainedModel, { ...options, choice, seed, runtime })
  }
  const label = asked(trained, options.condition)
  const novelty = await noveltyFor(config)

  const sampler =
    model instanceof NGram
      ? countingSampler(model)
      : await openSampler(model, { batchSize, runtime: { provider, threads, notice } })
  const drawn = sampleByLabel(sampler, {
    ...choice,
    labels,
    label,
    count,
    maximumLength,
    prompt: Array.from(vocabulary.encode(prompt)),
    generator: new Generator(seed),
  })
  const all: Count = { made: 0, fresh: 0 }
  const byLabel = new Map<string, Count>()
  for await (const { ids, label } of drawn) {
    const thing = vocabulary.decode(ids)
    const found = novelty?.(thing)
    const counts = label === undefined ? [all] : [all, byLabel.get(label) ?? { made: 0, fresh: 0 }]
    if (label !== undefined) byLabel.set(label, counts[1])
    for (const count of counts) {
      count.made++
      if (found === "new") count.fresh++
    }
    if (json) printJson({ sample: thing, ...(label !== undefined && { label }), ...(found && { found }) })
    else print(thing)
  }
  await sampler.release()
  const told = ({ fresh }: Count) => (novelty ? `, ${grouped(fresh)} of them new` : "")
  notice(`${grouped(count)} by ${folder}${told(all)}; --seed ${seed} makes the same again`)
  if (byLabel.size > 1)
    for (const [label, each] of byLabel) notice(`  ${label}: ${grouped(each.made)}${told(each)}`)
}

/** Flags that mean nothing to a run of the other kind. */
const ofText = ["count", "prompt", "maximumLength", "batchSize"] as const
const ofSound = ["seconds", "out"] as const

function refuse(options: Options, keys: readonly (keyof Options)[], folder: string, recipe: Recipe): void {
  const key = keys.find((each) => options[each] !== undefined)
  if (key === undefined) return
  const made = isSound(recipe) ? "sound, for which there is --seconds" : "text, for which there is --count"
  const name = String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new UserError(`--${name}: ${folder} makes ${made}: leave it out`)
}

interface Count {
  made: number
  fresh: number
}

/** The number of the label that is asked for; undefined where none is. */
function asked({ folder, condition }: TrainedModel<unknown>, label: string | undefined): number | undefined {
  if (label === undefined) return undefined
  if (condition) return labelNumber(condition, label)
  throw new UserError(
    `--condition ${label}: ${folder} goes by no label: leave it out, or train with --condition LABEL`,
  )
}

/** Which samples are new; undefined, with a notice, where the data is no longer there. */
async function noveltyFor({ recipe }: RunConfig): Promise<((thing: string) => Found["found"]) | undefined> {
  try {
    const { train, validation, test } = (await prepareText(recipe, showLoading())).parts
    return noveltyIn({ train: train.lines, validation: validation.lines, test: test.lines })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    notice(`which are new cannot be told: ${error.message}`)
    return undefined
  }
}
