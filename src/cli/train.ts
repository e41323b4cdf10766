/** `makewave train`: trains a model, shows how it goes and how good it has become, and leaves a run. */
import type { Command } from "commander"
import { UserError } from "../errors.ts"
import { runTraining } from "../runs/run-training.ts"
import { groups, namesOf, type Settings } from "../runs/settings.ts"
import { attended } from "./attended.ts"
import { readConfigFile } from "./config-file.ts"
import { addSettings, givenSettings, settingOf, withData } from "./flags.ts"
import { reportJson } from "./report-json.ts"
import { reportText } from "./report-text.ts"
import { resumeOrOut } from "./run-folder.ts"

const examples = `
Examples:
  makewave train                                  the lecture's WaveNet on the data set names
  makewave train words.txt --steps 20000          a file of your own, one thing a line
  makewave train people.csv --column name         a column of a table: CSV, TSV or JSON lines
  makewave train names --model wavenet-2016 --condition sex
                                                  sample RUN --condition female makes what is asked for
  makewave train speech --threads 2               a folder of WAV files, sub-folders its voices: docs/sound.md
  makewave train --model flat --context 3 --out runs/flat
  makewave train --optimizer adamw --schedule cosine --warmup 1000 --clip-norm 1
  makewave train --config flat.yaml steps=20000   settings from a file, one of them another
  makewave train --resume runs/flat               go on after Ctrl-C, a kill or a power cut
  makewave train --resume runs/flat --steps 400000
  makewave train --tensorboard                    then tensorboard --logdir runs draws the runs as they go
  makewave train --json > losses.jsonl            one object a line
  makewave train --steps 1 --onnx step.onnx       the training step, to open in Netron`

export const define = (command: Command): void => {
  defineTraining(command).addHelpText("after", examples)
}

/** Of the words without a flag those that are settings, and the one that is data. */
function sorted(words: readonly string[]): { data?: string; byName: Settings } {
  const byName: Settings = {}
  const data: string[] = []
  for (const word of words) {
    const setting = settingOf(word)
    if (setting) Object.assign(byName, setting)
    else data.push(word)
  }
  if (data.length > 1)
    throw new UserError(`${data[0]} and ${data[1]}: these are two: give one data set or file`)
  return { data: data[0], byName }
}

/** The flags and the action, which are those of `makewave start` as well. */
export function defineTraining(command: Command): Command {
  command.argument("[data]", "a data set, the path of a text file, or a folder of WAV files; names")
  command.argument("[setting=value...]", "settings by name, such as learningRate=0.05, as in --config")
  addSettings(command, "Data:", namesOf(groups.data))
  addSettings(command, "Model:", namesOf(groups.model))
  addSettings(command, "Training:", namesOf({ ...groups.schedule, ...groups.step }))
  addSettings(command, "Machine:", namesOf(groups.machine))
  addSettings(command, "Run:", namesOf(groups.run))
  return command
    .optionsGroup("Run:")
    .option("-o, --out <folder>", "the run's folder; runs/MODEL-DATA-TIME")
    .option("--resume [run]", "go on with a run: the newest, or that of --out, which begins if there is none")
    .option("--config <file>", "settings from a YAML or JSON file; those given beside it come first")
    .option("--onnx <file>", "write the training step as an ONNX model")
    .option("--json", "one object a line: each logged loss, then the results")
    .action(async (first: string | undefined, others: string[], options) => {
      const { out, resume, config, onnx, json, ...flags } = options
      const { data, byName } = sorted(first === undefined ? others : [first, ...others])
      const fromFile = config === undefined ? {} : await readConfigFile(config)
      // A data set named here takes the place of the file's.
      const beside = withData({ ...byName, ...givenSettings(flags) }, data)
      const given = withData({ ...fromFile, ...beside }, undefined)
      const events = runTraining({ given, onnx, ...resumeOrOut({ resume, out }), ...attended() })
      await (json ? reportJson(events) : reportText(events, { everyLog: given.logEvery !== undefined }))
    })
}
