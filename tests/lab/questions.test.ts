/** What the page asks about a training, of every model: answers that fit each other, and that leave the training as it is. */
import { expect, test } from "vitest"
import type { Live } from "../../lab/src/trainer/live.ts"
import { diagnose } from "../../lab/src/trainer/questions/diagnose.ts"
import { embedding } from "../../lab/src/trainer/questions/embedding.ts"
import { geometry } from "../../lab/src/trainer/questions/geometry.ts"
import { graph } from "../../lab/src/trainer/questions/graph.ts"
import { look as lookAt } from "../../lab/src/trainer/questions/look.ts"
import { sample } from "../../lab/src/trainer/questions/sample.ts"
import { type Model, models } from "../../src/models/index.ts"
import { memoryStore } from "../../src/runs/memory-store.ts"
import { runtimeOf } from "../../src/runs/recipe.ts"
import { runTraining } from "../../src/runs/run-training.ts"
import type { Settings } from "../../src/runs/settings.ts"

const list = new TextEncoder().encode(
  "emma\nolivia\nava\nmia\nisabella\nsophia\nzoe\nlea\nanna\nida\n".repeat(3),
)

/** A training of small layers after two steps. */
async function begun(given: Settings): Promise<Live> {
  const small = { embedding: 8, hidden: 8, residualChannels: 8, dilationChannels: 8, skipChannels: 8 }
  const { settings } = models[given.model as keyof typeof models] ?? { settings: {} }
  const fitting = Object.fromEntries(Object.entries(small).filter(([name]) => name in settings))
  const events = runTraining({
    given: {
      ...fitting,
      ...(given.model !== "ngram" && { steps: 4, batchSize: 8 }),
      ...given,
      data: "list.txt",
    },
    out: memoryStore("run"),
    loading: { bytes: list },
  })
  const { value } = await events.next()
  if (value?.kind !== "begun") throw new Error("the training did not begin")
  const { run, model, training, corpus } = value
  await training?.advance(2)
  const runtime = runtimeOf(run.config.recipe)
  return {
    run,
    corpus,
    model: model as Live["model"],
    training,
    runtime,
    step: 2,
    isEvaluating: false,
    rate: (scheduled) => scheduled,
  }
}

test.each(["bytes", "words"] as const)(
  "of a training on %s: a context and samples in them",
  async (tokens) => {
    const live = await begun({ model: "gru", tokens, context: 12 })
    const { vocabulary } = live.corpus
    const { ids, missing, probabilities } = lookAt(live, { context: "ida" })
    expect(ids.slice(1)).toEqual(Array.from(vocabulary.encode("ida")))
    expect([missing, probabilities.length]).toEqual([[], vocabulary.size])
    const { samples } = await sample(live, { count: 40, seed: 1 })
    expect(samples.map(({ text }) => text).join()).not.toContain("<unk>")
  },
)

test("what the vocabulary does not have is left out of a context", async () => {
  const live = await begun({ model: "gru" })
  expect(lookAt(live, { context: "eßmÖ" })).toMatchObject({ missing: ["ß", "Ö"] })
  expect(lookAt(live, { context: "eßmÖ" }).ids).toEqual(lookAt(live, { context: "em" }).ids)
})

const names = Object.keys(models) as (keyof typeof models)[]

