/** `makewave export`: writes a trained model as a file for other tools. */
import { basename, join, resolve } from "node:path"
import { type Command, Option } from "commander"
import { Ensemble } from "../counting/ensemble.ts"
import { Mixture } from "../counting/mixture.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { type Format, formats } from "../interchange/formats.ts"
import type { Written } from "../interchange/javascript.ts"
import type { Model } from "../models/model.ts"
import type { Corpus } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import type { TextCorpus } from "../runs/corpora/text-corpus.ts"
import { exportedOf } from "../runs/exported.ts"
import { learnerOf } from "../runs/learners/index.ts"
import { openData, requireSameData } from "../runs/open-data.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import { files } from "../runs/run-files.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import { either, positive, writtenFlags } from "../setting.ts"
import { numberAs } from "./flags.ts"
import { modelFile } from "./model-file.ts"
import { formatCount, isPrinted, notice, print, printContent, printJson } from "./output.ts"
import { describeRounding, kilobytesOf, lossOnLines, lossOnText, roundTo } from "./rounding.ts"
import { findRun } from "./run-folder.ts"
import { showLoading, showStage } from "./show-loading.ts"

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
  makewave export runs/NAME --out names.html  a page that makes names, in one file
  makewave export runs/NAME --out names.js --size 50
                                              at most 50 KB as servers send it
  makewave export runs/NAME --format onnx     into the run's folder
  makewave export runs/NAME --format pytorch --out wavenet.safetensors
  makewave export runs/NAME --format npz --out - > model.npz`

export function define(command: Command): void {
  command
    .argument("[run]", "a run's folder, its name in ./runs, or a model of the package (default: the newest)")
    .addOption(
      new Option(
        "--format <name>",
        "a format from the list below (default: that of the file's name)",
      ).choices([...Object.keys(formats), "js"]),
    )
    .option(
      "--out <file>",
      "the file to write, - for standard output (default: in the run's folder, such as model.onnx)",
    )
    .option("--global <name>", "javascript: write a script that defines this global instead of a module")
    .addOption(
      new Option(
        "--bits <bits>",
        "javascript, html: bits of a number of the network (default: 8 if that adds at most 0.005 to the loss, else 16)",
      ).choices(["4", "5", "6", "7", "8", "16", "32"]),
    )
    .option(
      "--size <kilobytes>",
      "javascript, html: the most kilobytes, gzipped; fewer bits until it fits",
      numberAs(positive(undefined, "")),
    )
    .option(
      "--no-list",
      "javascript, html: without the list, of which a file has a byte a line, so without onlyNew",
    )
    .option(
      "--data <name-or-file>",
      "javascript, html: the run's data, if it was moved; it tells what is new, and has the lines that were counted",
    )
    .option("--title <text>", "html: the heading of the page (default: New, and the name of the list)")
    .addOption(modelFile())
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(exportRun)
}

interface Options {
  readonly format?: Name | "js"
  readonly out?: string
  readonly global?: string
  readonly bits?: string
  readonly size?: number
  readonly list: boolean
  readonly data?: string
  readonly title?: string
  readonly json?: true
}

async function exportRun(given: string | undefined, { global, json, ...options }: Options): Promise<void> {
  const format = formatOf(options)
  const { takes, extension, content, types }: Format = formats[format]
  if (global !== undefined && format !== "javascript")
    throw new UserError(`--global ${global}: only for --format javascript: leave it out, or choose that`)
  const { bits, size, data, list, title } = options
  if (title !== undefined && format !== "html")
    throw new UserError(`--title ${title}: only for --format html: leave it out, or choose that`)
  const ofText = writtenFlags({ bits, size, data, ...(!list && { noList: true }) })
  if (ofText.length > 0 && takes !== "text")
    throw new UserError(
      `${ofText.slice(0, 2).join(" ")}: only for --format ${either(namesOf("text"))}: leave it out, or choose one`,
    )
  const run = findRun(given)
  const trained = await openAnyModel(run, notice)
  const { model, config } = trained
  if (model instanceof Ensemble)
    throw new UserError(
      `--format ${format}: ${run} is an ensemble of ${model.members.length} models, and a file holds one: export one of them, ` +
        `or teach one network what they know: makewave train DATA --teacher ${run}`,
    )
  const { hasLayers, hasCounts } = learnerOf(config.recipe)
  if (takes === "network" && !hasLayers)
    throw new UserError(
      `--format ${format}: the model ${config.recipe.model} of ${run} counts and has no layers: name the run of a network, ` +
        `or export its counts with --format ${either(formatsOfCounts(trained))}`,
    )
  if (bits !== undefined && !hasLayers)
    throw new UserError(
      `--bits ${bits}: the model ${config.recipe.model} of ${run} counts, and counts are not rounded: leave it out`,
    )
  if (!list && hasCounts)
    throw new UserError(
      `--no-list: ${run} has counts, and they are written as the lines that were counted: leave it out`,
    )
  const { scripts, words } = kindOf(config.recipe)
  if (takes === "text" && !scripts)
    throw new UserError(
      `--format ${format}: ${run} is trained on ${words.kind}, and a script generates lines: choose onnx`,
    )
  const { mixOrder } = config.recipe
  const holdsCounts = takes !== "network"
  const isRunning = config.recipe.running === true
  if (takes === "text" && isRunning && hasCounts && trained.vocabulary.tokens === "characters")
    throw new UserError(
      `--format ${format}: ${run} counts its text, and no ${format === "html" ? "page" : "script"} holds that: name the run of a network${mixOrder === undefined ? "" : " without --mix-order"}`,
    )
  const corpus = takes === "text" ? await dataOf(trained, { data, needed: hasCounts }) : undefined
  const parts = isRunning ? undefined : (corpus as TextCorpus | undefined)?.parts
  const measuring = { runtime: runtimeOf(config.recipe, notice), onStage: showStage }
  const loss =
    corpus && isRunning
      ? lossOnText(model as Model, corpus, measuring)
      : parts && lossOnLines(trained as TrainedModel<Written>, parts, measuring)
  const exported = exportedOf(trained, takes, { parts, list, title, global })
  const rounding =
    takes === "text"
      ? await roundTo(trained as TrainedModel<Written>, (bits) => content({ ...exported, bits }) as string, {
          bits: bits === undefined ? undefined : Number(bits),
          size,
          filtered: list && parts !== undefined && !hasCounts,
          loss,
        })
      : undefined
  const bytes = rounding?.content ?? content(exported)
  const { out = config.kept ? `${basename(run)}${extension}` : join(run, `model${extension}`) } = options
  if (Object.values(files).some((file) => resolve(run, file) === resolve(out)))
    throw new UserError(`--out ${out}: this is the run's own file: name another`)
  const printed = isPrinted(out)
  if (!printed) await writeFileAtomic(out, bytes)
  else if (!(await printContent(bytes))) return
  const [, stem, letter] = /^(.*)\.(m?)js$/.exec(out) ?? []
  const declarations = types && stem !== undefined ? `${stem}.d.${letter}ts` : undefined
  if (declarations !== undefined) await writeFileAtomic(declarations, types!(exported))
  const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length
  const gzipped = rounding && kilobytesOf(rounding.content)
  const sentence = [
    `${out}: ${formatCount(length)} bytes`,
    ...(gzipped === undefined ? [] : [`${gzipped.toFixed(1)} KB gzipped`]),
    ...(declarations === undefined ? [] : [`its types in ${declarations}`]),
  ].join(", ")
  const cost = rounding && describeRounding(rounding)
  const lacksCounts = model instanceof Mixture && !holdsCounts
  if (lacksCounts)
    notice(
      `--format ${format}: it holds the network alone, without the counts of ${mixOrder}-grams that ${run} mixes it with: ` +
        `for both choose ${either(formatsOfCounts(trained))}`,
    )
  if (json && !printed)
    printJson({
      run,
      format,
      file: out,
      bytes: length,
      ...(rounding && { kilobytes: gzipped, bits: rounding.bits, loss: rounding.loss }),
      ...(declarations && { types: declarations }),
      ...(lacksCounts && { lacks: "counts" }),
    })
  else for (const each of [sentence, ...(cost === undefined ? [] : [cost])]) (printed ? notice : print)(each)
}

