/** `makewave train`: trains a model, shows how it goes and how good it has become, and leaves a run. */
import type { Command } from "commander"
import { addSettings, givenSettings, withData } from "./flags.ts"
import { reportJson } from "./report-json.ts"
import { reportText } from "./report-text.ts"
import { resumeOrOut } from "./run-folder.ts"
import { runTraining } from "./run-training.ts"

const examples = `
Examples:
  makewave train                                  the lecture's WaveNet on the data set names
  makewave train words.txt --steps 20000          a file of your own, one thing a line
  makewave train --model flat --context 3 --out runs/flat
  makewave train --optimizer adamw --schedule cosine --warmup 1000 --clip-norm 1
  makewave train --resume runs/flat               go on after Ctrl-C, a kill or a power cut
  makewave train --resume runs/flat --steps 400000
  makewave train --json > losses.jsonl            one object a line
  makewave train --steps 1 --onnx step.onnx       the training step, to open in Netron`

export const define = (command: Command): void => {
  defineTraining(command).addHelpText("after", examples)
}

/** The flags and the action, which are those of `makewave start` as well. */
export function defineTraining(command: Command): Command {
  command.argument("[data]", "a data set or the path of a text file; names")
  addSettings(command, "Data:", ["data", "splitSeed"])
  addSettings(command, "Model:", ["model", "context", "embedding", "hidden"])
  addSettings(command, "Model:", ["layers", "heads", "order", "directConnections", "batchNormBug"])
  addSettings(command, "Training:", ["steps", "batchSize", "optimizer", "learningRate", "momentum"])
  addSettings(command, "Training:", ["beta1", "beta2"])
  addSettings(command, "Training:", ["weightDecay", "schedule", "milestones", "warmup", "clipNorm", "seed"])
  addSettings(command, "Machine:", ["provider", "threads"])
  addSettings(command, "Run:", ["logEvery", "checkpointEvery", "evaluateEvery", "patience"])
  return command
    .optionsGroup("Run:")
    .option("-o, --out <folder>", "the run's folder; runs/MODEL-DATA-TIME")
    .option("--resume [run]", "go on with a run: the newest, or that of --out, which begins if there is none")
    .option("--onnx <file>", "write the training step as an ONNX model")
    .option("--json", "one object a line: each logged loss, then the results")
    .action(async (data: string | undefined, { out, resume, onnx, json, ...flags }) => {
      const given = withData(givenSettings(flags), data)
      const events = runTraining({ given, onnx, ...resumeOrOut({ resume, out }) })
      await (json ? reportJson(events) : reportText(events, { everyLog: given.logEvery !== undefined }))
    })
}
