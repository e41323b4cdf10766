/**
 * A mixture of a network and counts: its probabilities are those of the formula, its weight is the best one, and a run of it is trained,
 * resumed, evaluated and sampled like any other.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Mixture, NGram } from "../src/counting/index.ts"
import { STOP } from "../src/data/index.ts"
import { type Model, models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import type { Part } from "../src/runs/corpora/corpus.ts"
import { kindOf } from "../src/runs/corpora/index.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { fitCounts } from "../src/runs/learners/counts.ts"
import { learnerOf } from "../src/runs/learners/index.ts"
import { openAnyModel, openModel } from "../src/runs/open-model.ts"
import { readRun } from "../src/runs/run.ts"
import { runTraining, type TrainingEvent, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { openMixtureSampler, probabilities, type SampleOptions } from "../src/sampling/index.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { makewaveHere } from "./command-line.ts"

const V = 4
const lines = [
  [1, 2, 3],
  [1, 2],
  [3, 1, 2],
  [2, 2],
  [1, 3, 3, 1],
]

/** Models of each kind: one that steps endlessly, one with a cache, one without state, one that reads windows. */
const networks: Record<string, () => Model> = {
  gru: () => new models.gru({ vocabularySize: V, contextLength: 6, embedding: 3, hidden: 4 }),
  transformer: () =>
    new models.transformer({ vocabularySize: V, contextLength: 6, layers: 1, heads: 1, embedding: 4 }),
  bigram: () => new models.bigram({ vocabularySize: V, contextLength: 6 }),
  flat: () => new models.flat({ vocabularySize: V, contextLength: 2, embedding: 3, hidden: 4 }),
}

/** A network far from uniform, and counts, mixed half and half. */
function mixtureOf(network: Model, weight = 0.5): Mixture {
  const random = new Generator(5)
  for (const parameter of network.parameters()) parameter.data = random.randn(parameter.size)
  return new Mixture({ network, counts: new NGram({ order: 3, vocabularySize: V }).fit(lines), weight })
}

/** The same with a weight for each bin, far apart. */
function byFrequency(network: Model): Mixture {
  const mixture = mixtureOf(network)
  mixture.weightsByBin = Array.from({ length: mixture.counts.contextBins.count }, (_, bin) =>
    bin % 2 ? 0.2 : 0.9,
  )
  return mixture
}

/** By how often the two symbols before a place occur there in `lines`, and by how many places there are. */
function binAfter(ids: readonly number[]): number {
  const places = lines.flatMap((line) =>
    Array.from({ length: line.length + 1 }, (_, at) => [STOP, STOP, ...line.slice(0, at)].slice(-2).join()),
  )
  const last = [STOP, STOP, ...ids].slice(-2).join()
  return Math.ceil(-Math.log((1 + places.filter((each) => each === last).length) / places.length))
}

/** The formula in double precision: the network's logits by the interpreter, softmax, and the weighted sum. */
function naive({ network, counts, ...mixture }: Mixture, ids: readonly number[]): number[] {
  const weight = mixture.weightsByBin?.[binAfter(ids)] ?? mixture.weight
  const T = network.contextLength
  const padded = [...Array<number>(T).fill(STOP), ...ids].slice(-T)
  const row = network.reads === "windows" ? padded : [STOP, ...ids]
  const logits = [...interpret([network.eval().forward(Tensor.constant(row, [1, row.length], "int32"))])[0]]
  const last = logits.slice(-V)
  const sum = last.reduce((total, logit) => total + Math.exp(logit), 0)
  const counted = counts.probabilities(ids)
  return last.map((logit, symbol) => (weight * Math.exp(logit)) / sum + (1 - weight) * counted[symbol])
}

async function sampled(mixture: Mixture, options: SampleOptions, batchSize = 1): Promise<number[][]> {
  const sampler = await openMixtureSampler(mixture, { batchSize })
  const made: number[][] = []
  for await (const ids of sampler.sample(options)) made.push(ids)
  await sampler.release()
  return made
}

