/** A model that goes by labels, or classifies, from a table's column to samples: training, going on, sampling, evaluating. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Dataset } from "../src/data/index.ts"
import { UserError } from "../src/errors.ts"
import { toOnnx } from "../src/interchange/index.ts"
import { GRUModel, type Model, Transformer, WaveNet2016 } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { openModel } from "../src/runs/open-model.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { readRun } from "../src/runs/run.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { runTraining, type TrainingEvent, type TrainingRequest } from "../src/runs/run-training.ts"
import type { Settings } from "../src/runs/settings.ts"
import { openSession } from "../src/runtime/session.ts"
import { openSampler, sampleByLabel } from "../src/sampling/index.ts"
import { gradients } from "../src/tensor/gradients.ts"
import { interpret } from "../src/tensor/interpreter.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { type Batch, tableOf, traceBatch } from "../src/training/columns.ts"
import { evaluate, evaluateClasses, lossPerTarget } from "../src/training/evaluate.ts"
import { train } from "../src/training/index.ts"
import { type LossFunction, nextSymbolLoss, traceLoss } from "../src/training/loss.ts"
import { makewaveHere, objects } from "./command-line.ts"

let folder = ""
let table = ""
/** Of what is "low" the letters are p and q, of what is "high" x, y and z: a label says much of a thing, and a thing its label. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-conditioning-"))
  table = join(folder, "things.csv")
  const random = new Generator(3)
  const rows = Array.from({ length: 90 }, (_, k) => {
    const letters = k % 3 === 0 ? "pq" : "xyz"
    const thing = Array.from(random.randint(0, letters.length, 2 + (k % 3)), (i) => letters[i]).join("")
    return `${thing},${k % 3 === 0 ? "low" : "high"}\n`
  })
  writeFileSync(table, `thing,pitch\n${rows.join("")}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const small = {
  recipe: "lecture",
  duplicates: "apart", // there are four different low things
  model: "wavenet-2016",
  layers: 2,
  stacks: 1,
  residualChannels: 8,
  dilationChannels: 8,
  skipChannels: 8,
  optimizer: "adamw",
  learningRate: 0.02,
  steps: 120,
  logEvery: 10,
  evaluateEvery: 60,
} as const

const given = (more: Settings): Settings => ({ ...small, data: table, column: "thing", ...more })

async function take(request: TrainingRequest, steps = Number.POSITIVE_INFINITY): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  let taken = 0
  for await (const event of runTraining({ ...request, every: 1 })) {
    events.push(event)
    if (event.kind === "progress" && ++taken >= steps) break
  }
  return events
}

const isLow = (thing: string) => /^[pq]+$/.test(thing)

describe("a run that goes by a label", () => {
  let run = ""
  let events: TrainingEvent[] = []
  beforeAll(async () => {
    run = join(folder, "conditioned")
    events = await take({ given: given({ condition: "pitch", labelWidth: 3 }), out: run })
  })

  test("keeps its labels, and its samples have the labels asked for", async () => {
    const { recipe, condition, classes } = await readConfig(run)
    expect([recipe.condition, recipe.labelWidth, classes]).toEqual(["pitch", 3, undefined])
    expect(condition).toEqual({ name: "pitch", values: ["high", "low"], counts: [60, 30] })
    const [json] = events.flatMap((event) => (event.kind === "sampled" ? [event.results.json] : []))
    const { samples, sampleLabels } = json as Record<"samples" | "sampleLabels", string[]>
    expect(samples).toHaveLength(20)
    expect(sampleLabels).toEqual(samples.map((sample) => (isLow(sample) ? "low" : "high")))
    expect(new Set(sampleLabels).size).toBe(2)
    const lines = samples.map((sample, k) => `${sample}\t${sampleLabels[k]}\n`)
    expect(readFileSync(join(run, "samples.txt"), "utf8")).toBe(lines.join(""))
  })

  test("resumes as if it had never stopped", async () => {
    const broken = join(folder, "broken")
    await take({ given: given({ condition: "pitch", labelWidth: 3 }), out: broken }, 37)
    await take({ given: {}, resume: broken })
    for (const file of ["config.json", "samples.txt"])
      expect(readFileSync(join(broken, file)).equals(readFileSync(join(run, file))), file).toBe(true)
    const withoutTime = async (run: string) => ({
      checkpoint: { ...(await readRun(run)).checkpoint, seconds: 0, metricsBytes: 0 },
      metrics: readFileSync(join(run, "metrics.jsonl"), "utf8").replace(/"seconds":[\d.]+/g, ""),
    })
    expect(await withoutTime(broken)).toEqual(await withoutTime(run))
  })

  test("is not resumed with other labels, even on the same lines", async () => {
    const text = readFileSync(table, "utf8")
    writeFileSync(table, text.replace(",low", ",high"))
    await expect(take({ given: {}, resume: run })).rejects.toThrow(" has changed since the training of ")
    writeFileSync(table, text)
    await expect(take({ given: { condition: "thing" }, resume: run })).rejects.toThrow(
      /^--condition thing: .* trains with pitch/,
    )
  })

  test("its checkpoint is not taken for that of another's labels", async () => {
    const path = join(run, "config.json")
    const config = readFileSync(path, "utf8")
    writeFileSync(path, config.replace('"high"', '"higher"'))
    await expect(openModel(run)).rejects.toThrow(/it is of other labels than config\.json describes/)
    writeFileSync(path, config)
    expect((await openModel(run)).condition?.values).toEqual(["high", "low"])
  })

  test("samples the label asked for, and by default each as often as in the data", async () => {
    const { model, vocabulary, condition } = await openModel(run)
    const sampler = await openSampler(model, { batchSize: 5 })
    const made = async (label?: number) => {
      const options = { labels: condition, label, count: 60, generator: new Generator(1) }
      const found: { thing: string; label?: string }[] = []
      for await (const { ids, label } of sampleByLabel(sampler, options))
        found.push({ thing: vocabulary.decode(ids), label })
      return found
    }
    for (const [label, name] of [...condition!.values.entries()]) {
      const things = await made(label)
      expect(things).toHaveLength(60)
      expect(new Set(things.map(({ label }) => label))).toEqual(new Set([name]))
      const right = things.filter(({ thing }) => isLow(thing) === (name === "low")).length
      expect(right).toBeGreaterThan(50)
    }
    const low = (await made()).filter(({ label }) => label === "low").length
    expect(low).toBeGreaterThan(8)
    expect(low).toBeLessThan(32) // 20 are to be expected, the deviation is 3.7
    await sampler.release()
  })

  test("on the command line: samples, evaluation by label and judged by counts, and what is wrong", async () => {
    const sample = await makewaveHere([
      "sample",
      run,
      "--condition",
      "low",
      "--json",
      "-n",
      "6",
      "--seed",
      "1",
    ])
    expect(sample.code).toBe(0)
    expect(objects(sample.stdout).map(({ label }) => label)).toEqual(new Array(6).fill("low"))
    const drawn = await makewaveHere(["sample", run, "-n", "30", "--seed", "1"])
    expect(drawn.stderr).toMatch(/^30 samples from .*\n {2}high: \d+, \d+ of them new\n {2}low: \d+, /)

    const judged = ["--samples", "20", "--judge-order", "2"]
    const { stdout } = await makewaveHere(["evaluate", run, ...judged, "--json"])
    const [{ validation, reports, conditions, judgeOrder }] = objects(stdout) as [Record<string, never>]
    expect(judgeOrder).toBe(2)
    expect(events.find(({ kind }) => kind === "evaluated")).toMatchObject({
      validation: expect.closeTo(validation, 6),
    })
    expect(reports).toMatchObject({ validation: { labels: { high: {}, low: {} } } })
    expect(conditions).toEqual([
      { label: "high", real: 1, made: expect.closeTo(1, 0) },
      { label: "low", real: 1, made: expect.closeTo(1, 0) },
    ])
    const other = await makewaveHere(["evaluate", run, "--data", table, "--column", "thing"])
    expect(other.stdout).toMatch(/\ndata .*\n(.*\n)+ {2}labelled high .*\n {2}labelled low /)

    const wrong = await makewaveHere(["sample", run, "--condition", "lou"])
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'error: "lou": the data has no such pitch: did you mean low? It has high, low\n',
    ])
    const text = join(folder, "plain.txt")
    writeFileSync(text, "xyz\npqp\n")
    expect((await makewaveHere(["evaluate", run, "--data", text])).stderr).toMatch(
      /^error: .*plain\.txt: its lines have no labels, so there is no pitch/,
    )
  })

  test("is looked into, plotted, and a rate is found for its like", async () => {
    const inspected = await makewaveHere(["inspect", run, "--json"])
    const [{ layers, diagnosis }] = objects(inspected.stdout)
    expect(layers).toContainEqual(expect.objectContaining({ path: "label", outputShape: [32, 3] }))
    expect(diagnosis).toMatchObject({ loss: expect.any(Number) })
    expect((await makewaveHere(["plot", run])).code).toBe(0)
    const found = await makewaveHere([
      ...["lr-find", table, "--column", "thing", "--condition", "pitch", "--model", "wavenet-2016"],
      ...["--layers", "1", "--stacks", "1", "--steps", "30", "--json"],
    ])
    expect(objects(found.stdout)[0].suggestion).toMatchObject({ steepest: expect.any(Number) })
  })

  test("a batch's loss is that of a hand-written pass with the labels of its rows", async () => {
    const { model } = await openModel(run)
    const data = labelled(model.contextLength)
    const got = await lossPerTarget(model, data)
    const logits = trace(model, "evaluation", () =>
      model.forward(Tensor.constant(data.inputs.data, data.inputs.shape, "int32"), {
        label: Tensor.constant(data.labels!.data, [3], "int32"),
      }),
    ).result
    const logp = logits.logSoftmax().values()
    const V = model.vocabularySize
    const want = Array.from(data.targets.data, (target, k) => (target < 0 ? 0 : -logp[k * V + target]))
    for (const [k, x] of want.entries()) expect(got[k]).toBeCloseTo(x, 4)
    const others = await lossPerTarget(model, {
      ...data,
      labels: { data: Int32Array.of(1, 0, 1), shape: [3] },
    })
    expect(Math.abs(others[0] - got[0])).toBeGreaterThan(0.1)
  })

  test("leaves as an ONNX file with one more input, and as a JavaScript file with one more argument", async () => {
    const { model, vocabulary } = await openModel(run)
    const T = model.contextLength
    const ids = Array.from(new Generator(5).randint(0, model.vocabularySize, 2 * T))
    const want = trace(model, "evaluation", () =>
      model.forward(Tensor.constant(ids, [2, T], "int32"), {
        label: Tensor.constant([1, 0], [2], "int32"),
      }),
    ).result.values()
    const session = await openSession(toOnnx(model))
    const { logits } = await session.run({
      ids: session.tensor(Int32Array.from(ids), [2, T], "int32"),
      label: session.tensor(Int32Array.of(1, 0), [2], "int32"),
    })
    await session.release()
    for (const [k, x] of want.entries()) expect((logits.data as Float32Array)[k]).toBeCloseTo(x, 4)

    const path = join(folder, "model.mjs")
    expect(
      (await makewaveHere(["export", run, "--format", "javascript", "--bits", "32", "--out", path])).code,
    ).toBe(0)
    const exported = await import(pathToFileURL(path).href)
    expect(exported.labels).toEqual(["high", "low"])
    const thing = Array.from(vocabulary.encode("pq"))
    const inputs = Int32Array.from([0, ...thing, ...new Array(T - 3).fill(0)])
    for (const [number, label] of ["high", "low"].entries()) {
      const all = trace(model, "evaluation", () =>
        model.forward(Tensor.constant(inputs, [1, T], "int32"), {
          label: Tensor.constant([number], [1], "int32"),
        }),
      ).result.values()
      const V = model.vocabularySize
      const got: ArrayLike<number> = exported.logits(thing, label)
      for (let v = 0; v < V; v++) expect(got[v]).toBeCloseTo(all[2 * V + v], 5)
    }
    const things = Array.from({ length: 20 }, (_, seed) => exported.sample({ seed, label: "low" }))
    expect(things.filter(isLow).length).toBeGreaterThan(15)
    expect(exported.sample({ seed: 1 })).toBe(exported.sample({ seed: 1 }))
    expect(() => exported.sample({ label: "lou" })).toThrow('label "lou": give one of "high", "low"')
  })
})

/** Three rows of things with labels and classes. */
const labelled = (T: number): Dataset => {
  const inputs = new Int32Array(3 * T)
  const targets = new Int32Array(3 * T).fill(-1)
  for (const [row, ids] of [[1, 2], [3, 4, 5], [2]].entries()) {
    inputs.set(ids, row * T + 1)
    targets.set([...ids, 0], row * T)
  }
  return {
    inputs: { data: inputs, shape: [3, T] },
    targets: { data: targets, shape: [3, T] },
    labels: { data: Int32Array.of(0, 1, 0), shape: [3] },
    classes: { data: Int32Array.of(1, 0, 1), shape: [3] },
  }
}

