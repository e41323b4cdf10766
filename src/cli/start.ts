/** `makewave start`, which is `npm start`: the main job. It is `train` with nothing to decide. */
import type { Command } from "commander"
import { defineTraining } from "./train.ts"

const examples = `
Trains the scaled-up WaveNet of "Building makemore Part 5" for 200,000 steps on the names that come with the package,
shows its losses beside those of two models that only count, and makes 20 new names.

Examples:
  makewave start
  makewave start makemore-names        on the lecture's own names, downloaded once
  makewave start words.txt             on a file of your own, one thing a line
  makewave start --steps 20000         a tenth of the time`

export const define = (command: Command): void => {
  defineTraining(command).addHelpText("after", examples)
}
