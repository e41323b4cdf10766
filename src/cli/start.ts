/** `makewave start`, also `npm start`: `train` with the lecture's recipe. */
import type { Command } from "commander"
import { defineTraining } from "./train.ts"

const examples = `
Trains the scaled-up WaveNet of "Building makemore Part 5" for 200,000 steps on the names that come with the package,
compares its losses with those of a bigram and a uniform model, and samples 20 names.
It takes every flag and setting of makewave train; these are the ones to begin with.

Examples:
  makewave start
  makewave start makemore-names        the lecture's names, downloaded once
  makewave start words.txt             makewave make, on your own list
  makewave start --steps 20000         a tenth of the time`

/** The flags that the help shows. */
const first = ["--data", "--column", "--steps", "--seed", "--out", "--resume"]

export const define = (command: Command): void => {
  defineTraining(command, { recipe: "lecture" }).addHelpText("after", examples)
  for (const option of command.options) option.hideHelp(!first.includes(option.long ?? ""))
}