test.each(names)(
  "%s: the layers that are looked at are those of the geometry, and of the diagnosis",
  async (model) => {
    const live = await begun({ model })
    const before = live.training!.state()
    const { levels, positions } = geometry(live, { positions: 16 })
    const look = lookAt(live, { context: "emm" })
    expect(look.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    for (const { path, channels, sees } of levels) {
      const { values } = look.layers.findLast((layer) => layer.path === path)!
      expect(values).toHaveLength((sees.length === positions ? look.ids.length : sees.length) * channels)
    }
    expect(look.attention).toHaveLength(model === "transformer" ? 4 : 0)

    const { layers, limits, loss, step } = await diagnose(live, {})
    expect(step).toBe(2)
    expect(loss).toBeGreaterThan(0)
    expect(layers.map(({ path }) => path)).toEqual(expect.arrayContaining(levels.map(({ path }) => path)))
    expect(layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(live.model.parameterCount)
    expect(limits.activations).toBeGreaterThan(0)
    // The numbers of a matrix change by a small part of themselves.
    for (const { shape, updateToData } of layers.flatMap(({ updates }) => updates))
      if (shape.length > 1) expect(updateToData ?? -1).toBeLessThan(0)
    const values = layers.flatMap(({ values }) => values)
    expect(values.length).toBeGreaterThan(0)
    for (const { activations } of values) expect(activations.reduce((a, b) => a + b)).toBeGreaterThan(0)
    expect(live.training!.state()).toEqual(before)
  },
)

test("a diagnosis is of the numbers of now, and each time of the same rows", async () => {
  const live = await begun({ model: "wavenet" })
  const first = await diagnose(live, {})
  expect(await diagnose(live, {})).toEqual(first)
  await live.training!.advance(3)
  const second = await diagnose({ ...live, step: 3 }, {})
  expect(second.loss).not.toBe(first.loss)
})

test("an embedding has a row for each symbol, and its components hold most of the variance that two can", async () => {
  const live = await begun({ model: "wavenet", embedding: 2 })
  const { numbers, components, explained, width, path } = embedding(live, {})
  expect([path, width]).toEqual(["network.layers.0", 2])
  expect(numbers).toHaveLength(2 * live.corpus.vocabulary.size)
  expect(components).toHaveLength(numbers.length)
  expect(explained).toBeCloseTo(1, 5)
  expect(embedding(await begun({ model: "bigram" }), {}).width).toBe(0)
})

test("counts have no layers to look into", async () => {
  const live = await begun({ model: "ngram" })
  for (const ask of [
    () => geometry(live, { positions: 16 }),
    () => lookAt(live, { context: "emm" }),
    () => diagnose(live, {}),
    () => embedding(live, {}),
  ])
    await expect((async () => ask())()).rejects.toThrow("This model is counted, not trained")
})

test.each([
  ...names.map((model): Settings => ({ model, optimizer: "sgd", momentum: 0 })),
  { model: "wavenet", optimizer: "adamw" },
  { model: "flat", optimizer: "sgd", momentum: 0.9 },
  { model: "transformer", optimizer: "muon" },
] satisfies Settings[])("the graph of $model falls into groups that follow each other", async (given) => {
  const live = await begun(given)
  const { nodes, bytes } = await graph(live, {})
  expect(bytes).toBe((await live.training!.compile()).length)
  const order = ["data", "forward", "backward", "update"]
  expect(new Set(nodes.map(({ group }) => group))).toEqual(new Set(order))
  for (const { group, reads, shape } of nodes) {
    expect(shape === undefined).toBe(group === "data")
    // What a node reads is in its own group or in one before it.
    for (const each of reads)
      expect(order.indexOf(nodes[each].group)).toBeLessThanOrEqual(order.indexOf(group))
  }
  // Each parameter is read where it is updated, alone or with others of its width.
  const updated = nodes.filter(({ group }) => group === "update").flatMap(({ leaves }) => leaves)
  const model = live.model as Model
  const own = model.namedParameters().filter(([name]) => updated.includes(name))
  if (given.momentum === 0) expect(own).toHaveLength(model.parameters().length)
  else expect(updated.length).toBeGreaterThan(0)
  for (const [name] of model.namedBuffers()) expect(updated).toContain(name)
})

test("samples tell which of them are in the list", async () => {
  const live = await begun({ model: "ngram", order: 4 })
  const { samples } = await sample(live, { count: 40, seed: 1 })
  const lines = new TextDecoder().decode(list).split("\n")
  const isIn = samples.map(({ text }) => lines.includes(text))
  expect(samples.map(({ isNew }) => !isNew)).toEqual(isIn)
  expect(new Set(isIn).size).toBe(2)
})
