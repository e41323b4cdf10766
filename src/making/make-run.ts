/**
 * From a list to things like those on it, with nothing to decide. A network that knows names, places and words already is tuned to the
 * list; folds of the list say for how long, and how to mix it with counts; then it is trained on all lines, as an ordinary run.
 *
 *   lines ─ folds ┬ counts of n-grams ┬ choice: steps, n-grams, weight ─ run on all lines ─ samples that are new
 *                 └ learning curves ──┘
 *
 * A list that is long enough is split instead, and the run keeps the model with the lowest validation loss.
 */

import { STANDARD_INPUT } from "../data/disk.ts"
import { folds } from "../data/folds.ts"
import { type Inventory, inventoryOf } from "../data/inventory.ts"
import type { Text } from "../data/text.ts"
import { UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { otherCapitals, startOf } from "../runs/corpora/text-wishes.ts"
import { KEPT_LIST } from "../runs/data-place.ts"
import { requireFreshFolder } from "../runs/fresh-folder.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { Metrics } from "../runs/metrics.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import type { RecipeName } from "../runs/recipes.ts"
import { type Run, requireRoom } from "../runs/run.ts"
import { runTraining, type TrainingRequest } from "../runs/run-training.ts"
import { NGRAM, type Settings } from "../runs/settings.ts"
import type { Store } from "../runs/store.ts"
import { checkWishes } from "../sampling/wishes.ts"
import { type Choice, choose, chooseCounts, countFolds } from "./choose.ts"
import { fitting } from "./fitting.ts"
import { learningCurve } from "./learning-curve.ts"
import { type Request, requirePossible } from "./possible.ts"
import { learningCurves } from "./threads.ts"

export interface MakeOptions extends Pick<TrainingRequest, "out" | "notice"> {
  /** How long to train, at most. */
  readonly seconds?: number
  /** Of the samples that say how much is new. */
  readonly temperature?: number
  readonly seed?: number
  /** Of the lines, if it is at hand. */
  readonly inventory?: Inventory
  /** Where the lines are from, as settings of a run. By default the run keeps the lines. */
  readonly data?: Settings
  /** What will be asked of the samples: what cannot be is told before anything is trained. */
  readonly request?: Request
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Receives a stage of the work and the fraction of it that is done. */
  readonly onStage?: (stage: string, done: number) => void
}

export interface Made {
  readonly run: Run
  readonly settings: Settings
  /** In nats per symbol, on lines that were held out. */
  readonly validation: number
  /** How many folds the choice rests on; undefined for a split. */
  readonly folds?: number
  /** Whether more time would have given a better network. */
  readonly hurried?: boolean
  /** The part of what it draws that is not on the list, in upper or lower case. */
  readonly new: number
  readonly seconds: number
}

/** The part of the time that folds may take. The rest is for the training on all lines. */
const PART_FOR_FOLDS = 0.6

/** Above so many different lines one split says enough; and above so many with their copies, folds take too long. */
const [MOST_FOLDED, MOST_WITH_COPIES] = [2500, 10_000]

export async function makeRun(text: Text, options: MakeOptions = {}): Promise<Made> {
  const { seconds = 20, seed = 42, out, request = {}, onStage = () => {} } = options
  const { inventory = inventoryOf(text.lines) } = options
  const begin = performance.now()
  const deadline = begin + 1000 * seconds
  if (inventory.different < 2) {
    const found = text.lines.length === 1 ? "there is only one line" : "all lines are equal"
    throw new UserError(`${text.name}: ${found}: give two different ones, better a hundred`)
  }
  const data = { data: STANDARD_INPUT, ...options.data }
  const settings = { ...(await fitting(inventory, { seconds })), ...data, seed, splitSeed: seed }
  await requirePossible(inventory, settings, request)
  const capitals = otherCapitals(startOf(request), text.lines)
  if (capitals !== undefined) options.notice?.(capitals)
  await (out === undefined ? requireFreshFolder() : requireRoom(out))
  const isLong = inventory.different > MOST_FOLDED || text.lines.length > MOST_WITH_COPIES
  const made = isLong ? bySplit : byFolds
  return {
    ...(await made(text, settings, { ...options, inventory, seconds, begin, deadline, onStage })),
    seconds: (performance.now() - begin) / 1000,
  }
}

type Resolved = MakeOptions &
  Required<Pick<MakeOptions, "inventory" | "seconds" | "onStage">> & { begin: number; deadline: number }

async function byFolds(text: Text, settings: Settings, options: Resolved): Promise<Omit<Made, "seconds">> {
  const { inventory, begin, deadline, seconds, onStage, threads, signal } = options
  const { different, vocabulary, longest } = inventory
  const count = different > 1000 ? 3 : 5
  const parts = folds(text, { count, seed: settings.splitSeed })
  const counted = countFolds(parts, vocabulary)
  let choice: Choice = chooseCounts(counted)
  let hurried = false
  if (settings.model !== NGRAM) {
    const until = begin + PART_FOR_FOLDS * 1000 * seconds
    const stage = `trying ${parts.length} folds`
    const curves = await learningCurves(
      parts.map(({ train, held }) => ({
        settings,
        lines: train.lines,
        held: held.lines,
        symbols: vocabulary.toJSON(),
        longestLine: longest,
      })),
      {
        ...{ threads, signal },
        milliseconds: until - performance.now(),
        onStep: () => onStage(stage, Math.min(1, (performance.now() - begin) / (until - begin))),
      },
    )
    onStage(stage, 1)
    const pace = Math.max(...curves.map(({ secondsPerStep }) => secondsPerStep))
    const most = Math.max(10, (deadline - performance.now() - FINISH_MILLISECONDS) / 1000 / pace)
    choice = choose(counted, curves, most)
    hurried = curves.some((curve) => curve.hurried) || (choice.steps ?? 0) > HURRIED * most
  }
  const { steps, mixOrder, mixWeight, validation } = choice
  const split = "100,0,0"
  const given: Settings =
    steps === undefined
      ? { ...forCounts(settings), split, model: NGRAM, order: mixOrder }
      : { ...settings, split, steps, mixOrder, mixWeight }
  const folded = { validation, folds: parts.length, lines: text.lines.length }
  return { ...(await train(text, given, options, folded)), validation, folds: parts.length, hurried }
}

/** The network would be trained for longer if there were time for more steps than this part of all. */
const HURRIED = 0.8

/** The settings that an n-gram model has too. */
const forCounts = ({ data, column, noHeader, maximumLineLength, seed, splitSeed }: Settings): Settings => ({
  ...{ data, column, noHeader, maximumLineLength, seed, splitSeed },
})

/** For compiling, keeping and sampling after the last step. */
const FINISH_MILLISECONDS = 2500

/** The order of the counts where a list is too long to try each. */
const LONG_LIST_ORDER = 6

/** Above so many lines counting takes minutes, and adds little to a network that has seen so much. */
const MOST_COUNTED = 200_000

async function bySplit(text: Text, settings: Settings, options: Resolved): Promise<Omit<Made, "seconds">> {
  const { inventory, deadline, onStage, signal } = options
  const { lines } = text
  const held = Math.min(2000, Math.round(lines.length / 10))
  const percent = Number(((100 * held) / lines.length).toFixed(2))
  const split = `${Number((100 - percent).toFixed(2))},${percent},0`
  if (settings.model === NGRAM)
    return train(text, { ...forCounts(settings), split, model: NGRAM, order: LONG_LIST_ORDER }, options)
  onStage("measuring the pace", 0)
  const { secondsPerStep } = await learningCurve(
    {
      settings: { ...settings, steps: 10 },
      lines: lines.slice(0, 1000),
      held: lines.slice(0, 2),
      symbols: inventory.vocabulary.toJSON(),
      longestLine: inventory.longest,
      milliseconds: 0,
    },
    { signal },
  )
  onStage("measuring the pace", 1)
  const left = (deadline - performance.now() - FINISH_MILLISECONDS) / 1000
  const steps = Math.max(10, Math.floor((0.88 * left) / secondsPerStep))
  const given: Settings = {
    ...settings,
    split,
    steps,
    schedule: "cosine",
    warmup: Math.min(50, steps),
    ema: 0.99,
    // The model's own recipe has no counts.
    ...(lines.length <= MOST_COUNTED
      ? { mixOrder: LONG_LIST_ORDER }
      : { recipe: settings.model as RecipeName }),
    evaluateEvery: Math.ceil(steps / 8),
    patience: 3,
  }
  return train(text, given, options)
}

async function train(
  text: Text,
  settings: Settings,
  { out, notice, onStage, temperature, signal = new AbortController().signal }: Resolved,
  folded?: Pick<Metrics, "validation" | "folds" | "lines">,
): Promise<Omit<Made, "seconds" | "folds">> {
  const interrupts = () => ({ signal, release() {} })
  let run: Run | undefined
  let validation = Number.NaN
  const request = { given: settings, out, notice, interrupts, brief: true, loading: { text } }
  for await (const event of runTraining(request)) {
    if (event.kind === "begun") {
      run = event.run
      // Now, so that the run resumes after Ctrl-C, whatever became of the file.
      await run.store.write(KEPT_LIST, `${text.lines.join("\n")}\n`)
    } else if (event.kind === "progress") onStage("training", event.progress.step / (settings.steps ?? 1))
    else if (event.kind === "trained" && folded) await run!.log({ step: event.steps, ...folded })
    else if (event.kind === "validated") validation = event.validation ?? Number.NaN
  }
  onStage("training", 1)
  return { run: run!, settings, validation, new: await newPart(run!.store, text, temperature) }
}

/** So many samples say how much is new; at temperature 0 all are equal. */
const SAMPLES = 100

async function newPart(store: Store, { lines }: Text, temperature?: number): Promise<number> {
  const { model, config, vocabulary } = await openAnyModel(store)
  const runtime = runtimeOf(config.recipe)
  const sampler = await learnerOf(config.recipe).openSampler(model, { batchSize: 25, runtime })
  const checks = checkWishes({ known: lines }, vocabulary).others.filter(({ listed }) => listed)
  const generator = new Generator(config.recipe.seed)
  const count = temperature === 0 ? 1 : SAMPLES
  let fresh = 0
  try {
    for await (const ids of sampler.sample({ count, temperature, generator }))
      if (checks.every(({ met }) => met(ids, vocabulary.decode(ids)))) fresh++
    return fresh / count
  } finally {
    await sampler.release()
  }
}
