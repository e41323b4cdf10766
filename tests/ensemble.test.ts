/** Ensembles: their probabilities are the weighted mean, their weights those that were asked for or the best, and a run of one is like any other. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { averaged, Ensemble, type Member } from "../src/counting/ensemble.ts"
import { fittedWeights } from "../src/counting/fitted-weights.ts"
import { Mixture, NGram } from "../src/counting/index.ts"
import { fittedWeight } from "../src/counting/mixture.ts"
import { STOP } from "../src/data/index.ts"
import { look, type Model, models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { kindOf } from "../src/runs/corpora/index.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { distributionsOf } from "../src/runs/distributions.ts"
import { openAnyModel } from "../src/runs/open-model.ts"
import { readRun } from "../src/runs/run.ts"
import { runTraining, type TrainingEvent, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { openMixtureSampler, probabilities, type SampleOptions } from "../src/sampling/index.ts"
import { makewaveHere, objects } from "./command-line.ts"

const V = 4
const lines = [
  [1, 2, 3],
  [1, 2],
  [3, 1, 2],
  [2, 2],
  [1, 3, 3, 1],
]

function initialized<M extends Model>(model: M, seed: number): M {
  const random = new Generator(seed)
  for (const parameter of model.parameters()) parameter.data = random.randn(parameter.size)
  return model
}
const gru = (seed: number, vocabularySize = V) =>
  initialized(new models.gru({ vocabularySize, contextLength: 6, embedding: 3, hidden: 4 }), seed)
const flat = () =>
  initialized(new models.flat({ vocabularySize: V, contextLength: 2, embedding: 3, hidden: 4 }), 3)
const counts = () => new NGram({ order: 3, vocabularySize: V }).fit(lines)
const mixture = () => new Mixture({ network: gru(4), counts: counts(), weight: 0.3 })

/** p of the symbol after `before`, by one context read on its own, in double precision. */
function naive(model: Member | Ensemble, before: readonly number[]): number[] {
  const mean = (parts: readonly (readonly [Member, number])[]) => {
    const all = parts.map(([each, weight]) => naive(each, before).map((p) => weight * p))
    return all[0].map((_, symbol) => all.reduce((sum, each) => sum + each[symbol], 0))
  }
  if (model instanceof Ensemble) return mean(model.members.map((each, k) => [each, model.weights[k]]))
  if (model instanceof Mixture)
    return mean([
      [model.network, model.weight],
      [model.counts, 1 - model.weight],
    ])
  if (model instanceof NGram) return [...model.probabilities(before)]
  const T = model.contextLength
  const ids =
    model.reads === "windows" ? [...Array<number>(T).fill(STOP), ...before].slice(-T) : [STOP, ...before]
  const logits = [...look(model, ids).at(-1)!.values].slice(-model.vocabularySize)
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
  return logits.map((logit) => Math.exp(logit) / total)
}

const weighted = (members: Member[], weights: number[]): Ensemble => {
  const ensemble = new Ensemble(members)
  ensemble.weights = weights
  return ensemble
}

/** One of every kind of member. */
const everything = () => weighted([gru(1), flat(), counts(), mixture()], [0.4, 0.3, 0.1, 0.2])

describe("the probabilities", () => {
  test("of a symbol are the weighted mean, however small", () => {
    const logs = [Float64Array.of(-1, -2000), Float64Array.of(-3, -2001)]
    const [usual, small] = averaged([0.25, 0.75], logs)
    expect(usual).toBeCloseTo(Math.log(0.25 * Math.exp(-1) + 0.75 * Math.exp(-3)), 12)
    expect(small).toBeCloseTo(-2000 + Math.log(0.25 + 0.75 / Math.E), 9)
  })

  test("of all symbols too, with members of every kind", async () => {
    const ensemble = everything()
    const codec = {
      vocabulary: { size: V, encode: (line: string) => Uint8Array.from(line.split(""), Number) },
    }
    const found = await distributionsOf(
      ensemble,
      { lines: lines.map((line) => line.join("")) },
      // biome-ignore lint/suspicious/noExplicitAny: a vocabulary of the digits
      codec as any,
    )
    const places = lines.flatMap((line) => [...line, STOP].map((_, at) => line.slice(0, at)))
    for (const [k, before] of places.entries())
      for (const [symbol, p] of naive(ensemble, before).entries())
        expect(found[k * V + symbol]).toBeCloseTo(p, 5)
  })
})

