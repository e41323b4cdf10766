/** `makewave export`: a trained model as a file that other tools open. */
import { join } from "node:path"
import { type Command, Option } from "commander"
import { UserError } from "../errors.ts"
import {
  tensorsOf,
  toJavaScript,
  toOnnx,
  toPyTorch,
  writeNpz,
  writeSafetensors,
} from "../interchange/index.ts"
import { writeFileAtomic } from "../runs/atomic-file.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { openAnyModel, openModel } from "../runs/open-model.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import { grouped, print, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"

interface Format {
  readonly extension: string
  readonly description: string
  content(run: string, options: Options): Promise<Uint8Array | string>
}

const formats = {
  safetensors: {
    extension: ".safetensors",
    description: "its numbers, for this program and whatever reads safetensors",
    async content(run) {
      const trained = await openAnyModel(run)
      return writeSafetensors(tensorsOf(trained.model.stateDict()), described(trained))
    },
  },
  pytorch: {
    extension: ".pytorch.safetensors",
    description: "its numbers as PyTorch has them: load_state_dict(safetensors.torch.load_file(FILE))",
    async content(run) {
      const trained = await openModel(run)
      return writeSafetensors(toPyTorch(trained.model), described(trained))
    },
  },
  npz: {
    extension: ".npz",
    description: "its numbers, for numpy.load(FILE)",
    content: async (run) => writeNpz(tensorsOf((await openAnyModel(run)).model.stateDict())),
  },
  onnx: {
    extension: ".onnx",
    description: "ids (and a label) in, logits out, for any runtime of ONNX and for Netron",
    async content(run) {
      const trained = await openModel(run)
      return toOnnx(trained.model, { metadata: described(trained) })
    },
  },
  javascript: {
    extension: ".js",
    description: "a file that samples from it and needs nothing else, for a page",
    async content(run, { global }) {
      const { model, vocabulary, condition, config } = await openModel(run)
      const { scripts, words } = kindOf(config.recipe)
      if (!scripts)
        throw new UserError(
          `--format javascript: ${run} is trained on ${words.things}, and a script makes text: choose onnx`,
        )
      return toJavaScript(model, { symbols: vocabulary.symbols, labels: condition, global })
    },
  },
} satisfies Record<string, Format>

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

async function exportRun(given: string | undefined, options: Options): Promise<void> {
  const { format, global, json } = options
  if (global !== undefined && format !== "javascript")
    throw new UserError(`--global ${global}: it is for --format javascript: leave it out, or choose that`)
  const run = findRun(given)
  const { content, extension }: Format = formats[format]
  const bytes = await content(run, options)
  const { out = join(run, `model${extension}`) } = options
  await writeFileAtomic(out, bytes)
  const size = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length
  if (json) printJson({ run, format, file: out, bytes: size })
  else print(`${out}: ${grouped(size)} bytes`)
}

/** What the numbers are of, for whoever finds the file. */
const described = ({ config, model, vocabulary, condition }: TrainedModel<object>) => ({
  model: config.recipe.model,
  config: JSON.stringify("config" in model ? model.config : { order: config.recipe.order }),
  vocabulary: JSON.stringify(vocabulary.symbols),
  ...(condition && { labels: JSON.stringify(condition.values) }),
})
