/** A training that starts from another network: what is copied, what is new, what is kept as it is, and what the run records of it. */
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Labels, Vocabulary } from "../src/data/index.ts"
import { writeWav } from "../src/data/sound/index.ts"
import { UserError } from "../src/errors.ts"
import { GRUModel, look, type Model, models } from "../src/models/index.ts"
import { Generator } from "../src/random/index.ts"
import { openModel, readConfig, runTraining, type TrainingRequest, warmStart } from "../src/runs/index.ts"
import type { Settings } from "../src/runs/settings.ts"
import { makewaveHere, objects } from "./command-line.ts"
import { filesOf } from "./run-files.ts"
import { tone } from "./sounds.ts"

const vocabularyOf = (symbols: string) => Vocabulary.from([symbols])

/** The logits of a context by symbol, after its last position; "" is the stop. */
function logitsOf(model: Model, vocabulary: Vocabulary, context: string): Record<string, number> {
  const { values } = look(model, [0, ...vocabulary.encode(context)]).at(-1)!
  const last = values.subarray(-vocabulary.size)
  return Object.fromEntries(["", ...vocabulary.toJSON()].map((symbol, id) => [symbol, last[id]]))
}

const [before, after] = [vocabularyOf("abcdef"), vocabularyOf("Zbdfж")]

describe.each(Object.keys(models) as (keyof typeof models)[])("%s", (name) => {
  const create = (vocabulary: Vocabulary, contextLength: number, seed: number): Model =>
    new models[name]({ vocabularySize: vocabulary.size, contextLength }).initialize(new Generator(seed))

  test("computes the same of the symbols that both know, and takes a new one for the mean of all", () => {
    const origin = create(before, 8, 1)
    for (const { data } of origin.parameters()) for (const k of data.keys()) data[k] += Math.sin(k) // biases too
    const model = warmStart(create(after, 8, 2), { vocabulary: after }, { model: origin, vocabulary: before })
    for (const context of ["", "b", "dfbd"]) {
      const [was, is] = [logitsOf(origin, before, context), logitsOf(model, after, context)]
      for (const symbol of ["", "b", "d", "f"]) expect(is[symbol], symbol).toBeCloseTo(was[symbol], 6)
      const all = Object.values(was)
      const mean = all.reduce((sum, each) => sum + each) / all.length
      for (const symbol of ["Z", "ж"]) expect(is[symbol]).toBeCloseTo(mean, 5)
    }
    // As a context, a new symbol is like any other that is new.
    expect(logitsOf(model, after, "Zb")).toEqual(logitsOf(model, after, "жb"))
  })
})

test("a new symbol is taken for the same letter in the other case, or without its accent", () => {
  const [known, others] = [vocabularyOf("Eabcカ."), vocabularyOf("Abeéガ,")]
  const create = (vocabulary: Vocabulary) =>
    new GRUModel({ vocabularySize: vocabulary.size }).initialize(new Generator(vocabulary.size))
  const origin = { model: create(known), vocabulary: known }
  const model = warmStart(create(others), { vocabulary: others }, origin)
  for (const [relative, symbol] of ["aA", "Ee", "Eé", "カガ"]) {
    const [was, is] = [logitsOf(origin.model, known, relative), logitsOf(model, others, symbol)]
    for (const [a, b] of ["aA", "bb", "Eé", "カガ"]) expect(is[b]).toBe(was[a])
  }
})

