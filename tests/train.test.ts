/** A pull leaves the model current: however a training is cut into pulls, calls and resumes, its numbers are those of its step. */
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { type Dataset, epochBatches, Vocabulary, windows } from "../src/data/index.ts"
import { Flat } from "../src/models/index.ts"
import { adamw, sgd } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import { evaluate } from "../src/training/evaluate.ts"
import { DivergenceError, type Training, type TrainOptions, train } from "../src/training/index.ts"

const lines = ["abc", "cab", "bb", "acca", "b", "cbca", "abba", "cc"]
const vocabulary = Vocabulary.from(lines)
const data: Dataset = windows(lines, vocabulary, 3)
const newModel = () =>
  new Flat({ vocabularySize: 4, contextLength: 3, embedding: 3, hidden: 8 }).initialize(new Generator(1))

const STEPS = 230
const kinds = {
  "sgd with averages": { optimizer: sgd(), ema: 0.9 },
  "adamw over epochs": { optimizer: adamw(), rate: 0.01, batches: epochBatches },
} satisfies Record<string, Partial<TrainOptions>>

const options = (kind: Partial<TrainOptions>): TrainOptions => ({
  ...{ steps: STEPS, batchSize: 5, generator: new Generator(3) },
  ...kind,
})

/** What can be seen of a training between two pulls, in full. */
async function seen(training: Training) {
  const { steps, moments, ...streams } = training.state()
  return structuredClone({ steps, moments, streams, numbers: training.module.stateDict() })
}

describe.each(Object.entries(kinds))("%s", (_, kind) => {
  const opened: Training[] = []
  const open = (more: Partial<TrainOptions> = {}, model = newModel()) => {
    const training = train(model, data, { ...options(kind), ...more })
    opened.push(training)
    return training
  }
  afterAll(() => Promise.all(opened.map((training) => training.release())))

  /** The training that stops at `step`, one step at a time: what each of the others is held to. */
  const stepByStep = open()
  const states = new Map<number, Awaited<ReturnType<typeof seen>>>()
  const losses: number[] = []
  const at = async (step: number) => {
    while (stepByStep.step < step) {
      losses.push((await stepByStep.advance(stepByStep.step + 1)).loss)
      states.set(stepByStep.step, await seen(stepByStep))
    }
    return states.get(step)!
  }

  test("any cut into pulls, calls and resumes leaves model, state and losses of that very step", async () => {
    const cut = fc.oneof(
      fc.record({ every: fc.integer({ min: 1, max: 130 }), pulls: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ to: fc.integer({ min: 1, max: 120 }) }),
      fc.constant("resume" as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 5 }), async (cuts) => {
        let training = open()
        const check = async ({
          step,
          loss,
          losses: found,
          rates,
        }: Awaited<ReturnType<Training["advance"]>>) => {
          expect(step).toBe(training.step)
          expect(await seen(training)).toEqual(await at(step))
          expect(Array.from(found)).toEqual(losses.slice(step - found.length, step))
          expect(loss).toBe(losses[step - 1])
          expect(rates).toHaveLength(found.length)
        }
        for (const each of cuts) {
          const model = newModel().loadStateDict(training.module.stateDict())
          if (each === "resume") training = open({ from: structuredClone(training.state()) }, model)
          else if (training.step === STEPS) return
          else if ("to" in each) await check(await training.advance(training.step + each.to))
          else {
            training = open({ from: structuredClone(training.state()), every: each.every }, model)
            let pulls = 0
            for await (const progress of training) {
              expect(progress.step % each.every === 0 || progress.step === STEPS).toBe(true)
              await check(progress)
              if (++pulls === each.pulls) break
            }
          }
        }
      }),
      { numRuns: 12 },
    )
  })

  test("the loss that is evaluated inside the loop is that of a training that stops there, averaged too", async () => {
    const [model, twin] = [newModel(), newModel()]
    const [here, there] = [open({ every: 70 }, model), open({}, twin)]
    for await (const { step } of here) {
      await there.advance(step)
      expect(await evaluate(model, data)).toBe(await evaluate(twin, data))
      const averages = await here.averaged(() => evaluate(model, data))
      expect(averages).toBe(await there.averaged(() => evaluate(twin, data)))
      if ("ema" in kind) expect(averages).not.toBe(await evaluate(model, data))
    }
  })
})

