/** Reports training as text: the model, progress, losses beside baselines, and samples. */
import { table } from "../charts/table.ts"
import { describeChoice } from "../runs/chosen-recipe.ts"
import { kindOf } from "../runs/corpora/index.ts"
import { bitsPerCharacter } from "../runs/corpora/parts.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { MemberLoss } from "../runs/metrics.ts"
import type { Recipe } from "../runs/recipe.ts"
import type { Validation } from "../runs/record.ts"
import type { TrainingEvent } from "../runs/run-training.ts"
import { stepRate } from "../training/step-rate.ts"
import { bold, commandLine, dim, formatCount, outputWidth, percent, print } from "./output.ts"
import { openProgress, type Progress } from "./progress.ts"
import { stopwatch } from "./stopwatch.ts"

type Begun = Extract<TrainingEvent, { kind: "begun" }>

/** Without a terminal, prints about twenty lines of progress, or with `everyLog` one per logged step. */
export async function reportText(
  events: AsyncIterable<TrainingEvent>,
  { everyLog = false } = {},
): Promise<void> {
  const watch = stopwatch()
  let progress: Progress | undefined
  let begun: Begun | undefined
  try {
    for await (const event of events) {
      watch.at(event)
      if (event.kind === "begun") {
        begun = event
        const { recipe } = event.run.config
        const { steps, logEvery } = recipe
        print(`${bold(nameOf(recipe))}, ${parametersOf(event)}, on ${event.corpus.description}`)
        print(formatBeginning(event))
        const chosen = describeChoice(event.run.config)
        if (chosen) print(chosen)
        if (!learnerOf(recipe).hasLayers) continue
        const linesEvery = everyLog ? logEvery : Math.max(1, Math.floor(steps / 20))
        const { symbols } = kindOf(recipe)
        const guess = symbols === undefined ? undefined : Math.log(symbols)
        progress = openProgress({ from: event.taken, steps, linesEvery, guess })
      } else if (event.kind === "progress") {
        progress?.report(event.progress)
      } else if (event.kind === "trained") {
        progress?.stop()
        const wanted = begun?.run.config.recipe.steps ?? 0
        const taken = `${formatCount(event.steps)} of ${formatCount(wanted)} steps`
        if (event.steps < wanted)
          print(
            `stopped after ${taken}: the validation loss stopped improving, and the parameters with the lowest are kept`,
          )
        if (event.stepsPerSecond > 0) print(dim(formatPace(event)))
      } else if (begun && event.kind === "evaluated") printLosses(begun, event)
      else if (begun && event.kind === "sampled") printResults(event.results, begun)
    }
    const told = watch.reading()
    if (told) print(dim(`\n${told}`))
  } finally {
    progress?.stop()
  }
}

/** The folder of the run, how many steps it had taken, and the runs that it started and learns from. */
export function formatBeginning({ run: { folder, config }, taken }: Begun): string {
  const { from, teacher } = config
  const origin = from && `, started from ${from.name} after its ${formatCount(from.steps)} steps`
  const learns = teacher && `, learns from ${teacher.name}`
  return `${taken === 0 ? "run" : `resumed after ${formatCount(taken)} steps`}: ${folder}${origin ?? ""}${learns ?? ""}`
}

export function formatPace({ seconds, stepsPerSecond }: { seconds: number; stepsPerSecond: number }): string {
  const { number, unit } = stepRate(stepsPerSecond)
  return `${seconds.toFixed(1)} s, ${number} ${unit}`
}

const nameOf = ({ model, mixOrder }: Recipe): string =>
  mixOrder === undefined ? model : `${model} mixed with ${mixOrder}-grams`

const parametersOf = ({ model }: Begun): string => `${formatCount(model.parameterCount)} parameters`

function printLosses(
  begun: Begun,
  {
    accuracy,
    networkWeight,
    networkAlone,
    countsAlone,
    members,
    ...losses
  }: Extract<TrainingEvent, { kind: "evaluated" }>,
): void {
  const { run, corpus } = begun
  const name = `${nameOf(run.config.recipe)}, ${parametersOf(begun)}`
  const { model, mixOrder, mixWeight } = run.config.recipe
  const baselines = corpus.baselines()
  const rows = [...baselines, { name, ...losses }].map(({ name, train, validation }) => [
    name === model ? `${name}, counted` : name,
    train.toFixed(4),
    ...(validation === undefined ? [] : [validation.toFixed(4)]),
  ])
  const { symbol } = kindOf(run.config.recipe).words
  const head = [
    `loss, nats per ${symbol}`,
    "train",
    ...(losses.validation === undefined ? [] : ["validation"]),
  ]
  print(`\n${table([head, ...rows], { width: outputWidth() })}`)
  const bits = bitsPerCharacter(corpus, losses)
  if (bits) print(`\n${formatBits(bits)}`)
  if (networkWeight !== undefined) {
    print(`\n${formatMixture({ networkWeight, networkAlone, countsAlone }, mixOrder)}`)
    if (typeof mixWeight !== "number" && percent(networkWeight) === percent(0))
      print(
        "The network is unused, since the counts alone are better on the validation part: give more --steps, or count alone by " +
          "--model ngram.",
      )
  }
  if (members) print(`\n${formatMembers(members)}`)
  if (accuracy !== undefined)
    print(`\nAccuracy of ${corpus.classes?.name} on the validation part: ${percent(accuracy)}`)
  const [uniform] = baselines
  const isWorse = Math.min(losses.train, losses.validation ?? losses.train) > uniform.train
  if (isWorse && learnerOf(run.config.recipe).hasLayers)
    print(
      "\nThe model is worse than a uniform guess: lower --learning-rate (lr-find finds one), or give more --steps if there " +
        "were few.",
    )
}

/** Losses of parts in bits a character, such as "bits per character: train 2.713, validation 2.802". */
export const formatBits = (bits: Readonly<Record<string, number>>): string =>
  `bits per character: ${Object.entries(bits)
    .map(([part, each]) => `${part} ${each.toFixed(3)}`)
    .join(", ")}`

/** What an ensemble consists of, and how good its members are alone. */
const formatMembers = (members: readonly MemberLoss[]): string =>
  table(
    [
      ["member", "weight", "validation, alone"],
      ...members.map(({ name, weight, validation }) => [name, weight.toFixed(3), validation.toFixed(4)]),
    ],
    { width: outputWidth() },
  )

/** What a mixture consists of, and how good its parts are alone. */
function formatMixture(
  {
    networkWeight = 1,
    networkAlone,
    countsAlone,
  }: Pick<Validation, "networkWeight" | "networkAlone" | "countsAlone">,
  mixOrder?: number,
): string {
  const part = (weight: number, what: string, alone?: number) =>
    `${percent(weight)} ${what} (validation ${alone?.toFixed(4)} alone)`
  return `mixed: ${part(networkWeight, "network", networkAlone)}, ${part(1 - networkWeight, `counts of ${mixOrder}-grams`, countsAlone)}`
}

function printResults(
  { text, next }: Extract<TrainingEvent, { kind: "sampled" }>["results"],
  { run: { folder, config } }: Begun,
): void {
  print(`\n${text}`)
  print(`\nThe run is in ${bold(folder)}. Try next:`)
  const plots = learnerOf(config.recipe).hasLayers ? ["plot"] : []
  const others = ["evaluate", "inspect", ...plots].map((command) => [command, folder])
  for (const words of [...next, ...others]) print(`  ${commandLine(words)}`)
}