test("in a longer context the near positions are those there were, in a shorter one the far ones are left out", () => {
  const create = (name: "transformer" | "flat", contextLength: number) =>
    new models[name]({ vocabularySize: before.size, contextLength }).initialize(new Generator(contextLength))
  const known = { vocabulary: before }
  // A sequence begins at its first position.
  const origin = create("transformer", 5)
  for (const length of [3, 9]) {
    const model = warmStart(create("transformer", length), known, { model: origin, ...known })
    for (const context of ["", "ab"])
      expect(logitsOf(model, before, context)).toEqual(logitsOf(origin, before, context))
  }
  // A window ends at its last: the rows of the Linear, of position and embedding, for the last three positions.
  const rows = (model: Model) => model.stateDict()["network.layers.2.weight"]
  const [flat, width] = [create("flat", 3), 10 * 200]
  const longer = rows(warmStart(create("flat", 5), known, { model: flat, ...known }))
  expect(longer.shape).toEqual([50, 200])
  expect(longer.data.subarray(2 * width)).toEqual(rows(flat).data)
  expect(longer.data.subarray(0, width)).toEqual(longer.data.subarray(width, 2 * width))
  expect(rows(warmStart(create("flat", 2), known, { model: flat, ...known })).data).toEqual(
    rows(flat).data.subarray(width),
  )
})

describe("labels", () => {
  const { vocabulary } = { vocabulary: before }
  const labelled = (...values: string[]) => ({ name: "kind", values, counts: values.map(() => 1) })
  const small = { layers: 2, stacks: 1, residualChannels: 4, dilationChannels: 4, skipChannels: 4 }
  const create = (sizes: object, seed: number) =>
    new models["wavenet-2016"]({ vocabularySize: before.size, ...small, ...sizes }).initialize(
      new Generator(seed),
    )
  const [conditioned, classifying] = [
    { model: create({ labels: 3 }, 1), vocabulary, condition: labelled("x", "y", "z") },
    { model: create({ classes: 3 }, 1), vocabulary, classes: labelled("x", "y", "z") },
  ]

  test("keep their rows by name", () => {
    const model = create({ labels: 2 }, 2)
    warmStart(model, { vocabulary, condition: labelled("new", "y") }, conditioned)
    const given = (each: Model, label: number) => look(each, [1, 2], { label }).at(-1)!.values
    expect(given(model, 1)).toEqual(given(conditioned.model, 1))
    expect(given(model, 0)).not.toEqual(given(model, 1))
    const { shape, data } = model.stateDict()["label.weight"]
    expect(shape).toEqual([2, 16])
    const all = conditioned.model.stateDict()["label.weight"].data
    for (const k of Array(16).keys()) expect(data[k]).toBeCloseTo((all[k] + all[16 + k] + all[32 + k]) / 3, 6)
  })

  test("keep their outputs by name where they are predicted", () => {
    const model = create({ classes: 2 }, 2)
    warmStart(model, { vocabulary, classes: labelled("z", "x") }, classifying)
    const [is, was] = [model, classifying.model].map((each) => each.stateDict()["classHead.head.bias"].data)
    expect(Array.from(is)).toEqual([was[2], was[0]])
  })

  test("come to a model without any, and go", () => {
    const plain = { model: create({}, 3), vocabulary }
    const model = create({ labels: 2 }, 4)
    const drawn = model.stateDict()
    warmStart(model, { vocabulary, condition: labelled("x", "y") }, plain)
    const state = model.stateDict()
    expect(state["head.weight"]).toEqual(plain.model.stateDict()["head.weight"])
    expect(state["label.weight"]).toEqual(drawn["label.weight"])
    const other = warmStart(create({}, 5), { vocabulary }, conditioned)
    expect(other.stateDict()["head.weight"]).toEqual(conditioned.model.stateDict()["head.weight"])
  })
})