describe("fitted weights", () => {
  const random = new Generator(7)
  const logs = [1, 1, 3].map((scale) =>
    Float64Array.from({ length: 200 }, () => -0.2 - scale * random.nextUniform()),
  )
  const loss = (weights: readonly number[]) =>
    -averaged(weights, logs).reduce((sum, log) => sum + log, 0) / 200

  test("are together 1, and none beside them are better", () => {
    const weights = fittedWeights(logs)
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 10)
    for (const [a, b] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [1, 2],
    ])
      for (const step of [0.02, 0.1]) {
        const moved = weights.map((weight, k) => weight + (k === a ? -step : k === b ? step : 0))
        if (moved[a] >= 0) expect(loss(moved)).toBeGreaterThan(loss(weights))
      }
    expect(loss(weights)).toBeLessThan(loss([1 / 3, 1 / 3, 1 / 3]))
  })

  test("of two are those of a mixture", () => {
    const [first] = fittedWeights([logs[0], logs[1]])
    expect(first).toBeCloseTo(fittedWeight(logs[0], logs[1]), 3)
  })

  test("need the same symbols by all", () => {
    expect(() => fittedWeights([])).toThrow(/fittedWeights: give ln p of the same symbols/)
    expect(() => fittedWeights([logs[0], logs[1].slice(1)])).toThrow(/at least one, by each/)
  })
})

test("the state gives the same ensemble again", () => {
  const ensemble = everything()
  const empty = new Ensemble([
    gru(8),
    initialized(new models.flat({ vocabularySize: V, contextLength: 2, embedding: 3, hidden: 4 }), 9),
    new NGram({ order: 3, vocabularySize: V }),
    new Mixture({ network: gru(10), counts: new NGram({ order: 3, vocabularySize: V }) }),
  ])
  const loaded = empty.loadStateDict(ensemble.stateDict())
  expect(loaded.stateDict()).toEqual(ensemble.stateDict())
  expect(naive(loaded, [1, 2])).toEqual(naive(ensemble, [1, 2]).map((p) => expect.closeTo(p, 6)))
  const { members } = ensemble
  expect(loaded.parameterCount).toBe(members.reduce((sum, each) => sum + each.parameterCount, 0))
})

test("members of different vocabularies are refused, and none at all", () => {
  expect(() => new Ensemble([gru(1), gru(1, 9)])).toThrow(/2 members, of 4 and 9 symbols/)
  expect(() => new Ensemble([])).toThrow(/0 members, of no symbols/)
})