/** The batch of some rows, and what stands in the leaves that it is read from. */
function batchOf(data: Dataset, rows: number[]) {
  const { batch, whole, numbers } = traceBatch(tableOf(data), Tensor.constant(rows, [rows.length], "int32"))
  const leaves = new Map(Object.entries(whole).map(([name, leaf]) => [leaf, numbers[name]]))
  return { batch: batch as Batch<Dataset>, leaves }
}

/** What the next-symbol loss minimizes and reports of a batch. */
function losses(model: Model, batch: Batch<Dataset>, options?: { classWeight: number }) {
  const { minimize, report } = traceLoss(
    nextSymbolLoss(model, options) as LossFunction<never> as LossFunction,
    batch,
  )
  return { minimize, loss: report.loss, classLoss: (report as { classLoss?: Tensor }).classLoss }
}

const classifying = { vocabularySize: 6, contextLength: 6, classes: 2 }
const classifiers: Record<string, () => WaveNet2016 | GRUModel> = {
  "wavenet-2016": () =>
    new WaveNet2016({
      ...{ ...classifying, layers: 2, stacks: 1 },
      ...{ residualChannels: 4, dilationChannels: 4, skipChannels: 5 },
    }),
  gru: () => new GRUModel({ ...classifying, embedding: 3, hidden: 5 }),
}