test("what does not fit is a sentence, and changes nothing", () => {
  const known = { vocabulary: before }
  const create = (name: keyof typeof models, sizes: object): Model =>
    new models[name]({ vocabularySize: before.size, ...sizes }).initialize(new Generator(1))
  const refused = (model: Model, origin: Model, sentence: string, labels?: Labels) => {
    const was = model.stateDict()
    const start = () => warmStart(model, { ...known, condition: labels }, { model: origin, ...known })
    expect(start).toThrow(UserError)
    expect(start).toThrow(sentence)
    expect(model.stateDict()).toEqual(was)
  }
  refused(
    create("gru", {}),
    create("lstm", {}),
    "gru: the model to start from is another, lstm: choose the same",
  )
  refused(
    create("gru", { hidden: 8 }),
    create("gru", { hidden: 9 }),
    "gru: hidden = 8, and 9 in the model to start from: give the same",
  )
  refused(
    create("wavenet", { contextLength: 8 }),
    create("wavenet", { contextLength: 4 }),
    "wavenet: its layers depend on the context, 4 in the model to start from and 8 here: give --context 4",
  )
  const wrong = () =>
    warmStart(create("gru", {}), { vocabulary: after }, { model: create("gru", {}), ...known })
  expect(wrong).toThrow(
    "warmStart: the model has 7 symbols, and its vocabulary 6: give the one it was made for",
  )
  const stack = { layers: 2, stacks: 1, contextLayers: 1 }
  refused(
    create("wavenet-2016", { ...stack, labels: 2 }),
    create("wavenet-2016", stack),
    "'stack.layers.0.condition.weight' is (32, 128) in the model to start from, and (48, 128) here",
    { name: "kind", values: ["x", "y"], counts: [1, 1] },
  )
})

