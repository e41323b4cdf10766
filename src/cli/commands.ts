/**
 * The commands: `makewave COMMAND ...`. Each is a file, loaded on demand so that help is instant.
 * Exit codes: 0 success, 1 user error, 2 bug, 130 interrupted.
 */
import { existsSync } from "node:fs"
import { Command } from "commander"
import { STANDARD_INPUT } from "../data/disk.ts"
import { version } from "../version.ts"
import { refuseEmptyValues } from "./empty-values.ts"
import { fail } from "./ending.ts"
import { withCurrentFlags } from "./former-flags.ts"
import { fitHelp } from "./help.ts"
import { withModelFiles, withPlaceInFile } from "./model-file.ts"
import { notice } from "./output.ts"
import { usageError } from "./usage-error.ts"

/** The commands with their summaries, in the order of the help. */
export const commands = {
  make: ["make new things like those on a list of your own", () => import("./make.ts")],
  start: ["train the lecture's WaveNet and sample 20 names", () => import("./start.ts")],
  train: ["train a model on a data set, a text file or a folder of sounds", () => import("./train.ts")],
  sample: ["sample from a trained model", () => import("./sample.ts")],
  ensemble: ["average the predictions of trained models", () => import("./ensemble.ts")],
  evaluate: ["evaluate a trained model on its data or on other data", () => import("./evaluate.ts")],
  new: ["begin a model of your own: a file, its test, a recipe and a notebook", () => import("./new.ts")],
  inspect: ["show a model's layers, and a run's activations and gradients", () => import("./inspect.ts")],
  plot: ["plot the losses of runs", () => import("./plot.ts")],
  runs: ["list runs with their losses", () => import("./runs.ts")],
  compare: ["compare runs, and test whether they differ by more than chance", () => import("./compare.ts")],
  report: ["write a report on runs, or export them for other tools", () => import("./report.ts")],
  "lr-find": ["find a learning rate to start from", () => import("./lr-find.ts")],
  sweep: ["train many variants of a recipe, and find the best", () => import("./sweep.ts")],
  worker: ["train trials of sweeps that run on many machines", () => import("./worker.ts")],
  export: ["export a trained model for other tools", () => import("./export.ts")],
  lab: ["train, look inside and watch runs in a page", () => import("./lab.ts")],
  lecture: ["reproduce the lecture's notebook, number for number", () => import("./lecture.ts")],
} as const

export const names = Object.keys(commands) as (keyof typeof commands)[]

/** The function that gives a command its arguments and flags. */
export const loadCommand = async (name: keyof typeof commands) => (await commands[name][1]()).define

const examples = `
Examples:
  makewave words.txt                          20 new things like those on your own list, one a line: 20 seconds
  makewave start                              train on 32,513 names and sample 20 new ones: a minute or two
  makewave train words.txt --model gru        train a model of your choice
  makewave sample runs/NAME --count 100       more samples from a run
  makewave lecture                            Karpathy's notebook beside our results

Run makewave COMMAND --help for details.`

/** A list or a data set without a command, and a list for `start`, is for `make`. */
async function withMake(args: readonly string[]): Promise<readonly string[]> {
  const [first, second] = args
  if (isList(first) || (await isDataSet(first))) return ["make", ...args]
  return first === "start" && isList(second) ? ["make", ...args.slice(1)] : args
}

const isList = (word: string | undefined): boolean =>
  word === STANDARD_INPUT ||
  (word !== undefined && !Object.hasOwn(commands, word) && !word.startsWith("-") && existsSync(word))

/** Data sets are loaded for words alone that are nothing else, so that help is instant. */
async function isDataSet(word = "-"): Promise<boolean> {
  if (Object.hasOwn(commands, word) || word === "help" || word.startsWith("-")) return false
  const { dataSets } = await import("../data/catalog.ts")
  return Object.hasOwn(dataSets, word)
}

/** Runs a command, prints its error if it fails, and sets the exit code. */
export async function runCommandLine(given: readonly string[]): Promise<void> {
  const program = new Command("makewave")
    .description("Train a small WaveNet on a list of your own, and sample more items like it.")
    .version(version)
    .helpCommand("help [command]", "help for a command")
    .addHelpText("after", examples)
    .exitOverride()
    .configureHelp({ minWidthToWrap: 24 })
    .configureOutput({
      writeErr: (help) => process.stderr.write(fitHelp(help, process.stderr.columns || 80)),
      writeOut: (help) => process.stdout.write(fitHelp(help, process.stdout.columns || 80)),
      outputError: (text) => notice(`error: ${usageError(text.replace(/^error: /, "").trimEnd())}`),
    })
  try {
    const args = await withModelFiles(await withMake(given))
    for (const [name, [summary, load]] of Object.entries(commands)) {
      const command = program.command(name).summary(summary)
      command.description(`${summary[0].toUpperCase()}${summary.slice(1)}.`)
      if (!args.includes(name)) continue
      const { define } = await load()
      define(command)
      refuseEmptyValues(command)
    }
    // commander answers `help NAME` and `NAME --help` with its own help, whatever the name is.
    const name = args[0] === "help" ? args[1] : args[0]
    const isUnknown = name && /^[^-]/.test(name) && name !== "help" && !Object.hasOwn(commands, name)
    await program.parseAsync(isUnknown ? [name] : withCurrentFlags(args), { from: "user" })
  } catch (error) {
    fail(withPlaceInFile(error))
  }
}
