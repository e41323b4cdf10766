/** `makewave make`: from a list to things like those on it, with nothing to decide. */
import { type Command, Option } from "commander"
import { loadText } from "../data/catalog.ts"
import { type Inventory, inventoryOf } from "../data/inventory.ts"
import { describeText, plural, type Text } from "../data/text.ts"
import { UserError } from "../errors.ts"
import { LEAST_SECONDS } from "../making/fitting.ts"
import { TEMPERATURE } from "../making/make.ts"
import { type Made, makeRun } from "../making/make-run.ts"
import type { Request } from "../making/possible.ts"
import type { SampleRequest } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import type { DataPlace } from "../runs/data-place.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import { NGRAM } from "../runs/settings.ts"
import type { Choice } from "../sampling/probabilities.ts"
import { positive, writtenFlags } from "../setting.ts"
import { addSettings, givenSettings, numberAs } from "./flags.ts"
import { catchInterrupts } from "./interrupt.ts"
import { commandLine, formatCount, notice, print, printJson, visible } from "./output.ts"
import { showSampling } from "./progress.ts"
import { addChoice, addWishes } from "./sampling-flags.ts"
import { showLoading, showStage } from "./show-loading.ts"

const examples = `
All samples are new: none is on the list, and none is made twice. If all of the list begins with
capital letters, so do they, unless --starts-with says otherwise.

Examples:
  makewave make towns.txt                     20 new names of towns, after 20 seconds
  makewave towns.txt                          the same
  makewave make people.csv --column name      a column of a table: CSV, TSV or JSON
  sort -u words.txt | makewave make -         lines from standard input
  makewave make towns.txt --seconds 60 --count 100 --length 5-9 --ends-with ton
  makewave make towns.txt --json              one JSON object

The run is an ordinary one: makewave sample makes more, and export writes a page or a script that makes them.`

export function define(command: Command): void {
  command.argument("<file>", "a text file with one item per line, a table, or - for standard input")
  addWishes(addChoice(command, TEMPERATURE))
  command.option(
    "--seconds <number>",
    "how long to train, at most (default: 20)",
    numberAs(positive(undefined, "", { most: 86_400 })),
  )
  addSettings(command, "Options:", ["column", "noHeader", "maximumLineLength", "seed"])
  command
    .option("-o, --out <folder>", "the run's folder (default: runs/MODEL-DATA-TIME)")
    .option("--json", "print one JSON object")
    .addOption(new Option("--running").hideHelp()) // of train, where the sentence sends who asks for it here
    .addHelpText("after", examples)
    .action(make)
}

/** Fewer different lines say too little of what is common to them. */
const FEW = 50

interface Options extends Request, DataPlace, Pick<SampleRequest, "count" | "score">, Choice {
  readonly temperature: number
  readonly seconds?: number
  readonly seed?: number
  readonly out?: string
  readonly json?: true
  readonly running?: true
}

async function make(file: string, { running, ...options }: Options): Promise<void> {
  if (running)
    throw new UserError(
      `--running: make is for lists: makewave train ${file} --running reads one running text`,
    )
  const { temperature, topK, topP, seconds, seed = 42, out, json, ...others } = options
  const { column, noHeader, maximumLineLength, ...wishes } = others
  const reading = givenSettings({ column, noHeader, maximumLineLength })
  const begin = performance.now()
  const tell = json ? () => {} : notice
  const show = json ? () => {} : printSample
  const text = await loadText(file, { ...reading, ...showLoading() })
  const inventory = inventoryOf(text.lines)
  const { different } = inventory
  tell(`${describeText(text)} ${facts(text, inventory)}`)
  if (different > 1 && different < FEW)
    tell(
      `only ${different} different lines: a hundred are a good start; from fewer the samples resemble the list less`,
    )
  const made = await interruptibly((signal) =>
    makeRun(text, {
      inventory,
      seconds,
      seed,
      temperature,
      out,
      data: { ...reading, data: file },
      request: wishes,
      signal,
      notice,
      onStage: showStage,
    }),
  )
  if (!made) return
  tell(`${described(made)}${temperature === 0 ? "" : `; ${novelty(made)}`}`)
  const more = `try --seconds ${3 * (seconds ?? 20)}`
  if (made.settings.model !== NGRAM) {
    if (made.hurried) tell(`the network still got better when the time for it was up: ${more}`)
  } else if (made.hurried) tell(`there was too little time for a network: ${more}`)
  else if ((seconds ?? 20) >= LEAST_SECONDS)
    tell("a network did not predict these lines better than counts alone")
  tell("")
  const { samples, shortage } = await sampled(
    made,
    text,
    { ...wishes, choice: { temperature, topK, topP }, seed },
    show,
  ).catch((error) => {
    notice(`the run is in ${made.run.folder}`)
    throw error
  })
  await made.run.writeSamples(samples)
  const same = { onlyNew: true, ...wishes, temperature, topK, topP, seed }
  const again = commandLine(["sample", made.run.folder, ...writtenFlags(same)])
  const took = (performance.now() - begin) / 1000
  const { run, settings: recipe, validation, new: fresh, hurried = false } = made
  if (json)
    return printJson({
      run: run.folder,
      recipe,
      validation,
      samples,
      new: fresh,
      hurried,
      ...(shortage && { shortage }),
      seconds: took,
      again,
    })
  tell(`\nReproduce with: ${again}`)
  if (seconds === undefined || seconds >= LEAST_SECONDS)
    tell(
      "Another run of make may take a different number of steps: what fits into the time depends on the machine.",
    )
  const next = { ...same, count: 100, temperature: temperature || TEMPERATURE, seed: undefined }
  tell(`${took.toFixed(1)} s. The run is in ${run.folder}. Try next:`)
  for (const words of [
    ["sample", run.folder, ...writtenFlags(next)],
    ["export", run.folder, "--format", "html"],
  ])
    tell(`  ${commandLine(words)}`)
}

