/**
 * What `npm run lists` compares on lines that nothing was chosen by: `make`, n-grams of every order, and networks that stop by a
 * validation part of their own, from scratch and from the base.
 */
import { NGram } from "../../src/counting/ngram.ts"
import { longest } from "../../src/data/dataset.ts"
import { parseLines } from "../../src/data/text.ts"
import { Vocabulary } from "../../src/data/tokenizers/characters.ts"
import { makeRun } from "../../src/making/make-run.ts"
import { Generator } from "../../src/random/torch.ts"
import { learnerOf } from "../../src/runs/learners/index.ts"
import { memoryStore } from "../../src/runs/memory-store.ts"
import { openAnyModel } from "../../src/runs/open-model.ts"
import { runtimeOf } from "../../src/runs/recipe.ts"
import { runTraining } from "../../src/runs/run-training.ts"
import type { Settings } from "../../src/runs/settings.ts"
import type { Store } from "../../src/runs/store.ts"

export interface Lists {
  readonly train: readonly string[]
  readonly test: readonly string[]
}

export interface Score {
  /** In nats per symbol, on the test lines. */
  readonly loss: number
  readonly seconds: number
  /** The part of the samples that is not among the training lines. */
  readonly new?: number
  /** What was chosen. */
  readonly settings?: Settings
}

export type Contender = (lists: Lists, seed: number) => Promise<Score>

const SECONDS = 20

async function make({ train, test }: Lists, seed: number): Promise<Score> {
  const begin = performance.now()
  const { run, settings } = await makeRun(textOf(train), { seconds: SECONDS, seed, out: memoryStore() })
  const seconds = (performance.now() - begin) / 1000
  return { ...(await scoreOf(run.store, train, test)), seconds, settings }
}

/** A network that is trained until its loss on a tenth of the lines gets no better. */
const network =
  (settings: Settings): Contender =>
  async ({ train, test }, seed) => {
    const begin = performance.now()
    const out = memoryStore()
    const every = Math.max(10, Math.min(100, Math.round(train.length / 40)))
    const given = {
      ...settings,
      data: "-",
      split: "90,10,0",
      seed,
      splitSeed: seed,
      steps: 2000,
      evaluateEvery: every,
      patience: 6,
    }
    for await (const _ of runTraining({ given, out, loading: { text: textOf(train) } }));
    const seconds = (performance.now() - begin) / 1000
    return { loss: (await scoreOf(out, train, test)).loss, seconds }
  }

const counts =
  (order: number): Contender =>
  async ({ train, test }) => {
    const begin = performance.now()
    const vocabulary = Vocabulary.from(train)
    const encoded = (lines: readonly string[]) => lines.map((line) => vocabulary.encode(line))
    const model = new NGram({ order, vocabularySize: vocabulary.size }).fit(encoded(train))
    return { loss: model.loss(encoded(test)), seconds: (performance.now() - begin) / 1000 }
  }

const networks = ["mlp", "wavenet", "rnn", "gru", "lstm", "transformer", "wavenet-2016"] as const

export const contenders: Readonly<Record<string, Contender>> = {
  make,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`${k + 1}-gram`, counts(k + 1)])),
  "from the base": network({
    recipe: "lecture",
    from: "base",
    optimizer: "adamw",
    learningRate: 0.001,
    schedule: "constant",
    weightDecay: 0.05,
    ema: 0.97,
    clipNorm: 1,
  }),
  ...Object.fromEntries(networks.map((model) => [model, network({ model })])),
}

const textOf = (lines: readonly string[]) => parseLines(lines.join("\n"))

/** The test lines that every contender can read: of known symbols, and no longer than the longest line for training. */
export function readable(train: readonly string[], test: readonly string[]): string[] {
  const known = new Set(Vocabulary.from(train).symbols.slice(1))
  const most = longest(train)
  return test.filter(
    (line) =>
      longest([line]) <= most &&
      Vocabulary.from([line])
        .toJSON()
        .every((each) => known.has(each)),
  )
}

const SAMPLES = 200

async function scoreOf(
  store: Store,
  train: readonly string[],
  test: readonly string[],
): Promise<{ loss: number; new: number }> {
  const { model, config, ...codec } = await openAnyModel(store)
  const [learner, runtime] = [learnerOf(config.recipe), runtimeOf(config.recipe)]
  const losses = await learner.lossPerLine(model, { lines: [...test] }, codec, { runtime })
  const [nats, symbols] = losses.reduce(
    ([nats, symbols], each) => [nats + each.nats, symbols + each.symbols],
    [0, 0],
  )
  const sampler = await learner.openSampler(model, { batchSize: 32, runtime })
  const known = new Set(train)
  let fresh = 0
  for await (const ids of sampler.sample({ count: SAMPLES, generator: new Generator(1) }))
    if (!known.has(codec.vocabulary.decode(ids))) fresh++
  await sampler.release()
  return { loss: nats / symbols, new: fresh / SAMPLES }
}
