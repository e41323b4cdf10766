/** `makewave train`: trains a model into a run folder and reports its progress, losses and samples. */
import type { Command } from "commander"
import { UserError } from "../errors.ts"
import { recipes } from "../runs/recipes.ts"
import { runTraining } from "../runs/run-training.ts"
import { groups, namesOf, type Settings } from "../runs/settings.ts"
import { attended } from "./attended.ts"
import { readConfigFile } from "./config-file.ts"
import { addSettings, givenSettings, settingOf, withData } from "./flags.ts"
import { reportJson } from "./report-json.ts"
import { reportText } from "./report-text.ts"
import { resumeOrOut, withRunsFound } from "./run-folder.ts"

const examples = `
What is not given is taken from a recipe: the one of --recipe; that of the model, with --model; list, with --from and for a list of fewer
than 20,000 lines; gru, for a longer one. The defaults above are those of the recipe lecture. A recipe of another name is of that model.

Recipes:
${Object.entries(recipes)
  .map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
  .join("\n")}

Examples:
  makewave train words.txt                        your own file, one item per line
  makewave train --recipe lecture                 the lecture's WaveNet on the data set names
  makewave train words.txt --model transformer    another model, trained as is good for it
  makewave train people.csv --column name         a column of a table: CSV, TSV or JSON
  sort -u words.txt | makewave train -            lines from standard input
  makewave train names --model wavenet-2016 --condition sex
                                                  a conditional model, for sample RUN --condition female
  makewave train speech --threads 2               a folder of WAV files, one sub-folder per voice: docs/sound.md
  makewave train --model flat --context 3 --out runs/flat
  makewave train --recipe lecture --optimizer adamw --schedule cosine --warmup 1000 --clip-norm 1
  makewave train words.txt --from runs/NAME       start from the network of another run: docs/fine-tuning.md
  makewave train words.txt --teacher runs/NAME    learn its probabilities too: docs/ensembles.md
  makewave train --config flat.yaml steps=20000   settings from a file, one of them overridden
  makewave train --resume runs/flat               resume after Ctrl-C, a kill or a power cut
  makewave train --resume runs/flat --steps 400000
  makewave train --tensorboard                    follow the runs with tensorboard --logdir runs
  makewave train --json > losses.jsonl            one JSON object per line
  makewave train --steps 1 --onnx step.onnx       write the training step, to open in Netron`

export const define = (command: Command): void => {
  defineTraining(command).addHelpText("after", examples)
}

/** Separates the positional arguments into settings such as steps=100 and the data. */
function parseWords(words: readonly string[]): { data?: string; byName: Settings } {
  const found = words.map(settingOf)
  const [data, other] = words.filter((_, k) => !found[k])
  if (other !== undefined) throw new UserError(`${data} and ${other}: give only one data set or file`)
  return { data, byName: Object.assign({}, ...found) }
}

/** The flags and the action, shared with `makewave start`, which has a recipe of its own. */
export function defineTraining(command: Command, { recipe }: Pick<Settings, "recipe"> = {}): Command {
  command.argument("[data]", "a data set, a text file or a folder of WAV files (default: names)")
  command.argument("[setting=value...]", "settings by name, as in --config, such as learningRate=0.05")
  addSettings(command, "Data:", namesOf(groups.data))
  addSettings(command, "Model:", namesOf(groups.model))
  addSettings(command, "Training:", namesOf({ ...groups.schedule, ...groups.step }))
  addSettings(command, "Machine:", namesOf(groups.machine))
  addSettings(command, "Run:", namesOf(groups.run))
  return command
    .optionsGroup("Run:")
    .option("-o, --out <folder>", "the run's folder (default: runs/MODEL-DATA-TIME)")
    .option("--resume [run]", "resume a run: the newest, or the one in --out, started if there is none")
    .option("--config <file>", "read settings from a YAML or JSON file; flags take precedence")
    .option("--onnx <file>", "write the training step as an ONNX model")
    .option("--json", "print one JSON object per line: each logged or validation loss, then the results")
    .action(async (first: string | undefined, others: string[], options) => {
      const { out, resume, config, onnx, json, ...flags } = options
      const { data, byName } = parseWords(first === undefined ? others : [first, ...others])
      const fromFile = config === undefined ? {} : await readConfigFile(config)
      // Data given on the command line replaces the config file's.
      const given = withRunsFound({ ...fromFile, ...withData({ ...byName, ...givenSettings(flags) }, data) })
      const place = resumeOrOut({ resume, out })
      if (place.resume === undefined) given.recipe ??= recipe
      const events = runTraining({ given, onnx, ...place, ...attended() })
      await (json ? reportJson(events) : reportText(events, { everyLog: given.logEvery !== undefined }))
    })
}
