/** How settings are declared: what each kind accepts and parses, defaults that depend on others, and tables of them. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { models } from "../src/models/index.ts"
import { optimizers, schedules } from "../src/optim/index.ts"
import { settingsOf } from "../src/runs/choice.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { settings as all, currentName, parseSettings, type Settings } from "../src/runs/settings.ts"
import {
  derived,
  fill,
  fraction,
  notNegative,
  oneOf,
  only,
  positive,
  seed,
  size,
  text,
  toggle,
  unless,
  whole,
  wholes,
} from "../src/setting.ts"

describe("what a flag's argument stands for, and whether it is accepted", () => {
  const word = { unit: "word", wanted: "give a word" }
  test.each([
    [size(1, ""), "16_384", 16_384, "16_385"],
    [size(1, "", { least: 0 }), "0", 0, "-1"],
    [whole(1, ""), "1_000_000_000", 1e9, "1e9.5"],
    [whole(1, "", { least: -7 }), "-7", -7, "-8"],
    [seed(1, ""), "-9007199254740991", -(2 ** 53 - 1), "9007199254740992"],
    [positive(1, ""), "1e-3", 0.001, "0"],
    [positive(1, ""), "1e9", 1e9, "1e39"],
    [positive(1, "", { most: 1 }), "1", 1, "1.1"],
    [notNegative(0, ""), "0", 0, "-0.1"],
    [notNegative(0, ""), "1e9", 1e9, "1e39"],
    [fraction(0, ""), ".5", 0.5, "1"],
    [wholes(undefined, "", word), "1,20", [1, 20], "1,two"],
    [text(undefined, "", word), "3", "3", ""],
    [oneOf(["a", "b"], "a", ""), "b", "b", "c"],
    [toggle(false, ""), "true", true, "yes"],
  ])("%o", (setting, good, value, bad) => {
    expect(setting.parse(good)).toEqual(value)
    expect(setting.accepts(value)).toBe(true)
    expect(setting.accepts(setting.parse(bad))).toBe(false)
    for (const other of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, {}, [Number.NaN]])
      expect(setting.accepts(other)).toBe(false)
  })
})

describe("filled in", () => {
  const settings = {
    width: size(4, "width"),
    double: size(
      derived("twice the width", ({ width }: { width: number }) => 2 * width),
      "double",
    ),
    depth: only(
      ({ deep }: { deep?: boolean }) => (deep ? undefined : "it is a setting of what is deep"),
      size(3, "depth"),
    ),
    name: text(undefined, "name", { unit: "name", wanted: "give a name" }),
  }

  test("a default may depend on settings before it, and on facts; what has none, or does not apply, stays out", () => {
    expect(fill(settings, {})).toEqual({ width: 4, double: 8 })
    expect(fill(settings, { width: 5 }, { facts: { deep: true } })).toEqual({
      width: 5,
      double: 10,
      depth: 3,
    })
    expect(fill(settings, { name: "a", double: 1 })).toEqual({ width: 4, double: 1, name: "a" })
    expect(settings.double.default.text).toBe("twice the width")
  })

  test("other defaults go before the declared ones, unless they give none", () => {
    const instead = { width: derived("6", () => 6), double: derived<number, object>("", () => undefined) }
    expect(fill(settings, {}, { instead })).toEqual({ width: 6, double: 12 })
  })

  test("one reason for several", () => {
    const { width, depth } = unless(({ width }: { width?: number }) => (width ? "none" : undefined), settings)
    expect([width.unless?.({}), width.unless?.({ width: 1 })]).toEqual([undefined, "none"])
    expect([depth.unless?.({}), depth.unless?.({ width: 1 })]).toEqual([
      "it is a setting of what is deep",
      "none",
    ])
  })
})

describe("a choice brings the settings of a table along", () => {
  const table = {
    one: { settings: { a: size(1, "an a"), b: size(2, "a b") } },
    two: { settings: { b: size(5, "a b", { most: 9 }), c: toggle(false, "a c") } },
    three: { settings: { d: size(1, "some"), e: size(1, "first") } },
    four: { settings: { d: size(1, "others") } },
  }
  const { a, b, c, d } = settingsOf("kind", table)

  test("with their sentences and defaults for help", () => {
    expect([a.description, a.default?.text]).toEqual(["one: an a", "1"])
    expect([b.description, b.default?.text]).toEqual(["a b", "2 for one; 5 for two"])
    expect([d.description, d.default?.text]).toEqual(["three: some; four: others", "1"])
  })

  test("of which those of the entry apply, with its default and bounds", () => {
    expect([b.default?.of({ kind: "two" }), a.default?.of({ kind: "two" })]).toEqual([5, undefined])
    expect([b.unless?.({ kind: "two" }), c.unless?.({ kind: "two", c: true })]).toEqual([
      undefined,
      undefined,
    ])
    expect(a.unless?.({ kind: "two" })).toBe("the kind two has no such setting: leave it out, or choose one")
    expect(b.unless?.({ kind: "three" })).toMatch(/choose one or two$/)
    expect(b.accepts(12)).toBe(true)
    expect(b.unless?.({ kind: "one", b: 12 })).toBeUndefined()
    expect(b.unless?.({ kind: "two", b: 12 })).toBe("give a whole number from 1 to 9")
  })
})

test.each(Object.keys(models) as (keyof typeof models)[])(
  "a recipe of %s has the settings of a model that is made without options",
  (name) => {
    const { vocabularySize: _, contextLength, ...others } = new models[name]({ vocabularySize: 3 }).config
    const { context, ...recipe } = resolveRecipe({ model: name })
    expect(recipe).toMatchObject(others)
    expect(context).toBe(contextLength)
    const own = Object.keys(models[name].settings)
    const ofOthers = Object.values(models).flatMap(({ settings }) => Object.keys(settings))
    for (const key of ofOthers) if (!own.includes(key)) expect(recipe).not.toHaveProperty(key)
  },
)

test("a recipe of any settings is as it is when it is read again, or a sentence names the flag", () => {
  const values = {
    model: fc.constantFrom("ngram", ...(Object.keys(models) as (keyof typeof models)[])),
    optimizer: fc.constantFrom(...(Object.keys(optimizers) as (keyof typeof optimizers)[])),
    schedule: fc.constantFrom(...(Object.keys(schedules) as (keyof typeof schedules)[])),
    sampleRate: fc.constant(8000),
    condition: fc.constant("sex"),
    classify: fc.constantFrom("sex", "language"),
    contextLayers: fc.nat(2),
    contextStride: fc.integer({ min: 1, max: 4 }),
    labelWidth: fc.integer({ min: 1, max: 4 }),
    hidden: fc.integer({ min: 1, max: 4 }),
    steps: fc.integer({ min: 1, max: 1e6 }),
    momentum: fc.constant(0.5),
    warmup: fc.nat(9),
    patience: fc.constant(3),
    evaluateEvery: fc.constantFrom(0, 10),
  }
  const anything = fc
    .tuple(fc.record(values), fc.subarray(Object.keys(values), { maxLength: 4 }))
    .map(([all, keys]) => Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key))))
  let resolved = 0
  fc.assert(
    fc.property(anything, (given: Settings) => {
      try {
        const recipe = resolveRecipe(given, { longestLine: 15 })
        resolved++
        expect(recipe).toMatchObject(given)
        expect(parseSettings(JSON.parse(JSON.stringify(recipe)), "a file")).toEqual(recipe)
        expect(resolveRecipe(recipe)).toEqual(recipe)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        expect(error.message).toMatch(/^--[a-z-]+ .*: (leave|give|choose)/s)
      }
    }),
    { numRuns: 1000 },
  )
  expect(resolved).toBeGreaterThan(100)
})

test("each setting has a sentence, and one that is no switch what it takes; none has the name of a former one", () => {
  for (const [key, { description, unit, accepts }] of Object.entries(all)) {
    expect(description, key).toMatch(/^\S.*\S$/)
    expect(unit === undefined, key).toBe(accepts(true))
    expect(currentName(key)).toBe(key)
  }
})

test.each([
  [100, { logEvery: 1, checkpointEvery: 100, evaluateEvery: 1000 }],
  [5000, { logEvery: 10, checkpointEvery: 100, evaluateEvery: 1000 }],
  [200_000, { logEvery: 100, checkpointEvery: 10_000, evaluateEvery: 20_000 }],
  [3_000_000, { logEvery: 100, checkpointEvery: 100_000, evaluateEvery: 300_000 }],
])("of %i steps, a run by default logs, keeps and evaluates these", (steps, intervals) => {
  expect(resolveRecipe({ steps })).toMatchObject(intervals)
})