describe.each(Object.entries(classifiers))("a %s that classifies", (_, make) => {
  const { labels: _labels, ...data } = labelled(6)
  const model = () => make().initialize(new Generator(1))

  test("from the mean of the positions up to the stop, by two losses of which one has a weight", () => {
    const network = model()
    const { batch, leaves } = batchOf(data, [2, 0, 1])
    const { loss, classLoss, minimize } = losses(network, batch, { classWeight: 0.25 })
    const [s, c, both] = interpret([loss, classLoss!, minimize], leaves).map(([x]) => x)
    expect(both).toBeCloseTo(s + 0.25 * c, 12)

    // By hand: each row by itself, and of it no more than there is.
    let [nats, count, ofClasses] = [0, 0, 0]
    for (let row = 0; row < 3; row++) {
      const targets = data.targets.data.subarray(row * 6, (row + 1) * 6).filter((target) => target >= 0)
      const ids = data.inputs.data.subarray(row * 6, row * 6 + targets.length)
      const T = targets.length
      const all = Tensor.constant(new Array(T).fill(1), [1, T], "int32").cast("bool")
      const alone = network.classify(Tensor.constant(ids, [1, T], "int32"), all)
      const [logits, classLogits] = [alone.logits.logSoftmax().values(), alone.classes.logSoftmax().values()]
      for (const [t, target] of targets.entries()) nats -= logits[t * 6 + target]
      count += T
      ofClasses -= classLogits[data.classes!.data[row]]
    }
    expect(s).toBeCloseTo(nats / count, 6)
    expect(c).toBeCloseTo(ofClasses / 3, 6)
  })

  test("a step goes down the slope of both", async () => {
    const network = model()
    const before = network.stateDict()
    const [batches, rate, classWeight] = [() => inOrder, 0.5, 2]
    const inOrder = { batchSize: 3, next: () => Int32Array.of(0, 1, 2), getState: () => null, setState() {} }
    const training = train(network, data, {
      ...{ steps: 1, batchSize: 3, optimizer: sgd(), rate, batches },
      loss: nextSymbolLoss(network, { classWeight }),
    })
    const { loss, reports } = await training.advance(1)
    await training.release()

    const twin = model()
    const { batch, leaves } = batchOf(data, [0, 1, 2])
    const { loss: ofSymbols, classLoss } = losses(twin, batch)
    const named = twin.namedParameters()
    const parameters = named.map(([, parameter]) => parameter)
    const slopes = [ofSymbols, classLoss!].map((loss) => gradients(loss, parameters))
    const found = interpret([ofSymbols, classLoss!, ...slopes.flat()], leaves)
    expect(loss).toBeCloseTo(found[0][0], 5)
    expect(reports.classLoss[0]).toBeCloseTo(found[1][0], 5)
    const after = network.stateDict()
    for (const [k, [name]] of named.entries())
      for (const [i, x] of before[name].data.entries()) {
        const slope = found[2 + k][i] + classWeight * found[2 + named.length + k][i]
        expect(after[name].data[i], name).toBeCloseTo(x - rate * slope, 5)
      }
  })

  test("how many it tells rightly, and how surely", async () => {
    const network = model()
    const { accuracy, loss } = await evaluateClasses(network, data, { batchSize: 2 })
    const { batch, leaves } = batchOf(data, [0, 1, 2])
    const { classes } = network.classify(batch.inputs, batch.targets.greaterEqual(0))
    const [logp] = interpret([classes.logSoftmax()], leaves)
    const rows = Array.from(data.classes!.data, (label, row) => [
      logp[2 * row + label],
      logp[2 * row + 1 - label],
    ])
    expect(accuracy).toBeCloseTo(rows.filter(([right, wrong]) => right > wrong).length / 3, 12)
    expect(loss).toBeCloseTo(-rows.reduce((sum, [right]) => sum + right, 0) / 3, 4)
    expect(await evaluate(network, data)).toBeGreaterThan(1)
  })
})

