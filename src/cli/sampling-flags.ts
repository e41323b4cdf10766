/** The flags that say which lines to sample, shared by `makewave sample` and `makewave make`. */
import { type Command, InvalidArgumentError, Option } from "commander"
import { lengthRange, wantedLength } from "../sampling/wishes.ts"
import { notNegative, positive } from "../setting.ts"
import { numberAs, wholeNumber } from "./flags.ts"

const noRepeats = () => {
  const option = new Option("--no-repeats", "no sample twice")
  option.negate = false // there are no --repeats that it switches off
  return option
}

/** The text itself, which `Reproduce with` repeats. */
function lengthAsGiven(text: string): string {
  try {
    lengthRange(text)
  } catch {
    throw new InvalidArgumentError(wantedLength)
  }
  return text
}

/** How many, and how the symbols are drawn. */
export const addChoice = (command: Command, temperature = 1): Command =>
  command
    .option("-n, --count <count>", "number of samples (default: 20)", wholeNumber(1, 10_000_000))
    .option(
      "-t, --temperature <number>",
      "lower is more predictable, higher more diverse, 0 takes the likeliest",
      numberAs(notNegative(undefined, "", { most: 1000 })),
      temperature,
    )
    .option(
      "-k, --top-k <count>",
      "sample only from this many most probable symbols",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "-p, --top-p <part>",
      "sample only from the most probable symbols with this total probability",
      numberAs(positive(undefined, "", { most: 1 })),
    )

/** What every sample must satisfy. */
export const addWishes = (command: Command): Command =>
  command
    .option("--prompt <text>", "the start of each sample")
    .option("--starts-with <text>", "the same as --prompt")
    .option("--ends-with <text>", "the end of each sample")
    .option("--contains <text>", "a part of each sample")
    .option(
      "--length <symbols>",
      "the length of each sample: 5, 4-8, 4- or -8; of running text one number of symbols (default: 500)",
      lengthAsGiven,
    )
    .option("--avoid <file>", "no line of this text file, in upper or lower case")
    .option("--score", "print before each sample its loss in nats a symbol, and a tab")

export const addNovelty = (command: Command): Command =>
  command.option("--only-new", "no line of the run's data, and none twice").addOption(noRepeats())