test("numbers that are assigned to the model between two pulls are what the next one starts from", async () => {
  const training = train(newModel(), data, options({}))
  await training.advance(10)
  const resumed = train(newModel(), data, options({ from: training.state() }))
  training.module.loadStateDict(newModel().stateDict())
  const [{ loss }, expected] = [await training.advance(11), await resumed.advance(11)]
  expect(loss).toBe(expected.loss)
  expect(training.module.stateDict()).toEqual(resumed.module.stateDict())
  await Promise.all([training, resumed].map((each) => each.release()))
})

describe("a loss that is not finite", () => {
  /** A rate beyond all bounds from this step on. */
  const rate = (step: number) => (step >= 57 ? 1e30 / 3 : 0.1)

  test.each([1, 20, 100, 230])("puts everything back to before its step, in pulls of %i", async (every) => {
    const training = train(newModel(), data, { ...options({}), rate, every })
    const heard: number[] = []
    const told = await (async () => {
      for await (const { losses } of training) heard.push(...losses)
    })().catch((error: unknown) => error)
    if (!(told instanceof DivergenceError)) throw told
    expect(told.message).toMatch(
      /^train: the loss after \d+ steps is NaN, at a learning rate of 3\.333e\+29: lower/,
    )
    expect(told.step).toBeGreaterThan(57)
    expect(told.step).toBe(training.step)

    const twin = train(newModel(), data, { ...options({}), rate, steps: told.step })
    const { losses } = await twin.advance(told.step)
    expect([...heard, ...told.before.losses]).toEqual(Array.from(losses))
    expect(await seen(training)).toEqual(await seen(twin))

    const { generator } = training.state()
    const stream = new Generator(0)
    stream.setState(generator)
    expect(told.rows).toEqual(stream.randint(0, data.inputs.shape[0], 5))
    await Promise.all([training, twin].map((each) => each.release()))
  })
})

test.each<[string, Partial<TrainOptions>]>([
  ["momentum and averages", { optimizer: sgd({ momentum: 0.9 }), ema: 0.9 }],
  ["batches over epochs", { batches: epochBatches }],
])("after a loss that is not finite, %s are those of before its step too", async (_, kind) => {
  const rate = (step: number) => (step >= 57 ? 1e30 : 0.1)
  const training = train(newModel(), data, { ...options(kind), rate })
  await expect(training.advance(STEPS)).rejects.toThrow(DivergenceError)
  const twin = train(newModel(), data, { ...options(kind), rate, steps: training.step })
  await twin.advance(training.step)
  expect(await seen(training)).toEqual(await seen(twin))
  await Promise.all([training, twin].map((each) => each.release()))
})

test("impossible options are refused", async () => {
  expect(() => train(newModel(), data, {} as never)).toThrow("steps = undefined: give the number of steps")
  expect(() => train(newModel(), data, { steps: 2.5 })).toThrow("steps = 2.5: give a whole number")
  expect(() => train(newModel(), data, { steps: 1, clipNorm: 0 })).toThrow(
    "clipNorm = 0: give a number above 0",
  )
  expect(() => train(newModel(), data, { steps: 1, ema: 1 })).toThrow(
    "ema = 1: give a number from 0 to below 1",
  )
  const from = train(newModel(), data, { steps: 1, optimizer: adamw() }).state()
  expect(() => train(newModel(), data, { steps: 1, from })).toThrow(/moments are .+, and this one's none/)
  const other = new Flat({ vocabularySize: 4, contextLength: 3, embedding: 2, hidden: 8 })
  expect(() => train(other, data, { steps: 1, from, optimizer: adamw() })).toThrow(
    /the state of another module: network\..+ has 12 numbers there, and here 8/,
  )
  expect(() => train(newModel(), data, { steps: 5, every: 0 })).toThrow(
    "every = 0: give a whole number from 1 to",
  )
  const training = train(newModel(), data, { steps: 5 })
  expect((await training.advance(9)).step).toBe(5)
  await expect(training.advance(5)).rejects.toThrow("advance: to step 5 after 5: give a later step")
  const twice = train(newModel(), data, { steps: 5 })
  const one = twice.advance(3)
  await expect(twice.advance(5)).rejects.toThrow(/advance: steps of an earlier call.*await it first/)
  expect((await one).step).toBe(3)
  expect((await twice.advance(5)).step).toBe(5)
  await twice.release()
  await training.release()
})