describe.each<[string, () => Ensemble]>([
  ["members of every kind", everything],
  ["two recurrent networks", () => weighted([gru(1), gru(2)], [0.5, 0.5])],
  ["networks of windows", () => weighted([flat(), flat()], [0.5, 0.5])],
  [
    "n-grams alone",
    () => weighted([counts(), new NGram({ order: 1, vocabularySize: V }).fit(lines)], [0.5, 0.5]),
  ],
])("samples with %s", (_, create) => {
  async function sampled(ensemble: Ensemble, options: SampleOptions, batchSize?: number) {
    const sampler = await openMixtureSampler(ensemble, { batchSize })
    const made: number[][] = []
    for await (const ids of sampler.sample(options)) made.push(ids)
    await sampler.release()
    return made
  }

  /** The same, symbol after symbol in every slot, from the naive probabilities. */
  function drawn(
    ensemble: Ensemble,
    { count, prompt = [], maximumLength = 5, ...choice }: SampleOptions,
    B = 1,
  ) {
    const generator = new Generator(3)
    const made: number[][] = []
    let begun = 0
    const begin = () => (begun++ < count ? [...prompt] : undefined)
    const slots = Array.from({ length: B }, begin)
    // Positions of the prompt that are read before a slot draws.
    const waits = slots.map(() => prompt.length)
    while (slots.some((slot) => slot))
      for (const [b, ids] of slots.entries()) {
        if (!ids || waits[b]-- > 0) continue
        waits[b] = 0
        const logits = Float32Array.from(naive(ensemble, ids), Math.log)
        const next = generator.multinomial(probabilities(logits, choice), 1)[0]
        if (next !== STOP) ids.push(next)
        if (next !== STOP && ids.length < maximumLength) continue
        made.push(ids)
        slots[b] = begin()
        waits[b] = prompt.length
      }
    return made
  }

  test.each([{}, { temperature: 0.7 }, { topK: 2 }, { topP: 0.6 }, { temperature: 0 }])(
    "equal those drawn from the formula, symbol for symbol: %j",
    async (choice) => {
      const options = { ...choice, count: 6, prompt: [2, 1], maximumLength: 5 }
      const found = await sampled(create(), { ...options, generator: new Generator(3) })
      expect(found).toEqual(drawn(create(), options))
    },
  )

  test("three at a time too", async () => {
    const options = { count: 20, maximumLength: 5 }
    const found = await sampled(create(), { ...options, generator: new Generator(3) }, 3)
    expect(found).toEqual(drawn(create(), options, 3))
  })

  test("may be longer than a context", async () => {
    const options = { count: 2, maximumLength: 15, topK: 1, prompt: [1, 1, 1, 1, 1, 1, 1, 1] }
    for (const ids of await sampled(create(), options)) expect(ids.slice(0, 8)).toEqual(options.prompt)
  })
})

