/**
 * A benchmark of searches: losses as networks have them, as a formula of seven settings, two of which apply to one optimizer each. The
 * best learning rate of SGD depends on its momentum, and losses at few steps favour high learning rates. Two workers share the trials.
 */
import { type OnRung, type Point, promotable, type Search, type Space } from "../../src/experiments/index.ts"
import { Generator } from "../../src/random/torch.ts"

export const space: Space = {
  recipe: {},
  parameters: [
    { name: "learningRate", distribution: { distribution: "logUniform", min: 1e-4, max: 1 } },
    { name: "hidden", distribution: { distribution: "logIntUniform", min: 16, max: 256 } },
    { name: "layers", distribution: { distribution: "intUniform", min: 1, max: 6 } },
    { name: "ema", distribution: { distribution: "uniform", min: 0, max: 0.99 } },
    { name: "optimizer", distribution: { values: ["sgd", "adamw"] } },
    {
      name: "momentum",
      distribution: { distribution: "uniform", min: 0, max: 0.99 },
      when: { optimizer: ["sgd"] },
    },
    {
      name: "weightDecay",
      distribution: { distribution: "logUniform", min: 1e-3, max: 1 },
      when: { optimizer: ["adamw"] },
    },
  ],
}

/** Of a full training. */
export const STEPS = 2000

/** The standard deviation of a measured loss. */
const NOISE = 0.01

/** The expected loss at a point after so many steps. */
function lossAt(point: Point, steps: number): number {
  const { learningRate, hidden, layers, ema, optimizer, momentum, weightDecay } = point as Record<
    string,
    number
  >
  const isSgd = (optimizer as unknown) === "sgd"
  const best = Math.log10(isSgd ? 0.2 * (1 - momentum) : 0.003)
  const rate = Math.log10(learningRate) - best
  const size = 0.3 * (Math.log2(hidden / 100) / 4) ** 2 + 0.02 * (layers - 3) ** 2
  const decay = isSgd ? 0.05 : 0.02 * (Math.log10(weightDecay) + 1) ** 2
  const speed = (0.05 + Math.exp(-((rate - 0.2) ** 2))) / 20
  return 1.95 + size + decay + 0.1 * (ema - 0.7) ** 2 + 0.1 * rate ** 2 + 1.5 * (1 + speed * steps) ** -0.6
}

interface Options {
  /** The steps at which trials are compared, the last those of a full training. */
  readonly rungs: readonly number[]
  readonly eta: number
  /** Of all trials together. */
  readonly budget: number
  readonly seed: number
}

/** The expected loss, after a full training, of the point that a sweep finds. */
export function found(search: Search, { rungs, eta, budget, seed }: Options): number {
  const [random, noise] = [new Generator(seed), new Generator(1000 + seed)]
  const trials: { point: Point; value?: number; steps?: number }[] = []
  const results: OnRung[][] = rungs.map(() => [])
  const workers = [0, 1].map(() => ({ freeAt: 0, finish: () => {} }))
  for (let left = budget; ; ) {
    const worker = workers.reduce((a, b) => (b.freeAt < a.freeAt ? b : a))
    worker.finish()
    const { trial, rung } = promotable(results, eta) ?? { trial: `${trials.length}`, rung: 0 }
    const cost = rungs[rung] - (rungs[rung - 1] ?? 0)
    left -= cost
    if (left < 0) break
    if (rung === 0) trials.push({ point: search.ask(trials, random)! })
    const { point } = trials[Number(trial)]
    const at = results[rung].push({ trial }) - 1
    worker.freeAt += cost
    worker.finish = () => {
      const value = lossAt(point, rungs[rung]) + NOISE * noise.nextNormal()
      results[rung][at] = { trial, value }
      trials[Number(trial)] = { point, value, steps: rungs[rung] }
    }
  }
  const last = results.at(-1)!.filter(({ value }) => value !== undefined)
  const best = last.reduce((a, b) => (b.value! < a.value! ? b : a))
  return lossAt(trials[Number(best.trial)].point, STEPS)
}
