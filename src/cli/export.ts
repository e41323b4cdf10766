/** `makewave export`: writes a trained model as a file for other tools. */
import { join } from "node:path"
import { type Command, Option } from "commander"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { type Format, formats } from "../interchange/formats.ts"
import type { Model } from "../models/model.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { openAnyModel, openModel } from "../runs/open-model.ts"
import { formatCount, print, printJson } from "./output.ts"
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
    .argument("[run]", "a run's folder, or its name in ./runs (default: the newest)")
    .addOption(
      new Option("--format <name>", "a format from the list below")
        .choices(Object.keys(formats))
        .makeOptionMandatory(),
    )
    .option("--out <file>", "the file to write (default: in the run's folder, such as model.onnx)")
    .option("--global <name>", "javascript: write a script that defines this global instead of a module")
    .option("--json", "print one JSON object")
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
    throw new UserError(`--global ${global}: only for --format javascript: leave it out, or choose that`)
  const run = findRun(given)
  const { model, config, vocabulary, condition } = await (takes === "numbers"
    ? openAnyModel(run)
    : openModel(run))
  const { scripts, words } = kindOf(config.recipe)
  if (takes === "text" && !scripts)
    throw new UserError(
      `--format ${format}: ${run} is trained on ${words.things}, but a script generates text: choose onnx`,
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
  else print(`${out}: ${formatCount(size)} bytes`)
}
