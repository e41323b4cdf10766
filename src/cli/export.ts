/** `makewave export`: writes a trained model as a file for other tools. */
import { join, resolve } from "node:path"
import { type Command, Option } from "commander"
import { Mixture, networkOf } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { type Format, formats } from "../interchange/formats.ts"
import type { Model } from "../models/model.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { learnerOf } from "../runs/learners/index.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { files } from "../runs/run-config.ts"
import { either } from "../setting.ts"
import { formatCount, notice, print, printContent, printJson } from "./output.ts"
import { findRun } from "./run-folder.ts"

type Name = keyof typeof formats

const table = Object.entries(formats) as [Name, Format][]

const examples = `
Formats:
${table.map(([name, { description }]) => `  ${name.padEnd(12)} ${description}`).join("\n")}

The extension of the file tells the format. A .js file gets its TypeScript types in a .d.ts file beside it, a .mjs file in a .d.mts.

Examples:
  makewave export --out names.js              the newest run in ./runs; import { sample } from "./names.js"
  makewave export runs/NAME --out names.js --global names
                                              <script src="names.js">, names.sample()
  makewave export runs/NAME --format onnx     into the run's folder
  makewave export runs/NAME --format pytorch --out wavenet.safetensors
  makewave export runs/NAME --format npz --out - > model.npz`

export function define(command: Command): void {
  command
    .argument("[run]", "a run's folder, or its name in ./runs (default: the newest)")
    .addOption(
      new Option(
        "--format <name>",
        "a format from the list below (default: that of the file's name)",
      ).choices(Object.keys(formats)),
    )
    .option(
      "--out <file>",
      "the file to write, - for standard output (default: in the run's folder, such as model.onnx)",
    )
    .option("--global <name>", "javascript: write a script that defines this global instead of a module")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(exportRun)
}

interface Options {
  readonly format?: Name
  readonly out?: string
  readonly global?: string
  readonly json?: true
}

async function exportRun(given: string | undefined, { global, json, ...options }: Options): Promise<void> {
  const format = formatOf(options)
  const { takes, extension, content, types }: Format = formats[format]
  if (global !== undefined && takes !== "text")
    throw new UserError(`--global ${global}: only for --format javascript: leave it out, or choose that`)
  const run = findRun(given)
  const { model, config, vocabulary, condition } = await openAnyModel(run, notice)
  if (takes !== "numbers" && !learnerOf(config.recipe).hasLayers)
    throw new UserError(
      `--format ${format}: the model ${config.recipe.model} of ${run} counts and has no layers: name the run of a network, ` +
        `or export its counts with --format ${either(namesOf("numbers"))}`,
    )
  const { scripts, words } = kindOf(config.recipe)
  if (takes === "text" && !scripts)
    throw new UserError(
      `--format ${format}: ${run} is trained on ${words.things}, but a script generates text: choose onnx`,
    )
  const { symbols } = vocabulary
  const { model: name, order, mixOrder } = config.recipe
  const holdsCounts = takes === "numbers"
  const exported = {
    model: (holdsCounts ? model : networkOf(model as Model | Mixture)) as Model,
    symbols,
    labels: condition,
    global,
    metadata: {
      model: name,
      config: JSON.stringify(configOf(model) ?? { order }),
      ...(model instanceof Mixture && holdsCounts && { mixOrder: String(mixOrder) }),
      vocabulary: JSON.stringify(symbols),
      ...(condition && { labels: JSON.stringify(condition.values) }),
    },
  }
  const bytes = content(exported)
  const { out = join(run, `model${extension}`) } = options
  if (Object.values(files).some((file) => resolve(run, file) === resolve(out)))
    throw new UserError(`--out ${out}: this is the run's own file: name another`)
  const printed = out === "-" || out === "/dev/stdout"
  if (!printed) await writeFileAtomic(out, bytes)
  else if (!(await printContent(bytes))) return
  const [, stem, letter] = /^(.*)\.(m?)js$/.exec(out) ?? []
  const declarations = types && stem !== undefined ? `${stem}.d.${letter}ts` : undefined
  if (declarations !== undefined) await writeFileAtomic(declarations, types!(exported))
  const size = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length
  const sentence = `${out}: ${formatCount(size)} bytes${declarations === undefined ? "" : `, its types in ${declarations}`}`
  const lacksCounts = model instanceof Mixture && !holdsCounts
  if (lacksCounts)
    notice(
      `--format ${format}: it holds the network alone, without the counts of ${mixOrder}-grams that ${run} mixes it with: ` +
        `for both choose ${either(namesOf("numbers"))}`,
    )
  if (printed) notice(sentence)
  else if (json)
    printJson({
      run,
      format,
      file: out,
      bytes: size,
      ...(declarations && { types: declarations }),
      ...(lacksCounts && { lacks: "counts" }),
    })
  else print(sentence)
}

/** The settings of the network; none for an n-gram model. */
const configOf = (model: Model | NGram | Mixture) =>
  model instanceof NGram ? undefined : networkOf(model).config

/** The format that is asked for, or that the file's extension means. Throws a UserError if the two contradict each other. */
function formatOf({ format, out }: Pick<Options, "format" | "out">): Name {
  if (out !== undefined && /\.(pt|pth|ckpt|pkl)$/i.test(out))
    throw new UserError(
      `--out ${out}: makewave writes no pickle: for PyTorch name it ${out.replace(/\.\w+$/, formats.pytorch.extension)}`,
    )
  const ends = table.flatMap(([name, { extension, alsoNamed = [] }]) =>
    [extension, ...alsoNamed].map((end) => ({ name, end })),
  )
  const fitting = ends.filter(({ end }) => out?.toLowerCase().endsWith(end))
  const meant = fitting.reduce((best, each) => (each.end.length > best.end.length ? each : best), fitting[0])
  const known = either(ends.map(({ end }) => end).filter((end, at, all) => all.indexOf(end) === at))
  if (format === undefined && meant === undefined)
    throw new UserError(
      out === undefined
        ? `export: give --format ${either(Object.keys(formats))}, or --out with a name that ends in ${known}`
        : `--out ${out}: its name tells no format: give --format, or a name that ends in ${known}`,
    )
  if (format !== undefined && meant !== undefined && !fitting.some(({ name }) => name === format))
    throw new UserError(
      `--format ${format} and --out ${out}: such a name means ${meant.name}: leave --format out, or name it ` +
        `${out!.slice(0, -meant.end.length)}${formats[format].extension}`,
    )
  return format ?? meant!.name
}

const namesOf = (takes: Format["takes"]): Name[] =>
  table.filter(([, format]) => format.takes === takes).map(([name]) => name)