describe("a run", () => {
  let folder = ""
  const at = (name: string) => join(folder, name)
  const network = (seed: number, more: Settings = {}): Settings => ({
    data: at("things.txt"),
    recipe: "lecture",
    model: "gru",
    embedding: 3,
    hidden: 5,
    steps: 30,
    batchSize: 8,
    optimizer: "adamw",
    learningRate: 0.02,
    seed,
    ...more,
  })
  async function eventsOf(request: TrainingRequest): Promise<TrainingEvent[]> {
    const events: TrainingEvent[] = []
    for await (const event of runTraining(request)) events.push(event)
    return events
  }
  const evaluated = (events: readonly TrainingEvent[]) =>
    events.find(({ kind }) => kind === "evaluated") as Extract<TrainingEvent, { kind: "evaluated" }>
  const ensemble = (names: string[], more: Settings = {}): Settings => ({
    model: "ensemble",
    members: names.map(at).join(),
    ...more,
  })
  async function evaluation(run: string) {
    const trained = await openAnyModel(at(run))
    const { reports } = await kindOf(trained.config.recipe).evaluate(trained, {
      runtime: {},
      notice: () => {},
    })
    return reports
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-ensemble-"))
    const syllables = ["ba", "be", "ka", "ki", "mo"]
    const things = syllables.flatMap((a) => syllables.map((b) => a + b + (a < b ? a : "")))
    writeFileSync(at("things.txt"), `${things.join("\n")}\n`)
    writeFileSync(at("others.txt"), `${things.toReversed().join("\n")}\n`)
    writeFileSync(at("labelled.csv"), `word,kind\n${things.map((word, k) => `${word},${k % 2}\n`).join("")}`)
    await eventsOf({ given: network(1), out: at("a") })
    await eventsOf({ given: network(2, { model: "flat", context: 3 }), out: at("b") })
    await eventsOf({ given: network(3, { mixOrder: 3 }), out: at("c") })
    await eventsOf({ given: { data: at("things.txt"), model: "ngram", order: 2 }, out: at("d") })
    await eventsOf({ given: network(4, { split: "100,0,0" }), out: at("all") })
    await eventsOf({ given: network(5, { data: at("others.txt") }), out: at("others") })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  test("has the mean of its members' probabilities; each is as good as it is alone", async () => {
    const found = evaluated(await eventsOf({ given: ensemble(["a", "b", "c", "d"]), out: at("mean") }))
    const { model, config, vocabulary } = await openAnyModel(at("mean"))
    const { sequences } = await openText(config.recipe)
    for (const part of ["train", "validation"] as const) {
      let [nats, count] = [0, 0]
      for (const line of sequences(part).map((ids) => [...ids]))
        for (const [k, symbol] of [...line, STOP].entries()) {
          nats -= Math.log(naive(model as Ensemble, line.slice(0, k))[symbol])
          count++
        }
      expect(found[part]).toBeCloseTo(nats / count, 5)
      expect((await evaluation("mean"))[part].natsPerSymbol.value).toBeCloseTo(nats / count, 5)
    }
    expect(vocabulary.size).toBe(model.vocabularySize)
    for (const [k, name] of ["a", "b", "c", "d"].entries()) {
      const { validation } = await evaluation(name)
      expect(found.members![k]).toEqual({
        name: at(name),
        weight: 0.25,
        validation: expect.closeTo(validation.natsPerSymbol.value, 5),
      })
    }
    expect(JSON.parse(readFileSync(at("mean/metrics.jsonl"), "utf8").trim()).members).toEqual(found.members)
  })

  test("has all that it needs: its members may go, and it is resumed as it was", async () => {
    for (const name of ["a", "c"]) cpSync(at(name), at(`copy of ${name}`), { recursive: true })
    const bins = { mixOrder: 3, mixSmoothing: "interpolated", mixWeight: "by-frequency" } as const
    await eventsOf({ given: network(6, bins), out: at("copy of e") })
    const names = ["copy of a", "copy of c", "copy of e"]
    const given = ensemble(names, { weights: "fitted", mixOrder: 2, mixSmoothing: "interpolated" })
    const before = evaluated(await eventsOf({ given, out: at("whole") }))
    const { checkpoint } = await readRun(at("whole"))
    for (const name of names) rmSync(at(name), { recursive: true })
    expect((await evaluation("whole")).validation.natsPerSymbol.value).toBeCloseTo(before.validation!, 6)
    const events = await eventsOf({ given: {}, resume: at("whole") })
    expect(evaluated(events)).toEqual(before)
    expect({ ...(await readRun(at("whole"))).checkpoint, seconds: 0 }).toEqual({ ...checkpoint, seconds: 0 })
    const fewer = evaluated(await eventsOf({ given: { mixWeight: 0.5 }, resume: at("whole") }))
    expect(fewer.members!.map(({ weight }) => weight).at(-1)).toBeCloseTo(0.5, 6)
  })

  test("without a checkpoint yet begins again, with the members that it began with", async () => {
    cpSync(at("a"), at("changing"), { recursive: true })
    const given = ensemble(["changing", "b"])
    const before = evaluated(await eventsOf({ given, out: at("broken") }))
    rmSync(at("broken/checkpoint.safetensors"))
    expect(evaluated(await eventsOf({ given: {}, resume: at("broken") }))).toEqual(before)
    rmSync(at("broken/checkpoint.safetensors"))
    await eventsOf({ given: { steps: 40 }, resume: at("changing") })
    await expect(eventsOf({ given: {}, resume: at("broken") })).rejects.toThrow(
      /broken: it has no checkpoint yet and begins again with .*changing, which has changed since/,
    )
  })

  test("weighs as asked: by numbers, by the validation part, and beside counts", async () => {
    const names = ["a", "b", "d"]
    let runs = 0
    const losses = async (more: Settings) => {
      const { validation, members } = evaluated(
        await eventsOf({ given: ensemble(names, more), out: at(`weighed ${runs++}`) }),
      )
      return { validation: validation!, weights: members!.map(({ weight }) => weight), members: members! }
    }
    expect((await losses({ weights: "1, 1, 2" })).weights).toEqual([0.25, 0.25, 0.5])
    const equal = await losses({})
    const fitted = await losses({ weights: "fitted" })
    expect(fitted.validation).toBeLessThan(equal.validation)
    for (const weights of ["1,0,0", "0,1,0", "0,0,1", "1,2,3", "3,2,1"])
      expect(fitted.validation).toBeLessThan((await losses({ weights })).validation + 1e-6)

    const counted = await losses({ mixOrder: 3 })
    const [a, b, d, mixed] = counted.weights
    expect([b, d]).toEqual([a, a])
    expect(3 * a + mixed).toBeCloseTo(1, 6)
    for (const mixWeight of [0.1, 0.5, 0.9])
      expect(counted.validation).toBeLessThan((await losses({ mixOrder: 3, mixWeight })).validation + 1e-6)
    expect(counted.members.at(-1)!.name).toBe("3-grams")
    const { config } = await readRun(at("a"))
    const { sequences, vocabulary } = await openText(config.recipe)
    const alone = new NGram({ order: 3, vocabularySize: vocabulary.size }).fit(sequences("train"))
    expect(counted.members.at(-1)!.validation).toBeCloseTo(alone.loss(sequences("validation")), 6)
    const both = await losses({ mixOrder: 3, weights: "fitted" })
    expect(both.validation).toBeLessThan(counted.validation + 1e-6)
    const given = await losses({ mixOrder: 3, weights: "fitted", mixWeight: 0.6 })
    expect(given.weights.at(-1)).toBeCloseTo(0.4, 6)
    expect(given.validation).toBeGreaterThan(both.validation - 1e-6)
  })

  test("finds the data of its members where it is now", async () => {
    cpSync(at("a"), at("elsewhere/a"), { recursive: true })
    cpSync(at("d"), at("elsewhere/d"), { recursive: true })
    cpSync(at("things.txt"), at("elsewhere/things.txt"))
    renameSync(at("things.txt"), at("hidden.txt"))
    try {
      const given = { model: "ensemble", members: ["elsewhere/a", "elsewhere/d"].map(at).join() } as const
      expect(evaluated(await eventsOf({ given, out: at("moved") })).validation).toBeGreaterThan(0)
    } finally {
      renameSync(at("hidden.txt"), at("things.txt"))
    }
  })

  test("of networks that know labels samples for a label", async () => {
    const labelled = {
      ...{ data: at("labelled.csv"), column: "word", condition: "kind" },
      model: "wavenet-2016",
      ...{ layers: 2, stacks: 1, residualChannels: 4, dilationChannels: 4, skipChannels: 4 },
      ...{ embedding: undefined, hidden: undefined, steps: 5 },
    } as const
    for (const seed of [1, 2]) await eventsOf({ given: network(seed, labelled), out: at(`label ${seed}`) })
    const given = ensemble(["label 1", "label 2"], { mixOrder: 2 })
    expect(evaluated(await eventsOf({ given, out: at("labels") })).members).toHaveLength(3)
    const trained = await openAnyModel(at("labels"))
    const samples: unknown[] = []
    for await (const { text } of kindOf(trained.config.recipe).sample(trained, {
      ...{ runtime: {}, notice: () => {}, choice: {}, seed: 1, count: 3, condition: "1" },
    }))
      samples.push(text)
    expect(samples).toHaveLength(3)
    await expect(eventsOf({ given: ensemble(["label 1", "a"]), out: at("x") })).rejects.toThrow(
      /--members .*a: it is conditioned on nothing, and this run on kind/,
    )
  })

  test.each<[string, () => Settings, RegExp]>([
    [
      "no members",
      () => ({ model: "ensemble" }),
      /--model ensemble: it averages trained runs: name them with --members/,
    ],
    [
      "a member that is none",
      () => ensemble(["a", "nowhere"]),
      /--members .*nowhere: .*there is no run here/,
    ],
    [
      "other data",
      () => ensemble(["a", "others"]),
      /--members .*others: it was trained on other data, .*others\.txt/,
    ],
    [
      "another split",
      () => ensemble(["a", "all"]),
      /all: its --split is 100,0,0, and here it is 80,10,10, so it may have learned/,
    ],
    [
      "an ensemble",
      () => ensemble(["a", "mean"]),
      /mean: it is an ensemble itself: name its members in its place/,
    ],
    [
      "too few weights",
      () => ensemble(["a", "b"], { weights: "1" }),
      /--weights 1: 1 numbers for 2 runs: give one for each/,
    ],
    [
      "a negative weight",
      () => ensemble(["a", "b"], { weights: "1,-1" }),
      /--weights 1,-1: give equal, fitted, or a number for each/,
    ],
    [
      "no weight above 0",
      () => ensemble(["a", "b"], { weights: "0,0" }),
      /--weights 0,0: give equal, fitted/,
    ],
    [
      "nothing to fit on",
      () => ensemble(["all", "all"], { weights: "fitted" }),
      /--weights fitted: .* which has no lines/,
    ],
    [
      "nothing to fit on, and counts",
      () => ensemble(["all", "all"], { mixOrder: 2 }),
      /--mix-order 2: .* give --mix-weight/,
    ],
    [
      "steps",
      () => ensemble(["a", "b"], { steps: 5 }),
      /--steps 5: the model ensemble averages trained runs and is not trained/,
    ],
    [
      "weights of a network",
      () => network(1, { weights: "1,2" }),
      /--weights 1,2: the model gru has no such setting/,
    ],
    [
      "a network that starts from one",
      () => ({ data: at("things.txt"), from: at("mean") }),
      /mean: the model ensemble has no layers of its own/,
    ],
    [
      "weights by frequency",
      () => ensemble(["a", "b"], { mixOrder: 3, mixWeight: "by-frequency" }),
      /--mix-weight by-frequency: it is for one network mixed with counts/,
    ],
  ])("is refused with %s", async (_, given, sentence) => {
    await expect(eventsOf({ given: given(), out: at("refused") })).rejects.toThrow(sentence)
  })

  test("at the command line: made, shown, sampled, listed, compared and learned from, but not exported", async () => {
    const here = async (...args: string[]) => {
      const { code, stdout, stderr } = await makewaveHere(args, folder)
      expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" })
      return stdout
    }
    const text = await here("ensemble", "a", "b", "--mix-order", "2", "--out", "runs/e")
    expect(text).toMatch(/^ensemble mixed with 2-grams, [\d,]+ parameters, on /)
    expect(text).toMatch(/member +weight +validation, alone\na +0\.\d{3} +\d\.\d{4}\nb .*\n2-grams /)
    const [json] = objects(await here("ensemble", "a", "b", "--mix-order", "2", "--out", "runs/f", "--json"))
    expect(json).toMatchObject({
      run: "runs/f",
      members: [{ name: "a" }, { name: "b" }, { name: "2-grams" }],
    })
    await here("train", "--model", "ensemble", "--members", "a,b", "--mix-order", "2", "--out", "runs/g")
    const states = await Promise.all(["e", "f", "g"].map((name) => readRun(at(`runs/${name}`))))
    for (const { checkpoint } of states) expect(checkpoint.model).toEqual(states[0].checkpoint.model)
    expect(objects(await here("sample", "e", "--count", "3", "--batch-size", "2", "--json"))).toHaveLength(3)
    expect(await here("inspect", "e")).toMatch(/Member +Parameters +Weight\ngru .*\nflat .*\n2-grams /)
    expect(await here("evaluate", "e")).toMatch(/validation/)
    expect(objects(await here("runs", "--json"))).toContainEqual(
      expect.objectContaining({
        run: "runs/e",
        model: "ensemble",
        validation: json.validation,
        state: "finished",
      }),
    )
    expect(await here("compare", "e", "a")).toMatch(/ensemble/)
    await here(
      "train",
      "things.txt",
      "--model",
      "bigram",
      "--steps",
      "5",
      "--teacher",
      "e",
      "--out",
      "taught",
    )
    const refused = await makewaveHere(["export", "e", "--format", "javascript"], folder)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toMatch(
      /runs\/e is an ensemble of 3 models, and a file holds one: .* --teacher runs\/e/,
    )
    const outlined = await makewaveHere(["inspect", "ensemble", "--members", "a,b"], folder)
    expect(outlined.stderr).toMatch(/ensemble: an ensemble is made of trained runs/)
    const stepped = await makewaveHere(
      ["train", "--model", "ensemble", "--members", "a,b", "--onnx", "x.onnx"],
      folder,
    )
    expect(stepped.stderr).toMatch(/--onnx x.onnx: the model ensemble has no training step/)
  })
})