/** Undefined after Ctrl-C before there is a run to keep; a run that has begun is an `Interrupted`. */
async function interruptibly<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const { signal, release } = catchInterrupts({ doing: "stopping" })
  try {
    return await work(signal)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    notice("stopped before a run began: nothing is kept")
    process.exitCode = 130
    return undefined
  } finally {
    release()
  }
}

/** Indented on a terminal only: elsewhere each line is the sample and nothing else. */
const printSample = (text: string): void => print(`${process.stdout.isTTY ? "  " : ""}${visible(text)}`)

/** Shows samples as they are made, and returns them. */
async function sampled(
  { run }: Made,
  list: Text,
  wishes: Request & Pick<SampleRequest, "choice" | "seed" | "count" | "score">,
  show: (text: string) => void,
) {
  const trained = await openAnyModel(run.store)
  const { recipe } = trained.config
  const samples: string[] = []
  let shortage: object | undefined
  const request = {
    runtime: runtimeOf(recipe, notice),
    loading: { text: list },
    onProgress: showSampling(),
  }
  const kind = kindOf(recipe)
  for await (const { text, json } of kind.sample(trained, {
    ...wishes,
    ...request,
    onlyNew: true,
    notice: () => {},
  })) {
    const found = json as { sample?: string; shortage?: { sentence: string } }
    if (found.shortage) {
      shortage = found.shortage
      notice(found.shortage.sentence)
    } else if (found.sample !== undefined) {
      samples.push(found.sample)
      show(text ?? found.sample)
    }
  }
  return { samples, shortage }
}

/** What was found in the list. */
function facts({ labels = {} }: Text, { different, symbols }: Inventory): string {
  const counts = [`${formatCount(different)} different`, plural(symbols.size, "symbol")]
  const names = Object.keys(labels)
  return [...counts, ...(names.length > 0 ? [`labels: ${names.join(", ")}`] : [])].join(", ")
}

function described({ settings, validation, folds }: Made): string {
  const { model, from, steps = 0, mixOrder, order } = settings
  const origin = from ? ` from the ${from}` : model === "gru" ? ` ${UNKNOWN}` : ""
  const mixed = mixOrder === undefined ? "" : `, mixed with ${mixOrder}-grams`
  const network = `${model}${origin}, ${formatCount(steps)} steps${mixed}`
  const where = folds === undefined ? "lines held out" : `lines held out, in ${folds} folds`
  return `${model === NGRAM ? `${order}-grams` : network}: ${validation.toFixed(3)} nats a symbol on ${where}`
}

/** The symbols of such lists are mostly of other scripts than the base's. */
const UNKNOWN = "from scratch, since the base knows too few of these symbols"

function novelty({ new: fresh }: Made): string {
  const rest =
    fresh === 1
      ? ""
      : fresh < BY_HEART
        ? "; the rest it knows by heart, and leaves out"
        : ", and the rest is left out"
  return `${Math.round(100 * fresh)} % of what it draws is new${rest}`
}

/** If less is new, the model is said to know the list by heart. */
const BY_HEART = 0.9