describe("a run", () => {
  let folder = ""
  const at = (...path: string[]) => join(folder, ...path)
  const given = {
    recipe: "lecture",
    model: "gru",
    embedding: 6,
    hidden: 12,
    optimizer: "adamw",
    learningRate: 0.01,
  } as const
  const short = { steps: 60, checkpointEvery: 25, evaluateEvery: 30, logEvery: 10, ema: 0.9 } as const

  async function take(request: TrainingRequest, steps = Number.POSITIVE_INFINITY): Promise<void> {
    let taken = 0
    for await (const { kind } of runTraining({ every: 1, ...request })) {
      if (kind === "progress") taken++
      if (taken >= steps) return
    }
  }
  const parametersOf = async (run: string) => (await openModel(run)).model.stateDict()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-fine-tuning-"))
    const syllables = ["ba", "lo", "mi", "ra", "tu", "ven"]
    const things = syllables.flatMap((a) => syllables.flatMap((b) => [a + b, a + b + a]))
    writeFileSync(at("things.txt"), things.join("\n"))
    writeFileSync(at("others.txt"), things.map((each) => `Ö${each.replace("v", "ж")}`).join("\n"))
    await take({ given: { ...given, steps: 300, data: at("things.txt") }, out: at("origin"), every: 100 })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  const tuned: Settings = { ...short, recipe: "lecture", optimizer: "adamw", learningRate: 0.01 }

  test("takes the model and its sizes, not the length of the lines, and records what it started from", async () => {
    await take({ given: { ...tuned, from: at("origin"), data: at("others.txt"), steps: 1 }, out: at("one") })
    const { recipe, from, vocabulary } = await readConfig(at("one"))
    expect(recipe).toMatchObject({ model: "gru", embedding: 6, hidden: 12, context: 11, from: at("origin") })
    expect((await readConfig(at("origin"))).recipe.context).toBe(10)
    expect(vocabulary).toContain("ж")
    expect(from).toEqual({ name: at("origin"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/), steps: 300 })
  })

  test("learns faster than one from scratch", async () => {
    const losses = [{ from: at("origin") }, given].map(async (start) => {
      for await (const event of runTraining({
        given: { ...tuned, ...start, data: at("others.txt") },
        out: at(`${Object.keys(start)[0]}-first`),
      }))
        if (event.kind === "evaluated") return event.validation!
      return Number.NaN
    })
    const [warm, cold] = await Promise.all(losses)
    expect(warm).toBeLessThan(cold - 0.3)
  })

  test("resumes bit for bit, without the network it started from", async () => {
    const settings = { ...tuned, from: at("origin"), data: at("others.txt"), patience: 30 }
    await take({ given: settings, out: at("unbroken") })
    await take({ given: settings, out: at("broken") }, 17)
    renameSync(at("origin"), at("away"))
    try {
      await take({ given: {}, resume: at("broken") }, 20)
      await take({ given: {}, resume: at("broken") })
    } finally {
      renameSync(at("away"), at("origin"))
    }
    expect(filesOf(at("broken"))).toEqual(filesOf(at("unbroken")))
  })

  test("that has kept nothing yet starts from the same network again, and from no other", async () => {
    const settings = { ...tuned, from: at("origin"), data: at("others.txt") }
    await take({ given: settings, out: at("whole") })
    await take({ given: settings, out: at("bare") }, 1)
    const begun = () => {
      rmSync(at("bare", "checkpoint.safetensors"))
      return { given: {}, resume: at("bare") }
    }
    const again = begun()
    await take({ given: { ...given, steps: 2, data: at("things.txt") }, out: at("short") })
    const checkpoint = at("origin", "checkpoint.safetensors")
    copyFileSync(checkpoint, at("kept"))
    copyFileSync(at("short", "checkpoint.safetensors"), checkpoint)
    await expect(take(again)).rejects.toThrow(
      `${at("bare")}: it has no checkpoint yet and starts from ${at("origin")} again, which has changed since`,
    )
    rmSync(checkpoint)
    await expect(take(again)).rejects.toThrow(
      `${at("bare")}: it has no checkpoint yet and starts from ${at("origin")} again: ${at("origin")}: this run has no`,
    )
    copyFileSync(at("kept"), checkpoint)
    await take(again)
    expect(filesOf(at("bare"))).toEqual(filesOf(at("whole")))
  })

  test.each([
    ["body", ["embedding.weight", "head.bias", "head.weight"]],
    ["all-but-head", ["head.bias", "head.weight"]],
  ] as const)("freeze: %s trains %j alone, and resumes bit for bit", async (freeze, trained) => {
    const settings = { ...tuned, from: at("origin"), data: at("things.txt"), freeze }
    await take({ given: settings, out: at(freeze) })
    const [was, is] = [await parametersOf(at("origin")), await parametersOf(at(freeze))]
    const changed = Object.keys(is).filter((name) => String(is[name].data) !== String(was[name].data))
    expect(changed.sort()).toEqual(trained)
    const broken = `${freeze}-broken`
    await take({ given: settings, out: at(broken) }, 33)
    await take({ given: {}, resume: at(broken) })
    expect(filesOf(at(broken))).toEqual(filesOf(at(freeze)))
  })

  test("settings that differ from the network's are a sentence, equal ones are not", async () => {
    const begin = (others: Settings) =>
      take({ given: { ...tuned, from: at("origin"), data: at("others.txt"), ...others }, out: at("never") })
    const has = (value: unknown) => `the network of --from ${at("origin")} has ${value}: leave it out`
    await expect(begin({ hidden: 13 })).rejects.toThrow(`--hidden 13: ${has(12)}`)
    await expect(begin({ model: "lstm" })).rejects.toThrow(`--model lstm: ${has("gru")}`)
    await expect(begin({ model: "ngram" })).rejects.toThrow(`--model ngram: ${has("gru")}`)
    await expect(begin({ layers: 3 })).rejects.toThrow("--layers 3: the model gru has no such setting")
    await expect(begin({ from: at("nothing") })).rejects.toThrow(`${at("nothing")}: there is no run here`)
    await expect(begin({ from: undefined, freeze: "body" })).rejects.toThrow(
      "--freeze body: it is for a training that starts from another: leave it out, or give --from",
    )
    await take({
      given: { ...tuned, ...given, from: at("origin"), data: at("others.txt"), steps: 1 },
      out: at("same"),
    })
    expect((await readConfig(at("same"))).recipe.context).toBe(11)
    // A dropout has no parameters, and is the new training's own.
    const dropping = { from: at("origin"), data: at("others.txt"), steps: 1, dropout: 0.2 }
    await take({ given: { ...tuned, ...dropping }, out: at("dropping") })
    await take({
      given: { ...tuned, ...dropping, from: at("dropping"), dropout: undefined },
      out: at("dry"),
    })
    const dropouts = ["dropping", "dry"].map(async (run) => (await readConfig(at(run))).recipe.dropout)
    expect(await Promise.all(dropouts)).toEqual([0.2, 0])
    await take({ given: { model: "ngram", data: at("things.txt") }, out: at("counts") })
    await expect(begin({ from: at("counts") })).rejects.toThrow("the model ngram has no layers of its own")
  })

  test("at the command line takes a run by its name, and refuses another when it resumes", async () => {
    const [name, words] = ["named", [at("others.txt"), "--steps", "5", "--json"]]
    await take({ given: { ...given, steps: 5, data: at("things.txt") }, out: at("runs", name) })
    const { stdout, stderr } = await makewaveHere(
      ["train", ...words, "--from", name, "--freeze", "body", "--out", "tuned"],
      folder,
    )
    expect(stderr).not.toContain("error")
    const { from } = await readConfig(at("tuned"))
    expect(from).toMatchObject({ name: join("runs", name), steps: 5 })
    expect(objects(stdout).at(-1)).toMatchObject({ run: "tuned", steps: 5, from })
    const resumed = await makewaveHere(["train", "--resume", "tuned", "--from", "named"], folder)
    expect(resumed).toMatchObject({ code: 0 })
    expect(resumed.stdout).toContain(
      `resumed after 5 steps: tuned, started from ${join("runs", name)} after its 5 steps\n`,
    )
    const other = await makewaveHere(["train", "--resume", "tuned", "--from", "origin"], folder)
    expect(other).toMatchObject({ code: 1 })
    expect(other.stderr).toContain(
      `--from origin: tuned trains with ${join("runs", name)}, which cannot change`,
    )
    const missing = await makewaveHere(["train", ...words, "--from", "nmaed"], folder)
    expect(missing.stderr).toContain("nmaed: there is no run here: did you mean named?")
    const found = await makewaveHere(["lr-find", at("others.txt"), "--from", name, "--steps", "30"], folder)
    expect(found.stdout).toContain("--from runs/named")
  })

  test("mixed with counts is a network to start from, and starts from one", async () => {
    const start = { ...tuned, steps: 2, data: at("others.txt"), mixOrder: 3 }
    await take({ given: { ...start, from: at("origin") }, out: at("mixed") })
    await take({ given: { ...start, from: at("mixed"), freeze: "all-but-head" }, out: at("again") })
    expect((await readConfig(at("again"))).from).toMatchObject({ name: at("mixed"), steps: 2 })
    const [was, is] = [await parametersOf(at("mixed")), await parametersOf(at("again"))]
    expect(is["embedding.weight"]).toEqual(was["embedding.weight"])
  })

  test("of sound has voices of its own", async () => {
    const write = async (file: string, frequency: number) => {
      mkdirSync(at(file, ".."), { recursive: true })
      writeFileSync(at(file), await writeWav(tone(frequency, { sampleRate: 2000 })))
    }
    for (const [voice, frequency] of Object.entries({ high: 400, low: 100, middle: 200 }))
      await write(`${voice === "high" ? "first" : "second"}/${voice}/tone.wav`, frequency)
    await write("first/low/tone.wav", 100)
    const small = { layers: 3, stacks: 1, residualChannels: 4, dilationChannels: 4, skipChannels: 4 }
    const sounding = { ...short, sampleRate: 2000, context: 64, steps: 3 }
    await take({
      given: { ...sounding, ...small, model: "wavenet-2016", labelWidth: 5, data: at("first") },
      out: at("tones"),
    })
    await take({
      given: { ...sounding, from: at("tones"), freeze: "body", data: at("second") },
      out: at("voices"),
    })
    const { recipe, condition } = await readConfig(at("voices"))
    expect(recipe).toMatchObject({ model: "wavenet-2016", ...small, labelWidth: 5 })
    expect(condition?.values).toEqual(["low", "middle"])
    const name = "stack.layers.1.condition.weight"
    expect((await parametersOf(at("voices")))[name]).toEqual((await parametersOf(at("tones")))[name])
  })
})
