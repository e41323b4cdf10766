/**
 * The learning curve of a network on lines that are held out: how well it predicts them after more and more steps. It is a job that needs
 * nothing but numbers and texts, so that it can be done on another thread.
 */
import { Vocabulary } from "../data/tokenizers/characters.ts"
import { Generator } from "../random/torch.ts"
import { openOrigin, withOrigin } from "../runs/origin.ts"
import { createModel, createOptimizer, createSchedule, resolveRecipe } from "../runs/recipe.ts"
import type { Settings } from "../runs/settings.ts"
import { textRows } from "../runs/text-rows.ts"
import { warmStart } from "../runs/warm-start.ts"
import { openEvaluator } from "../training/evaluate.ts"
import { train } from "../training/train.ts"

export interface CurveJob {
  /** How the network is trained. */
  readonly settings: Settings
  readonly lines: readonly string[]
  readonly held: readonly string[]
  /** The symbols of the whole list. */
  readonly symbols: readonly string[]
  readonly longestLine: number
  /** How long it may take; at least one point is measured. */
  readonly milliseconds: number
}

export interface Curve {
  readonly points: readonly Point[]
  /** The time of a training step without evaluations. */
  readonly secondsPerStep: number
  /** Whether the time was up while the network still got better. */
  readonly hurried: boolean
}

export interface Point {
  readonly step: number
  /** -ln p of each symbol and stop of the held lines, in their order. */
  readonly losses: Float32Array
}

/** Evaluations without improvement after which a curve ends. */
const PATIENCE = 4

/** The steps at which a network is evaluated: the first ones, then each a quarter more than the one before. */
export const evaluatedSteps = (most: number): number[] => {
  const steps: number[] = []
  for (let step = 10; step < most; step += Math.max(10, Math.round(step / 40) * 10)) steps.push(step)
  return [...steps, most]
}

export interface CurveOptions {
  /** Receives the step after each evaluation. */
  readonly onStep?: (step: number) => void
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal
}

/** The most steps between two looks at the signal. */
const AT_ONCE = 10

export async function learningCurve(
  { settings: given, lines, held, symbols, longestLine, milliseconds }: CurveJob,
  { onStep = () => {}, signal }: CurveOptions = {},
): Promise<Curve> {
  const deadline = performance.now() + milliseconds
  const origin = given.from === undefined ? undefined : await openOrigin(given.from)
  const recipe = resolveRecipe(withOrigin(given, origin), { longestLine })
  const { steps, batchSize, clipNorm, ema, seed } = recipe
  const vocabulary = Vocabulary.fromJSON(symbols)
  const codec = { vocabulary }
  const generator = new Generator(seed)
  const model = createModel(recipe, vocabulary.size).initialize(generator)
  if (origin) warmStart(model, codec, origin)
  const own = textRows(model, { lines }, codec, recipe)
  const others = textRows(model, { lines: held }, codec, recipe)
  const training = train(model, own, {
    ...{ steps, batchSize, clipNorm, ema, generator },
    optimizer: createOptimizer(recipe),
    rate: createSchedule(recipe),
  })
  const evaluator = await openEvaluator(model, others)
  const points: Point[] = []
  let [best, since, seconds] = [Infinity, 0, 0]
  try {
    await training.compile()
    for (const step of evaluatedSteps(steps)) {
      const begin = performance.now()
      while (training.step < step) {
        signal?.throwIfAborted()
        await training.advance(Math.min(step, training.step + AT_ONCE))
      }
      seconds += (performance.now() - begin) / 1000
      const losses = await training.averaged(() => evaluator.lossPerTarget())
      const counted = losses.filter((_, k) => others.targets.data[k] >= 0)
      points.push({ step, losses: counted })
      onStep(step)
      const mean = counted.reduce((sum, loss) => sum + loss, 0) / counted.length
      if (!(mean < best)) since++
      else [best, since] = [mean, 0]
      if (since >= PATIENCE || performance.now() > deadline) break
    }
    const hurried = since === 0 && training.step < steps
    return { points, secondsPerStep: seconds / training.step, hurried }
  } finally {
    await training.release()
    await evaluator.release()
  }
}
