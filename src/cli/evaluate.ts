/** `makewave evaluate`: the losses of trained models on parts of its data or on other data, with standard errors. */
import { type Command, Option } from "commander"
import { table } from "../charts/table.ts"
import { NGram } from "../counting/ngram.ts"
import { letterOf } from "../experiments/comparison.ts"
import type { Context, Evaluation, EvaluationRequest } from "../runs/corpora/corpus.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { readingSettings, requireDataToRead } from "../runs/data-place.ts"
import { foldedLoss, type Metrics, readMetrics } from "../runs/metrics.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import { groups, namesOf, validates } from "../runs/settings.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import type { Judge } from "../sampling/judge.ts"
import { formatEvaluation } from "../training/evaluation-report.ts"
import { addSettings, givenSettings, numberAs, wholeNumber } from "./flags.ts"
import { modelFile } from "./model-file.ts"
import { bold, formatCount, notice, outputWidth, percent, print, printJson } from "./output.ts"
import { formatBits } from "./report-text.ts"
import { findRun, findRuns } from "./run-folder.ts"
import { showLoading, showStage } from "./show-loading.ts"
import { openTestPart } from "./test-part.ts"

const examples = `
Lines that also occur in the training part, which a model may have memorized, are reported separately, as is each label of a
conditional model (train --condition). ± is the standard error over lines.
Do not choose models by their test loss: keep the test part for the final evaluation.

Examples:
  makewave evaluate                            the newest run in ./runs, training and validation parts
  makewave evaluate runs/NAME --part test
  makewave evaluate challenge --data makemore-names   a model of the package
  makewave evaluate runs/a runs/b              one table; compare tests the difference
  makewave evaluate runs/NAME --data more.txt  all lines of another file
  makewave evaluate runs/NAME --data people.csv --column name
  makewave evaluate runs/NAME --samples 2000   for a run trained with --condition
  makewave evaluate runs/NAME --markdown
  makewave evaluate runs/NAME --json`

export function define(command: Command): void {
  command
    .argument("[runs...]", "the folders of runs, or their names in ./runs (default: the newest)")
    .addOption(
      new Option("--part <parts...>", "parts of the split (default: train validation)").choices([
        "train",
        "validation",
        "test",
      ]),
    )
    .option(
      "--data <name-or-file>",
      "evaluate on all of another data set or file; on the parts, if it is the run's own that was moved, or that of a model of the package",
    )
  addSettings(command, "Options:", [...readingSettings, ...namesOf(groups.machine)])
  command
    .option(
      "--samples <count>",
      "draw this many samples per label and classify them (runs trained with --condition)",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--judge-order <symbols>",
      "the order of the n-gram classifier that judges them (default: 3)",
      numberAs(NGram.settings.order),
    )
    .option("--markdown", "print a Markdown table")
    .addOption(modelFile())
    .option("--json", "print one JSON object per run")
    .addHelpText("after", examples)
    .action(evaluate)
}

interface Options extends Omit<EvaluationRequest, "parts" | "onStage" | keyof Context> {
  readonly part?: EvaluationRequest["parts"]
  readonly markdown?: true
  readonly json?: true
}

async function evaluate(given: readonly string[], options: Options): Promise<void> {
  const { markdown, json, ...others } = options
  requireDataToRead(others)
  const folders = given.length === 0 ? [findRun(undefined)] : findRuns(given)
  const all: Evaluated[] = []
  for (const folder of folders) all.push(await evaluateRun(folder, others))
  if (json) for (const each of all) printJson(jsonOf(each))
  else if (all.length === 1) printOne(all[0], markdown)
  else printSeveral(all, markdown)
}

interface Evaluated extends Evaluation, Pick<TrainedModel<unknown>, "folder" | "config" | "steps"> {
  /** Of a run without a validation part: its loss on lines that were held out. */
  readonly folded?: Metrics
}

/** The fraction of unknown words from which on they make up much of the loss. */
const MANY = 0.1

async function evaluateRun(
  run: string,
  { part, ...others }: Omit<Options, "markdown" | "json">,
): Promise<Evaluated> {
  const trained = await openAnyModel(run, notice)
  const { folder, config, steps } = trained
  const evaluation = await kindOf(config.recipe).evaluate(trained, {
    ...others,
    parts: part,
    runtime: runtimeOf({ ...config.recipe, ...givenSettings(others) }, notice),
    loading: showLoading(),
    notice,
    onStage: showStage,
  })
  if (Object.values(evaluation.unknown ?? {}).some(({ unknown, words }) => unknown > MANY * words))
    notice(
      `${folder}: more than a tenth of the words are unknown, all one symbol: the loss is largely that of this symbol, and bits a character do not compare`,
    )
  if (evaluation.reports.test) await openTestPart(folder, part)
  const isTrainedOn = others.data === undefined && !validates(config.recipe)
  const folded = isTrainedOn ? foldedLoss(await readMetrics(folder), steps) : undefined
  if (isTrainedOn) notice(trainedOn(folded))
  return { ...evaluation, folder, config, steps, folded }
}

