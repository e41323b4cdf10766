/**
 * The commands: `makewave COMMAND ...`. Each is a file of its own, loaded when it is asked for, so that help comes at once.
 * Exit codes: 0 all is well, 1 something that the user can mend, 2 a bug, 130 interrupted.
 */
import { readFileSync } from "node:fs"
import { Command } from "commander"
import { fail } from "./ending.ts"
import { withCurrentFlags } from "./former-flags.ts"

/** In the order of the help: what each does, and the file that knows how. */
const commands = {
  start: ["the main job: train the lecture's WaveNet and make 20 names", () => import("./start.ts")],
  train: ["train a model on a data set or a text file", () => import("./train.ts")],
  sample: ["make more things with a trained model", () => import("./sample.ts")],
  evaluate: ["how good a trained model is on whole parts of its data", () => import("./evaluate.ts")],
  inspect: ["a model's layers, and what goes on inside a run's", () => import("./inspect.ts")],
  plot: ["how a run went: its losses as a chart", () => import("./plot.ts")],
  "lr-find": ["which learning rate to try", () => import("./lr-find.ts")],
  export: ["a trained model as a file that other tools open", () => import("./export.ts")],
  lecture: ["the lecture's notebook, number for number", () => import("./lecture.ts")],
} as const

const examples = `
Examples:
  makewave start                              a minute or two: train on 32,513 names, and make 20 more
  makewave train words.txt                    the same on a file of your own, one thing a line
  makewave sample runs/NAME --count 100       more of what a run has learned to make
  makewave lecture                            Karpathy's notebook, its printed lines beside these

makewave COMMAND --help says more of each.`

/** Runs a command, says what goes wrong, and sets the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  const program = new Command("makewave")
    .description("Train a small WaveNet on your own list of things, and make more things like it.")
    .version(version)
    .helpCommand("help [command]", "help for a command")
    .addHelpText("after", examples)
    .exitOverride()
  try {
    for (const [name, [summary, load]] of Object.entries(commands)) {
      const command = program.command(name).summary(summary)
      command.description(`${summary[0].toUpperCase()}${summary.slice(1)}.`)
      if (args.includes(name)) (await load()).define(command)
    }
    await program.parseAsync(withCurrentFlags(args), { from: "user" })
  } catch (error) {
    fail(error)
  }
}