describe("the formula", () => {
  test("ln p of a symbol is that of the weighted sum", () => {
    const mixture = mixtureOf(networks.gru(), 0.3)
    const logits = Float32Array.of(2, -1, 0.5, -3)
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    const counted = mixture.counts.probabilities([1, 2])
    const mixed = Array.from(logits, (logit, k) => (0.3 * Math.exp(logit)) / sum + 0.7 * counted[k])
    expect(mixed.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    for (const symbol of logits.keys()) {
      const [p, q] = [Math.log(Math.exp(logits[symbol]) / sum), Math.log(counted[symbol])]
      expect(mixture.logProbability(p, q)).toBeCloseTo(Math.log(mixed[symbol]), 12)
    }
  })

  test("very small probabilities do not vanish", () => {
    const mixture = mixtureOf(networks.gru(), 0.25)
    expect(mixture.logProbability(-2000, -2001)).toBeCloseTo(-2000 + Math.log(0.25 + 0.75 / Math.E), 9)
  })

  test("the fitted weight is the one with the lowest loss", () => {
    const logs = fc.array(
      fc.tuple(
        fc.double({ min: -8, max: -0.01, noNaN: true }),
        fc.double({ min: -8, max: -0.01, noNaN: true }),
      ),
      { minLength: 1, maxLength: 30 },
    )
    const mixture = mixtureOf(networks.gru())
    fc.assert(
      fc.property(logs, (pairs) => {
        const [ofNetwork, ofCounts] = [pairs.map(([p]) => p), pairs.map(([, q]) => q)]
        const lossAt = (weight: number) => {
          mixture.weight = weight
          return pairs.reduce((sum, [p, q]) => sum - mixture.logProbability(p, q), 0) / pairs.length
        }
        const { weight } = mixture.fitWeight(ofNetwork, ofCounts)
        const fitted = lossAt(weight)
        for (let k = 0; k <= 100; k++) expect(fitted).toBeLessThanOrEqual(lossAt(k / 100) + 1e-9)
      }),
    )
  })

  test("a network that is always better, or never, gets all of the weight or none, exactly", () => {
    const mixture = mixtureOf(networks.gru())
    expect(mixture.fitWeight([-1, -2], [-3, -2.5]).weight).toBe(1)
    expect(mixture.fitWeight([-3, -900], [-1, -2]).weight).toBe(0)
    expect(() => mixture.fitWeight([], [])).toThrow(/fitWeight: 0 symbols/)
    expect(() => mixture.fitWeight([-1], [-1, -2])).toThrow(/1 symbols of the network and 2/)
  })

  test("parts of different vocabularies, and a weight out of range, are refused", () => {
    const network = networks.gru()
    const counts = new NGram({ order: 2, vocabularySize: 9 })
    expect(() => new Mixture({ network, counts })).toThrow(/a network of 4 symbols and counts of 9/)
    const own = new NGram({ order: 2, vocabularySize: V })
    expect(() => new Mixture({ network, counts: own, weight: 1.5 })).toThrow(/weight = 1.5/)
  })

  test("its state gives the same mixture again, and that of a network alone gives the network", () => {
    const mixture = mixtureOf(networks.gru(), 0.25)
    const state = mixture.stateDict()
    const empty = () =>
      new Mixture({ network: networks.gru(), counts: new NGram({ order: 3, vocabularySize: V }) })
    const loaded = empty().loadStateDict(state)
    expect(loaded.weight).toBe(0.25)
    expect(loaded.stateDict()).toEqual(state)
    expect(loaded.parameterCount).toBe(mixture.network.parameterCount + mixture.counts.parameterCount)
    expect(empty().loadStateDict(mixture.network.stateDict()).weight).toBe(1)
    const byBin = byFrequency(networks.gru())
    const again = empty().loadStateDict(byBin.stateDict())
    expect(again.weightsByBin).toEqual(byBin.weightsByBin!.map(Math.fround))
    expect(again.stateDict()).toEqual(byBin.stateDict())
    expect(again.loadStateDict(state).weightsByBin).toBeUndefined()
  })

  test("weights by bin: ln p is that of the bin's, the mean is over the symbols, and one weight replaces them", () => {
    const mixture = byFrequency(networks.gru())
    for (const ids of [[], [1], [1, 2], [3, 3], [2, 2, 2]]) {
      const weight = binAfter(ids) % 2 ? 0.2 : 0.9
      expect(mixture.weightAfter(ids)).toBe(weight)
      expect(mixture.logProbability(-1, -2, mixture.counts.binAfter(ids))).toBeCloseTo(
        Math.log(weight * Math.exp(-1) + (1 - weight) * Math.exp(-2)),
        12,
      )
    }
    const bins = Int32Array.from({ length: 400 }, (_, m) => (m % 4 === 0 ? 0 : 1))
    const ofNetwork = Float64Array.from(bins, (bin, m) => (bin === 0 ? -1 : -3) + (m % 3) / 2)
    const ofCounts = Float64Array.from(bins, (_, m) => -2 - (m % 5) / 4)
    const { weightsByBin, weight } = mixture.fitWeightsByBin(ofNetwork, ofCounts, bins)
    expect(weightsByBin![0]).toBeGreaterThan(0.9)
    expect(weightsByBin![1]).toBeLessThan(0.7)
    expect(weight).toBeCloseTo(0.25 * weightsByBin![0] + 0.75 * weightsByBin![1], 6)
    const loss = () =>
      ofNetwork.reduce((sum, log, m) => sum - mixture.logProbability(log, ofCounts[m], bins[m]), 0)
    const byBin = loss()
    expect(mixture.fitWeight(ofNetwork, ofCounts).weightsByBin).toBeUndefined()
    expect(byBin).toBeLessThan(loss())
  })
})

test("counts that fit in no checkpoint are refused while they are counted", () => {
  const counts = () => new NGram({ order: 3, vocabularySize: V })
  const numbers: number[] = []
  const model = counts().fit(lines, { onTable: (number) => numbers.push(number) })
  expect(numbers).toHaveLength(3)
  expect(numbers.at(-1)).toBe(
    Object.values(model.stateDict()).reduce((sum, { data }) => sum + data.length, 0),
  )
  const corpus = { sequences: (part: Part) => (part === "train" ? lines : []) }
  const fitted = (besides: number) => fitCounts(counts(), corpus, { besides, mixed: true })
  expect(fitted(0).stateDict()).toEqual(model.stateDict())
  expect(() => fitted(600_000_000)).toThrow(
    /the counts of order 3: the checkpoint would have 2.4 GB, .*: give a lower --mix-order/,
  )
})

const mixtures: [string, () => Mixture][] = [
  ...Object.entries(networks).map(([name, network]): [string, () => Mixture] => [
    name,
    () => mixtureOf(network()),
  ]),
  ["gru, by frequency", () => byFrequency(networks.gru())],
  ["flat, by frequency", () => byFrequency(networks.flat())],
]

describe.each(mixtures)("samples of a mixture with a %s", (_, create) => {
  test.each([1, 5])("are distributed as the formula says, %i at a time", async (batchSize) => {
    const mixture = create()
    const count = 4000
    const found = await sampled(mixture, { count, generator: new Generator(1), maximumLength: 5 }, batchSize)
    expect(found).toHaveLength(count)
    // Each prefix that is common enough: how often each symbol follows it.
    const prefixes = Map.groupBy(
      found.flatMap((ids) =>
        Array.from({ length: Math.min(5, ids.length + 1) }, (_, at) => ({
          before: ids.slice(0, at),
          next: ids[at] ?? STOP,
        })),
      ),
      ({ before }) => before.join(),
    )
    let tested = 0
    for (const follow of prefixes.values()) {
      if (follow.length < 100) continue
      const expected = naive(mixture, follow[0].before)
      for (const [symbol, p] of expected.entries()) {
        const share = follow.filter(({ next }) => next === symbol).length / follow.length
        const deviation = Math.sqrt((p * (1 - p)) / follow.length)
        expect(Math.abs(share - p)).toBeLessThan(4.5 * deviation + 1e-9)
        tested++
      }
    }
    expect(tested).toBeGreaterThan(4 * V)
  })

  test("equal those drawn from the formula symbol for symbol, with every choice and a prompt", async () => {
    for (const choice of [
      {},
      { temperature: 0.7 },
      { topK: 2 },
      { topP: 0.6 },
      { temperature: 0 },
      { temperature: 1.4, topK: 3, topP: 0.9 },
    ]) {
      const mixture = create()
      const generator = new Generator(3)
      const expected = Array.from({ length: 6 }, () => {
        const ids = [2, 1]
        while (ids.length < 5) {
          const logits = Float32Array.from(naive(mixture, ids), Math.log)
          const next = generator.multinomial(probabilities(logits, choice), 1)[0]
          if (next === STOP) break
          ids.push(next)
        }
        return ids
      })
      const options = { ...choice, count: 6, prompt: [2, 1], maximumLength: 5, generator: new Generator(3) }
      expect(await sampled(mixture, options)).toEqual(expected)
    }
  })

  test("may be longer than the network's context", async () => {
    const mixture = create()
    const options = { count: 3, maximumLength: 20, topK: 1, prompt: [1, 1, 1, 1, 1, 1, 1, 1] }
    for (const ids of await sampled(mixture, options)) expect(ids.slice(0, 8)).toEqual(options.prompt)
  })
})

describe("a run", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "makewave-mixture-"))
    const syllables = ["ba", "be", "ka", "ki", "mo"]
    const things = syllables.flatMap((a) => syllables.map((b) => a + b + (a < b ? a : "")))
    writeFileSync(join(folder, "things.txt"), `${things.join("\n")}\n`)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const at = (name: string) => join(folder, name)
  const given = (more: Settings = {}): Settings => ({
    data: at("things.txt"),
    recipe: "lecture",
    model: "gru",
    embedding: 3,
    hidden: 5,
    steps: 30,
    checkpointEvery: 10,
    evaluateEvery: 10,
    batchSize: 8,
    optimizer: "adamw",
    learningRate: 0.02,
    mixOrder: 3,
    ...more,
  })

  async function eventsOf(request: TrainingRequest, until = Infinity): Promise<TrainingEvent[]> {
    const events: TrainingEvent[] = []
    for await (const event of runTraining({ ...request, every: 5 })) {
      events.push(event)
      if (event.kind === "progress" && event.progress.step >= until) break
    }
    return events
  }

  const evaluated = (events: readonly TrainingEvent[]) => {
    const found = events.find(({ kind }) => kind === "evaluated")
    return found as Extract<TrainingEvent, { kind: "evaluated" }>
  }

  test("trains the network as it would alone; its loss is that of the formula, and no weight has a lower one", async () => {
    const mixed = evaluated(await eventsOf({ given: given(), out: at("mixed") }))
    await eventsOf({ given: given({ mixOrder: undefined }), out: at("alone") })
    const model = (await openAnyModel(at("mixed"))).model as Mixture
    expect(model).toBeInstanceOf(Mixture)
    const { config, checkpoint } = await readRun(at("alone"))
    expect(model.network.stateDict()).toEqual(checkpoint.model)
    expect((await openModel(at("mixed"))).model.stateDict()).toEqual(checkpoint.model)

    const corpus = await openText(config.recipe)
    const lines = corpus.sequences("validation").map((ids) => [...ids])
    const counted = new NGram({ order: 3, vocabularySize: corpus.vocabulary.size }).fit(
      corpus.sequences("train"),
    )
    expect(model.counts.stateDict()).toEqual(counted.stateDict())
    const lossAt = (weight: number) => {
      const { network, counts } = model
      const nats = lines.flatMap((ids) =>
        [...ids, STOP].map((symbol, k) => {
          const logits = [
            ...interpret([
              network.eval().forward(Tensor.constant([STOP, ...ids.slice(0, k)], [1, k + 1], "int32")),
            ])[0],
          ].slice(-counts.vocabularySize)
          const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
          return -Math.log(
            (weight * Math.exp(logits[symbol])) / sum +
              (1 - weight) * counts.probabilities(ids.slice(0, k))[symbol],
          )
        }),
      )
      return nats.reduce((a, b) => a + b) / nats.length
    }
    expect(mixed.networkWeight).toBe(model.weight)
    expect(mixed.validation).toBeCloseTo(lossAt(model.weight), 5)
    expect(mixed.networkAlone).toBeCloseTo(lossAt(1), 5)
    expect(mixed.countsAlone).toBeCloseTo(lossAt(0), 5)
    for (const weight of [0, 0.2, 0.4, 0.6, 0.8, 1])
      expect(mixed.validation).toBeLessThan(lossAt(weight) + 1e-5)

    const trained = await openAnyModel(at("mixed"))
    const context = { runtime: {}, notice: () => {} }
    const told: [string, number][] = []
    const { reports } = await kindOf(config.recipe).evaluate(trained, {
      ...context,
      parts: ["train", "validation"],
      onStage: (...stage) => told.push(stage),
    })
    const stages = Map.groupBy(told, ([stage]) => stage)
    expect([...stages.keys()]).toEqual(["evaluating the training part", "evaluating the validation part"])
    for (const each of stages.values()) expect([each[0][1], each.at(-1)![1]]).toEqual([0, 1])
    expect(reports.validation.natsPerSymbol.value).toBeCloseTo(mixed.validation!, 6)
    expect(reports.train.natsPerSymbol.value).toBeCloseTo(mixed.train, 6)
  })

  test.each<[string, Settings]>([
    ["", {}],
    [" with patience", { patience: 2 }],
    [" with an average", { ema: 0.8 }],
    [" with a given weight", { mixWeight: 0.35 }],
    [" with weights by frequency", { mixWeight: "by-frequency" }],
    [" with interpolated counts", { mixSmoothing: "interpolated" }],
  ])("resumed%s, also when it had ended, is as the unbroken one", async (_, more) => {
    const whole = await eventsOf({ given: given(more), out: at("whole") })
    await eventsOf({ given: given(more), out: at("broken") }, 15)
    const between = (await openAnyModel(at("broken"))).model as Mixture
    expect(between.weight).toBe(1)
    const resumed = await eventsOf({ given: {}, resume: at("broken") })
    const endings = (events: readonly TrainingEvent[]) =>
      events.flatMap((event): object[] =>
        event.kind === "evaluated" ? [event] : event.kind === "sampled" ? [event.results.json] : [],
      )
    expect(endings(resumed)).toEqual(endings(whole))
    const checkpointOf = async (run: string) => ({ ...(await readRun(at(run))).checkpoint, seconds: 0 })
    expect(await checkpointOf("broken")).toEqual(await checkpointOf("whole"))
    expect(endings(await eventsOf({ given: {}, resume: at("whole") }))).toEqual(endings(whole))
  })

  test("tells that the network is unused where the fit gives it no weight", async () => {
    const flags = ["--model", "gru", "--hidden", "5", "--embedding", "3", "--steps", "3", "--mix-order", "3"]
    const trained = (...more: string[]) => makewaveHere(["train", "things.txt", ...flags, ...more], folder)
    const diverging = ["--optimizer", "sgd", "--learning-rate", "300"]
    const unused = "The network is unused, since the counts alone are better on the validation part: "
    const { stdout } = await trained("--recipe", "lecture", ...diverging)
    expect(stdout).toContain("mixed: 0.0 % network")
    expect(stdout).toContain(unused)
    expect((await trained("--recipe", "lecture", "--mix-weight", "0")).stdout).not.toContain(unused)
  })

  test("a weight may be given, also later; the order stays", async () => {
    const first = evaluated(await eventsOf({ given: given({ mixWeight: 0.5 }), out: at("run") }))
    expect(first.networkWeight).toBe(0.5)
    const second = evaluated(await eventsOf({ given: { mixWeight: 0 }, resume: at("run") }))
    expect(second.networkWeight).toBe(0)
    const model = (await openAnyModel(at("run"))).model as Mixture
    const { recipe } = (await readRun(at("run"))).config
    const { sequences } = await openText(recipe)
    expect(second.validation).toBeCloseTo(model.counts.loss(sequences("validation")), 10)
    await expect(eventsOf({ given: { mixOrder: 2 }, resume: at("run") })).rejects.toThrow(
      /--mix-order 2: .* which cannot change/,
    )
  })

  test("weights by frequency are about as good as one on a few lines, are kept, described and evaluated, and can be given up", async () => {
    const one = evaluated(await eventsOf({ given: given(), out: at("one") }))
    const found = evaluated(await eventsOf({ given: given({ mixWeight: "by-frequency" }), out: at("run") }))
    expect(found.validation).toBeLessThan(one.validation! + 0.01)
    const trained = await openAnyModel(at("run"))
    const model = trained.model as Mixture
    expect(new Set(model.weightsByBin).size).toBeGreaterThan(1)
    const { natsPerSymbol } = (
      await kindOf(trained.config.recipe).evaluate(trained, {
        runtime: {},
        notice: () => {},
        parts: ["validation"],
      })
    ).reports.validation
    expect(natsPerSymbol.value).toBeCloseTo(found.validation!, 6)
    const { text, json } = learnerOf(trained.config.recipe).describe(model, { batchSize: 8 })
    expect(text).toMatch(
      /Weight of the network: 0\.\d+ on average\n\nLast 2 symbols seen +Weight of the network\n0( to \d+)? +0\.\d/,
    )
    expect(json).toMatchObject({
      networkWeights: model.weightsByBin!.map((weight) => ({ weights: [weight] })),
    })
    evaluated(await eventsOf({ given: { mixWeight: 0.5 }, resume: at("run") }))
    expect(((await openAnyModel(at("run"))).model as Mixture).weightsByBin).toBeUndefined()
  })

  test("counts may be interpolated, which cannot change later", async () => {
    await eventsOf({ given: given({ mixSmoothing: "interpolated" }), out: at("run") })
    const { counts } = (await openAnyModel(at("run"))).model as Mixture
    const { sequences } = await openText((await readRun(at("run"))).config.recipe)
    const counted = new NGram({ order: 3, vocabularySize: counts.vocabularySize, smoothing: "interpolated" })
    counted.fit(sequences("train"), { heldOut: sequences("validation") })
    expect(counts.stateDict()).toEqual(counted.stateDict())
    await expect(eventsOf({ given: { mixSmoothing: "kneser-ney" }, resume: at("run") })).rejects.toThrow(
      /--mix-smoothing kneser-ney: .* which cannot change/,
    )
  })

  test("is exported as it is, but not as a script where that would need more than one weight", async () => {
    await eventsOf({ given: given({ mixWeight: "by-frequency" }), out: at("bins") })
    await eventsOf({ given: given({ mixSmoothing: "interpolated" }), out: at("lengths") })
    const exported = (run: string, file: string) => makewaveHere(["export", run, "--out", file], folder)
    expect((await exported("bins", "a.safetensors")).code).toBe(0)
    expect((await exported("bins", "a.js")).stderr).toMatch(
      /the script mixes with one weight, .*--mix-weight/,
    )
    expect((await exported("lengths", "a.js")).stderr).toMatch(/the script smooths counts by kneser-ney/)
  })

  test("without a validation part needs a weight, and has no validation loss", async () => {
    const whole = given({ split: "100,0,0", evaluateEvery: undefined })
    await expect(eventsOf({ given: whole, out: at("run") })).rejects.toThrow(
      /--mix-order 3: the weight of the network is fitted on the validation part, which has no lines: give --mix-weight/,
    )
    const { train, validation } = evaluated(
      await eventsOf({ given: { ...whole, mixWeight: 0 }, out: at("run") }),
    )
    expect(validation).toBeUndefined()
    const { model, config } = await openAnyModel(at("run"))
    const { sequences } = await openText(config.recipe)
    expect(sequences("train")).toHaveLength(25)
    expect(train).toBeCloseTo((model as Mixture).counts.loss(sequences("train")), 10)
  })

  test("says until its end that it is not mixed yet", async () => {
    await eventsOf({ given: given(), out: at("run") }, 15)
    const notices: string[] = []
    const notice = (sentence: string) => notices.push(sentence)
    await openAnyModel(at("run"), notice)
    expect(notices).toEqual([
      expect.stringMatching(/run: its network is mixed with counts when the training ends/),
    ])
    await eventsOf({ given: {}, resume: at("run") })
    await openAnyModel(at("run"), notice)
    expect(notices).toHaveLength(1)
  })

  test("does not take the checkpoint of a run with other counts", async () => {
    await eventsOf({ given: given(), out: at("run") })
    const config = JSON.parse(readFileSync(at("run/config.json"), "utf8"))
    const changed = { ...config, recipe: { ...config.recipe, mixOrder: 2 } }
    writeFileSync(at("run/config.json"), JSON.stringify(changed))
    await expect(openAnyModel(at("run"))).rejects.toThrow(
      /it is of another model than config\.json describes/,
    )
  })

  test("samples without its data", async () => {
    await eventsOf({ given: given(), out: at("run") })
    rmSync(at("things.txt"))
    const trained = await openAnyModel(at("run"))
    const notices: string[] = []
    const samples: unknown[] = []
    const context = { runtime: {}, notice: (sentence: string) => notices.push(sentence) }
    for await (const { text } of kindOf(trained.config.recipe).sample(trained, {
      ...context,
      choice: {},
      seed: 1,
      count: 5,
      batchSize: 2,
    }))
      samples.push(text)
    expect(samples).toHaveLength(5)
    expect(notices[0]).toMatch(/cannot tell which samples are new/)
  })

  test("describes its layers and its counts", async () => {
    await eventsOf({ given: given(), out: at("run") })
    const { config, model } = await openAnyModel(at("run"))
    const { text, json } = learnerOf(config.recipe).describe(model, { batchSize: 8 })
    expect(text).toMatch(/Embedding[\s\S]*Contexts[\s\S]*Weight of the network: 0\.\d/)
    expect(json).toMatchObject({
      counts: { tables: [{ order: 1 }, { order: 2 }, { order: 3 }] },
      networkWeight: (model as Mixture).weight,
    })
  })

  test("is mixed with a network of labels too", async () => {
    const path = at("labelled.csv")
    const rows = ["ba", "be", "ka", "ki", "mo", "ma"].flatMap((a, k) =>
      ["ro", "ri"].map((b) => `${a}${b},${k % 2 ? "x" : "y"}`),
    )
    writeFileSync(path, `word,kind\n${rows.join("\n")}\n`)
    const labelled = {
      model: "wavenet-2016",
      layers: 2,
      stacks: 1,
      residualChannels: 4,
      dilationChannels: 4,
      skipChannels: 4,
      embedding: undefined,
      hidden: undefined,
    } as const
    await eventsOf({
      given: given({ data: path, column: "word", condition: "kind", ...labelled, steps: 10 }),
      out: at("run"),
    })
    const { config, model, condition } = await openAnyModel(at("run"))
    const sampler = await learnerOf(config.recipe).openSampler(model, { runtime: {} })
    const made: number[][] = []
    for await (const ids of sampler.sample({
      count: 3,
      label: condition!.values.indexOf("x"),
      generator: new Generator(1),
    }))
      made.push(ids)
    await expect(sampler.sample({ count: 3 }).next()).rejects.toThrow(/conditioned on a label: give/)
    await sampler.release()
    expect(made).toHaveLength(3)
  })

  test("is refused where there is nothing to mix, with a sentence", async () => {
    const refused: [Settings, RegExp][] = [
      [
        { model: "ngram", order: 2, mixOrder: 3, data: at("things.txt") },
        /--mix-order 3: the model ngram is counted/,
      ],
      [
        { ...given({ mixOrder: undefined }), mixWeight: 0.5 },
        /--mix-weight 0.5: it is for a network mixed with counts/,
      ],
      [given({ mixOrder: 65 }), /--mix-order 65: give a whole number from 0 to 64/],
      [given({ mixWeight: 1.5 }), /--mix-weight 1.5: give a number from 0 to 1, or by-frequency/],
      [
        { ...given({ mixOrder: undefined }), mixSmoothing: "interpolated" },
        /--mix-smoothing interpolated: it is for a network mixed with counts/,
      ],
      [
        given({ mixWeight: "by-frequency", split: "100,0,0", evaluateEvery: undefined }),
        /--mix-order 3: the weight of the network is fitted on the validation part/,
      ],
      [
        given({ mixSmoothing: "interpolated", mixWeight: 0.5, split: "100,0,0", evaluateEvery: undefined }),
        /--mix-smoothing interpolated: its weights are fitted on the validation part, which has no lines/,
      ],
    ]
    for (const [settings, sentence] of refused)
      await expect(eventsOf({ given: settings, out: at("run") })).rejects.toThrow(sentence)
  })
})
