/** `makewave start`, also `npm start`: `train` with its defaults. */
import type { Command } from "commander"
import { defineTraining } from "./train.ts"

const examples = `
Trains the scaled-up WaveNet of "Building makemore Part 5" for 200,000 steps on the names that come with the package,
compares its losses with those of a bigram and a uniform model, and samples 20 names.

Examples:
  makewave start
  makewave start makemore-names        the lecture's names, downloaded once
  makewave start words.txt             your own file, one item per line
  makewave start --steps 20000         a tenth of the time`

export const define = (command: Command): void => {
  defineTraining(command).addHelpText("after", examples)
}