describe("a run that classifies", () => {
  test.each(["rnn", "gru", "lstm"] as const)("%s does too", async (model) => {
    const sizes = { model, embedding: 6, hidden: 12, learningRate: 0.01, steps: 150, batchSize: 16 } as const
    const settings = {
      ...sizes,
      data: table,
      column: "thing",
      classify: "pitch",
      optimizer: "adamw",
    } as const
    const events = await take({ given: settings, out: join(folder, `classifying-${model}`) })
    expect(events.find(({ kind }) => kind === "evaluated")).toMatchObject({ accuracy: 1 })
  })

  test("training and evaluation report it, beside the n-grams'", async () => {
    const run = join(folder, "classifying")
    const events = await take({ given: given({ classify: "pitch" }), out: run })
    const end = events.find(({ kind }) => kind === "evaluated")
    expect(end).toMatchObject({ accuracy: 1 })
    const metrics = await readMetrics(run)
    expect(metrics[0].classLoss).toBeCloseTo(Math.LN2, 0)
    expect(metrics.filter(({ accuracy }) => accuracy !== undefined).map(({ step }) => step)).toEqual([
      60, 120,
    ])
    const { stdout } = await makewaveHere(["evaluate", run, "--json"])
    expect(objects(stdout)[0].classes).toMatchObject({ validation: { accuracy: 1, counted: 1 } })
    const { stdout: text } = await makewaveHere(["evaluate", run])
    expect(text).toMatch(/\naccuracy of pitch .*\ntrain +100\.0 %/)
  })
})

