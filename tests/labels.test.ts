/** Labels of lines: of the data sets, of a table's columns, numbered, and kept with their lines through a split. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { labelNumber, labelNumbers, labelsOf, loadText, parseColumn, split } from "../src/data/index.ts"
import { UserError } from "../src/errors.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-labels-"))
afterAll(() => rmSync(folder, { recursive: true }))

test("languages: six lists with sex and language, every line clean", async () => {
  const { lines, labels: { sex, language } = {} } = await loadText("languages")
  expect([lines.length, sex.length, language.length]).toEqual([85_296, 85_296, 85_296])
  const counted = Map.groupBy(language, (each) => each)
  expect(Array.from(counted, ([name, { length }]) => [name, length])).toEqual([
    ["english", 32_513],
    ["french", 36_107],
    ["german", 2_245],
    ["italian", 4_291],
    ["spanish", 9_918],
    ["turkish", 222],
  ])
  expect([sex[lines.indexOf("büşra")], language[lines.indexOf("büşra")]]).toEqual(["female", "turkish"])
  for (const line of lines) expect(line).toMatch(/^\p{L}[\p{L} '`-]*$/u)
  for (const line of lines) expect(line).toBe(line.normalize("NFC").trim())
})

test("labels are numbered in code point order", () => {
  const text = parseColumn("name,of\nanna,b\nbo,a\ncleo,b\ndora,é\n", "name", { labelColumns: ["of"] })
  const labels = labelsOf(text, "of")
  expect(labels).toEqual({ name: "of", values: ["a", "b", "é"], counts: [1, 2, 1] })
  expect(Array.from(labelNumbers(text, labels))).toEqual([1, 0, 1, 2])
  expect(labelNumber(labels, "é")).toBe(2)
})

describe("labels from a table", () => {
  const labelColumns = ["year", "is old"]

  test("from CSV, and from JSON with numbers and booleans", () => {
    const { lines, labels } = parseColumn('is old,name,year\n yes ,anna,1990\nno,bo,"19,91"\n', "name", {
      labelColumns,
    })
    expect(lines).toEqual(["anna", "bo"])
    expect(labels).toEqual({ year: ["1990", "19,91"], "is old": ["yes", "no"] })
    const rows =
      '{"name": "anna", "year": 1990, "is old": true}\n{"name": "bo", "year": 1991, "is old": false}'
    expect(parseColumn(rows, "name", { format: "jsonl", labelColumns }).labels).toEqual({
      year: ["1990", "1991"],
      "is old": ["true", "false"],
    })
    expect(parseColumn(rows, "name", { format: "jsonl" }).labels).toBeUndefined()
  })

  test.each([
    ["no such column", "name,yeer\nanna,1\n", /^t: there is no column "year": did you mean yeer\? It has /],
    [
      "an empty label",
      "name,year,is old\nanna,1,a\nbo,,a\n",
      /^t: line 3: the column "year" is empty: give /,
    ],
    ["a short row", "name,year,is old\nanna,1\n", /^t: line 2 has 2 fields, and the header has 3: /],
  ])("%s: one sentence", (_, text, sentence) => {
    const parse = () => parseColumn(text, "name", { name: "t", labelColumns })
    expect(parse).toThrow(UserError)
    expect(parse).toThrow(sentence)
  })

  test("are read from a file and split with its lines", async () => {
    const rows = Array.from({ length: 50 }, (_, k) => `name ${k},${k % 3}\n`)
    const path = join(folder, "people.csv")
    writeFileSync(path, `name,rest\n${rows.join("")}`)
    const text = await loadText(path, { column: "name", labelColumns: ["rest"] })
    for (const { lines, labels } of Object.values(split(text)))
      expect(labels).toEqual({ rest: lines.map((line) => String(Number(line.slice(5)) % 3)) })
  })
})

describe("missing", () => {
  test("labels of a text", () => {
    const report = parseColumn("a\nb\n", "a").report
    expect(() => labelsOf({ name: "t", lines: ["anna"], report }, "sex")).toThrow(
      /^t: its lines have no labels, so there is no sex: give a table/,
    )
    const text = { name: "t", lines: ["anna"], labels: { sex: ["f"], language: ["it"] }, report }
    expect(() => labelsOf(text, "sec")).toThrow(/^t: its lines have no label sec: did you mean sex\?/)
    expect(() => labelsOf(text, "constructor")).toThrow(/It has sex, language$/)
  })

  test("a label", () => {
    const labels = { name: "sex", values: ["female", "male"], counts: [1, 1] }
    expect(() => labelNumber(labels, "mal")).toThrow(
      /^"mal": the data has no such sex: did you mean male\? It has female, male$/,
    )
    const many = { name: "n", values: Array.from({ length: 30 }, (_, k) => `label ${k}`), counts: [] }
    expect(() => labelNumber(many, "?")).toThrow(/label 19 and 10 more$/)
    const lines = { lines: ["anna"], labels: { sex: ["neither"] } }
    expect(() => labelNumbers(lines, labels)).toThrow(/^"neither": the data has no such sex/)
    expect(() => labelNumbers({ lines: ["anna"] }, labels)).toThrow(RangeError)
  })
})