/** The run's data; undefined where it is not at hand, unless it is `needed`: then a UserError. */
async function dataOf(
  trained: TrainedModel<unknown>,
  { data, needed }: { data?: string; needed: boolean },
): Promise<Corpus | undefined> {
  const { open, words } = kindOf(trained.config.recipe)
  try {
    const corpus = await openData(trained, (recipe) => open(recipe, showLoading()), { data })
    requireSameData(trained, corpus, { data, whole: words.whole })
    return corpus
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (needed || data !== undefined)
      throw new UserError(
        `an exported script has the lines that were counted, and they are not at hand: ${error.message}`,
      )
    notice(
      words.kind === "lines"
        ? `the file does not know the list, so it has no onlyNew: ${error.message}`
        : `it is not known what the rounding costs: ${error.message}`,
    )
    return undefined
  }
}

/** The format that is asked for, or that the file's extension means. Throws a UserError if the two contradict each other. */
function formatOf({ format: named, out }: Pick<Options, "format" | "out">): Name {
  const format = named === "js" ? "javascript" : named
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

/** Scripts and pages hold the counts of lines, not of running text, and only of characters. */
const formatsOfCounts = ({ config, vocabulary }: TrainedModel<unknown>): Name[] => [
  ...namesOf("numbers"),
  ...(config.recipe.running || vocabulary.tokens !== "characters" ? [] : namesOf("text")),
]
