/** A training for people: what is trained, how it goes, its losses beside those of models that only count, and samples. */
import { table } from "../charts/table.ts"
import { describeData, type PreparedText } from "../runs/prepare.ts"
import { isCounted } from "../runs/recipe.ts"
import type { Run } from "../runs/run.ts"
import { noveltyOf } from "../sampling/novelty.ts"
import { baselines } from "./baselines.ts"
import { bold, commandLine, dim, green, grouped, percent, print } from "./output.ts"
import { openProgress, type Progress } from "./progress.ts"
import type { TrainingEvent } from "./run-training.ts"
import { formatSounds, type WrittenSound } from "./write-sound.ts"

/** With `everyLog` each logged step is a line where there is no terminal; else there are about twenty. */
export async function reportText(
  events: AsyncIterable<TrainingEvent>,
  { everyLog = false } = {},
): Promise<void> {
  let progress: Progress | undefined
  let begun: Extract<TrainingEvent, { kind: "begun" }> | undefined
  try {
    for await (const event of events) {
      if (event.kind === "begun") {
        begun = event
        const { steps, logEvery } = event.run.config.recipe
        printBeginning(event)
        if (isCounted(event.run.config.recipe)) continue
        const linesEvery = everyLog ? logEvery : Math.max(1, Math.floor(steps / 20))
        const guess = "clips" in event.data ? Math.log(event.data.vocabulary.size) : undefined
        progress = await openProgress({ from: event.taken, steps, linesEvery, guess })
      } else if (event.kind === "progress") {
        const { step, validation, accuracy } = event.progress
        progress?.steps(event.progress)
        if (validation !== undefined) progress?.validation(step, validation, accuracy)
      } else if (event.kind === "trained") {
        progress?.stop()
        const { steps, seconds, stepsPerSecond } = event
        const wanted = begun?.run.config.recipe.steps ?? 0
        if (steps < wanted)
          print(
            `ended after ${grouped(steps)} of ${grouped(wanted)} steps: the validation loss became no better`,
          )
        if (stepsPerSecond > 0)
          print(dim(`${seconds.toFixed(1)} s, ${grouped(Math.round(stepsPerSecond))} steps a second`))
      } else if (begun && event.kind === "evaluated") printLosses(begun, event)
      else if (begun && event.kind === "sampled") printSamples(event, begun.data as PreparedText, begun.run)
      else if (begun && event.kind === "sounded") printSounds(event.sounds, begun.run)
    }
  } finally {
    progress?.stop()
  }
}

type Begun = Extract<TrainingEvent, { kind: "begun" }>

function printBeginning({ run, model, data, taken }: Begun): void {
  print(
    `${bold(run.config.recipe.model)}, ${grouped(model.parameterCount)} parameters, on ${describeData(data)}`,
  )
  print(`${taken === 0 ? "run" : `going on after ${grouped(taken)} steps`}: ${run.folder}`)
}

function printLosses(
  { run, model, data }: Begun,
  { accuracy, ...losses }: Extract<TrainingEvent, { kind: "evaluated" }>,
): void {
  const name = `${run.config.recipe.model}, ${grouped(model.parameterCount)} parameters`
  const rows = [...baselines(data), { name, ...losses }].map(({ name, train, validation }) => [
    name,
    train.toFixed(4),
    validation.toFixed(4),
  ])
  const unit = "clips" in data ? "sample" : "symbol"
  print(`\n${table([[`loss, nats a ${unit}`, "train", "validation"], ...rows])}`)
  if (accuracy !== undefined)
    print(`\nOf the validation part the ${data.foretold?.name} of ${percent(accuracy)} is foretold rightly.`)
}

function printSamples(
  { samples, sampleLabels = [] }: Extract<TrainingEvent, { kind: "sampled" }>,
  { parts }: PreparedText,
  { folder, config }: Run,
): void {
  const [train, validation, test] = [parts.train.lines, parts.validation.lines, parts.test.lines]
  const found = noveltyOf(samples, { train, validation, test })
  const unknown = found.filter(({ found }) => found === "new").length
  print(`\n${samples.length} made by it, ${unknown} of them new:\n`)
  const width = Math.max(...samples.map((sample) => sample.length))
  const labelWidth = Math.max(0, ...sampleLabels.map((label) => label.length))
  for (const [k, { thing, found: where }] of found.entries()) {
    const label = labelWidth > 0 ? `${sampleLabels[k].padEnd(labelWidth)}   ` : ""
    print(
      `  ${label}${thing.padEnd(width)}   ${where === "new" ? green("new") : dim(`in the ${where} part`)}`,
    )
  }
  const label = config.condition?.values.find((value) => /^[\w-]+$/.test(value)) // one that needs no quotes
  const asked = label === undefined ? "" : ` --condition ${label}`
  printNext(folder, `sample ${folder}${asked} --count 100 --temperature 0.8`, {
    plot: !isCounted(config.recipe),
  })
}

function printSounds(sounds: readonly WrittenSound[], { folder }: Run): void {
  print(`\nA second made by it, of each voice that there is:\n\n${formatSounds(sounds)}\n`)
  for (const { wav, svg } of sounds) print(`  ${wav}, its spectrogram ${svg}`)
  printNext(folder, `sample ${folder} --seconds 5 --temperature 0.9 --out babble.wav`)
}

function printNext(folder: string, sample: string, { plot = true } = {}): void {
  print(`\nThe run is in ${bold(folder)}. Try next:`)
  for (const next of [sample, `evaluate ${folder}`, `inspect ${folder}`, ...(plot ? [`plot ${folder}`] : [])])
    print(`  ${commandLine(next)}`)
}