function jsonOf({
  folder,
  steps,
  reports,
  bitsPerCharacter,
  unknown,
  folded,
  skipped,
  classes,
  conditions,
  judge,
}: Evaluated): object {
  const losses = Object.entries(reports).map(([name, { natsPerSymbol }]) => [name, natsPerSymbol.value])
  return {
    run: folder,
    steps,
    ...Object.fromEntries(losses),
    ...(folded && { folded: { validation: folded.validation, folds: folded.folds, lines: folded.lines } }),
    reports,
    ...(bitsPerCharacter && { bitsPerCharacter }),
    ...(unknown && { unknown }),
    ...(skipped !== undefined && { skipped }),
    ...(classes && { classes: classes.byPart }),
    ...(conditions && { conditions: conditions.byLabel, judgeOrder: judge?.order }),
  }
}

function printOne(evaluated: Evaluated, markdown?: boolean): void {
  const { folder, config, steps, reports, bitsPerCharacter, unknown = {} } = evaluated
  const { words, symbols } = kindOf(config.recipe)
  const guess = symbols === undefined ? "" : `; a uniform guess has loss ${Math.log(symbols).toFixed(4)}`
  if (!markdown) print(`${bold(folder)}${trainedFor(steps)}${guess}\n`)
  print(formatEvaluation(reports, { markdown, width: outputWidth(), line: words.row, symbol: words.symbol }))
  if (bitsPerCharacter) print(`\n${formatBits(bitsPerCharacter)}`)
  for (const [part, { unknown: count, words }] of Object.entries(unknown))
    print(
      `${part}: ${formatCount(count)} of ${formatCount(words)} words are unknown (${percent(count / words)})`,
    )
  printLabels(evaluated, markdown)
}

/** One table of all runs, each by a letter, and what there is about labels run by run. */
function printSeveral(all: readonly Evaluated[], markdown?: boolean): void {
  const named = all.map((each, k) => ({ ...each, name: letterOf(k) }))
  for (const { name, folder, steps } of named)
    print(`${markdown ? `- ${name}:` : `${bold(name)} `} ${folder}${trainedFor(steps)}`)
  const reports = named.flatMap(({ name, reports }) =>
    Object.entries(reports).map(([part, report]) => [`${name} ${part}`, report] as const),
  )
  const { words } = kindOf(all[0].config.recipe)
  const column = (cell: (run: Evaluated, part: string) => string) =>
    Object.fromEntries(
      named.flatMap((run) =>
        Object.keys(run.reports).map((part) => [`${run.name} ${part}`, cell(run, part)] as const),
      ),
    )
  const more = {
    ...(all.some(({ bitsPerCharacter }) => bitsPerCharacter) && { "bits/character": column(bitsText) }),
    ...(all.some(({ unknown }) => unknown) && { unknown: column(unknownText) }),
  }
  const shape = { markdown, width: outputWidth(), line: words.row, symbol: words.symbol, more }
  print(`\n${formatEvaluation(Object.fromEntries(reports), shape)}`)
  for (const each of named)
    if (each.classes || each.conditions) {
      print(`\n${markdown ? each.name : bold(each.name)}`)
      printLabels(each, markdown)
    }
}

/** A list of characters has one for each symbol. */
function bitsText({ config, reports, bitsPerCharacter }: Evaluated, part: string): string {
  const isList = kindOf(config.recipe).words.row === "line"
  const bits = bitsPerCharacter?.[part] ?? (isList ? reports[part].bitsPerSymbol.value : undefined)
  return bits?.toFixed(3) ?? ""
}

function unknownText({ unknown }: Evaluated, part: string): string {
  const of = unknown?.[part]
  return of ? percent(of.unknown / of.words) : ""
}

function printLabels({ classes, conditions, judge }: Evaluated, markdown?: boolean): void {
  if (classes) print(`\n${formatClasses(classes, { judge, markdown })}`)
  if (conditions && judge) print(`\n${formatConditions(conditions, { judge, markdown })}`)
}

const trainedFor = (steps: number): string => (steps === 0 ? "" : ` after ${formatCount(steps)} steps`)

const trainedOn = ({ validation, folds, lines }: Partial<Metrics> = {}): string =>
  validation === undefined || lines === undefined
    ? "the run was trained on all of these lines, so its loss on others is higher: --data measures others"
    : `the run was trained on all of these lines: held out, in ${folds} folds of the ${formatCount(lines)} lines, ` +
      `their loss was ${validation.toFixed(4)}; --data measures others`

/** The accuracy of a classifier on each part. */
function formatClasses(
  { labels, byPart }: NonNullable<Evaluation["classes"]>,
  { judge, markdown }: { judge?: Judge; markdown?: boolean },
): string {
  const head = [`accuracy of ${labels.name}`, "network", "nats", ...(judge ? [ngrams(judge)] : [])]
  const rows = Object.entries(byPart).map(([part, { accuracy, loss, counted }]) => [
    part,
    percent(accuracy),
    loss.toFixed(4),
    ...(counted === undefined ? [] : [percent(counted)]),
  ])
  return table([head, ...rows], { markdown, width: outputWidth() })
}

/** How many real lines and how many samples of each label are recognized as such. */
function formatConditions(
  { labels, part, count, byLabel }: NonNullable<Evaluation["conditions"]>,
  { judge, markdown }: { judge: Judge; markdown?: boolean },
): string {
  const head = [`${labels.name} recognized ${ngrams(judge)}`, `${part} part`, `${formatCount(count)} samples`]
  const shown = (real: number) => (Number.isNaN(real) ? "none" : percent(real))
  const rows = byLabel.map(({ label, real, made }) => [label, shown(real), percent(made)])
  return table([head, ...rows], { markdown, width: outputWidth() })
}

const ngrams = ({ order }: Judge): string => `by ${order}-grams`
