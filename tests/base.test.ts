/** The base was trained on what base/mix.ts mixes, without the lists that it is measured on. */
import { readFileSync, statSync } from "node:fs"
import { expect, test } from "vitest"
import { mix } from "../base/mix.ts"
import { readable } from "../bench/lists/contenders.ts"
import { lists } from "../bench/lists/lists.ts"
import { parseLines } from "../src/data/text.ts"
import { loadText, split, Vocabulary } from "../src/index.ts"
import { hashOf } from "../src/runs/corpora/text-corpus.ts"

test("the base has the lines and symbols of the mix, which leaves the lists out", {
  timeout: 120_000,
}, async () => {
  const lines = await mix()
  const config = JSON.parse(readFileSync("base/config.json", "utf8"))
  const text = parseLines(lines.join("\n"))
  expect(config.data).toEqual({ lines: lines.length, sha256: await hashOf(text, []) })
  expect(config.vocabulary).toEqual(Vocabulary.from(lines).toJSON())
  expect(statSync("base/model.safetensors").size).toBeLessThan(600_000)
  const mixed = new Set(lines.map((line) => line.toLowerCase()))
  const { validation, test } = split(await loadText("names"))
  for (const list of [...Object.values(lists).map((load) => load()), validation.lines, test.lines])
    expect(list.filter((line) => mixed.has(line.toLowerCase()))).toEqual([])
})

test("there are ten lists and more, without repeats", () => {
  expect(Object.keys(lists).length).toBeGreaterThanOrEqual(10)
  for (const load of Object.values(lists)) {
    const lines = load()
    expect(lines.length).toBeGreaterThanOrEqual(100)
    expect(new Set(lines).size).toBe(lines.length)
    expect(lines).toEqual(load())
  }
})

test("lines to test on are those that every contender can read", () => {
  expect(readable(["abc", "cab"], ["ba", "abcc", "bd", "cba"])).toEqual(["ba", "cba"])
})
