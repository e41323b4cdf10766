/** `makewave export`: a trained model as a file that other tools open. */
import { join } from "node:path"
import { type Command, Option } from "commander"
import { UserError } from "../errors.ts"
import { type Format, formats } from "../interchange/formats.ts"
import type { Model } from "../models/model.ts"
import { writeFileAtomic } from "../runs/atomic-file.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { openAnyModel, openModel } from "../runs/open-model.ts"
import { grouped, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"

const examples = `
Formats:
${Object.entries(formats)
  .map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`)
  .join("\n")}

Examples:
  makewave export --format onnx                                      the newest run in ./runs
  makewave export runs/NAME --format pytorch --out wavenet.safetensors
  makewave export runs/NAME --format javascript --out names.js       import { sample } from "./names.js"
  makewave export runs/NAME --format javascript --global names --out names.js
                                                                     <script src="names.js">, names.sample()`

export function define(command: Command): void {
  command
    .argument("[run]", "the folder of a run, or its name in ./runs; the newest")
    .addOption(
      new Option("--format <name>", "one of those below").choices(Object.keys(formats)).makeOptionMandatory(),
    )
    .option("--out <file>", "the file; model.onnx or so in the run's folder")
    .option("--global <name>", "javascript: a script with this global in place of a module")
    .option("--json", "one object")
    .addHelpText("after", examples)
    .action(exportRun)
}

interface Options {
  readonly format: keyof typeof formats
  readonly out?: string
  readonly global?: string
  readonly json?: true
}

async function exportRun(
  given: string | undefined,
  { format, global, json, ...options }: Options,
): Promise<void> {
  const { takes, extension, content }: Format = formats[format]
  if (global !== undefined && takes !== "text")
    throw new UserError(`--global ${global}: it is for --format javascript: leave it out, or choose that`)
  const run = findRun(given)
  const { model, config, vocabulary, condition } = await (takes === "numbers"
    ? openAnyModel(run)
    : openModel(run))
  const { scripts, words } = kindOf(config.recipe)
  if (takes === "text" && !scripts)
    throw new UserError(
      `--format ${format}: ${run} is trained on ${words.things}, and a script makes text: choose onnx`,
    )
  const { symbols } = vocabulary
  const bytes = content({
    model: model as Model,
    symbols,
    labels: condition,
    global,
    metadata: {
      model: config.recipe.model,
      config: JSON.stringify("config" in model ? model.config : { order: config.recipe.order }),
      vocabulary: JSON.stringify(symbols),
      ...(condition && { labels: JSON.stringify(condition.values) }),
    },
  })
  const { out = join(run, `model${extension}`) } = options
  await writeFileAtomic(out, bytes)
  const size = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length
  if (json) printJson({ run, format, file: out, bytes: size })
  else print(`${out}: ${grouped(size)} bytes`)
}