describe("what does not go together gets a sentence", () => {
  test.each<[Settings, RegExp]>([
    [{ condition: "sex" }, /^--condition sex: the model wavenet takes no labels: .* --model wavenet-2016$/],
    [{ classify: "sex", model: "transformer" }, /^--classify sex: the model transformer takes no labels/],
    [{ condition: "sex", classify: "sex", model: "wavenet-2016" }, /^--condition and --classify sex: /],
    [
      { labelWidth: 4, model: "wavenet-2016" },
      /^--label-width 4: it is a setting of models that are conditioned .* --condition$/,
    ],
    [{ classWeight: 4, model: "wavenet-2016" }, /^--class-weight 4: it is a setting of models that classify/],
    [{ condition: "sex", model: "ngram" }, /^--condition sex: the model ngram takes no labels/],
  ])("%j", (settings, sentence) => {
    expect(() => resolveRecipe(settings)).toThrow(UserError)
    expect(() => resolveRecipe(settings)).toThrow(sentence)
  })

  test("labels for a model without, and a model that wants some without", () => {
    const data = labelled(6)
    const config = { vocabularySize: 6, contextLength: 6 }
    const of = (data: Dataset, more = {}) =>
      losses(new WaveNet2016({ ...config, ...more }), batchOf(data, [0, 1]).batch)
    const { classes: _, ...conditioned } = data
    expect(() => of(conditioned)).toThrow(/the model is not conditioned on any/)
    const { labels: __, ...bare } = conditioned
    expect(() => of(bare, { labels: 2 })).toThrow(/the data has none/)
    const { labels: ___, ...classified } = data
    expect(() => of(classified)).toThrow(/the model has no classes to predict/)
    const gru = new GRUModel({ ...config, hidden: 4 })
    expect(() => losses(gru, batchOf(classified, [0, 1]).batch)).toThrow(
      /the model has no classes to predict/,
    )
    const longer = new Transformer({ ...config, contextLength: 7 })
    expect(() => losses(longer, batchOf(bare, [0, 1]).batch)).toThrow(
      /the model reads 7 symbols, and the rows have 6/,
    )
  })
})
