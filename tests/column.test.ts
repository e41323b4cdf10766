/** Columns of tables: what is read of them, what is said of those that cannot be, and that nothing else comes of any bytes. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { tableFormatOf } from "../src/data/column.ts"
import { loadText, parseColumn } from "../src/data/index.ts"
import { UserError } from "../src/errors.ts"

const formats = ["csv", "tsv", "jsonl"] as const

test("quotes, separators and line breaks inside fields, for all line endings", () => {
  const csv = [
    'id,"name, short",note',
    '1,anna,"she said ""hi"""',
    '2,"o""neil","two\nlines"',
    "",
    "3, bo ,",
    "",
  ]
  for (const end of ["\n", "\r\n", "\r"])
    expect(parseColumn(csv.join(end), "name, short").lines).toEqual(["anna", 'o"neil', "bo"])
  expect(parseColumn("\uFEFFname\tx\nan,na\t1\n", "name", { format: "tsv" }).lines).toEqual(["an,na"])
  expect(
    parseColumn('{"name": "anna"}\n\n{"name": "bo", "x": 1}', "name", { format: "jsonl" }).lines,
  ).toEqual(["anna", "bo"])
  const { lines, report } = parseColumn('\uFEFF{"name": " anna\\n"}\n{"name": "bo"}', "name", {
    format: "jsonl",
  })
  expect(lines).toEqual(["anna", "bo"])
  expect(report).toMatchObject({ byteOrderMark: true, blank: 0, trimmed: 1 })
  expect(["a.csv", "a.TSV", "a.ndjson", "a.txt"].map(tableFormatOf)).toEqual(["csv", "tsv", "jsonl", "csv"])
})

test.each([
  ["csv", "id,name\n1,anna", "nme", /there is no column "nme": did you mean name\? It has "id", "name"/],
  ["csv", 'id,name\n"1\n2",anna\n2,\n', "name", /line 4: the column "name" is empty: give it a text/],
  ["csv", "id,name\n1,anna\n2,NaN", "name", /line 3: the column "name" is NaN/],
  ["csv", "id,name\n1,anna\n2", "name", /line 3: the column "name" has no value/],
  ["csv", 'name\n"anna\nlise"', "name", /line 2: .* contains a line break/],
  ["csv", 'name\nbo\n"anna', "name", /line 3: a quote is never closed/],
  ["csv", 'name\n"anna"x', "name", /line 2: text follows a closing quote/],
  ["csv", "name\n", "name", /the table has no rows/],
  ["csv", `name\n${"x".repeat(1001)}`, "name", /line 2: .* longer than 1,000 characters/],
  ["csv", "", "name", /the text is empty/],
  ["jsonl", '{"name": "anna"}\n{"name": null}', "name", /line 2: the column "name" has no value/],
  ["jsonl", '{"name": "anna"}\n{"name": NaN}', "name", /line 2 is not JSON/],
  ["jsonl", '{"name": "anna"}\n{"name": 5}', "name", /line 2: the column "name" is 5, not text/],
  ["jsonl", '{"name": "anna"}\n[1]', "name", /line 2 is not a JSON object/],
  ["jsonl", '{"id": 1}', "__proto__", /there is no column "__proto__"\. It has "id"/],
] as const)("%s %j: a sentence", (format, text, column, sentence) => {
  expect(() => parseColumn(text, column, { name: "t", format })).toThrow(UserError)
  expect(() => parseColumn(text, column, { name: "t", format })).toThrow(sentence)
})

test("a file has columns, a built-in data set does not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-column-"))
  try {
    writeFileSync(join(folder, "t.tsv"), "id\tname\n1\tanna\n2\tbo\n")
    expect((await loadText(join(folder, "t.tsv"), { column: "name" })).lines).toEqual(["anna", "bo"])
    await expect(loadText("names", { column: "name" })).rejects.toThrow(/names is a data set, not a table/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const anyValue = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .map((text) =>
    text
      .replace(/[\0\r\n]/g, "")
      .normalize("NFC")
      .trim(),
  )
  .filter((text) => text !== "" && text !== "NaN")

test("any values written as a table are read back", () => {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const rows = fc.array(
    fc.tuple(
      anyValue,
      fc.string({ maxLength: 8 }).map((text) => text.replaceAll("\0", "")),
    ),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(...formats),
      fc.constantFrom("\n", "\r\n", "\r"),
      (table, format, end) => {
        const separator = format === "tsv" ? "\t" : ","
        const text =
          format === "jsonl"
            ? table.map(([name, note]) => JSON.stringify({ note, name })).join(end)
            : [["note", "name"], ...table.map(([name, note]) => [quote(note), quote(name)])]
                .map((fields) => fields.join(separator))
                .join(end)
        expect(parseColumn(text, "name", { format }).lines).toEqual(
          table.map(([name]) => name.toWellFormed()),
        )
      },
    ),
  )
})

test("any bytes give clean lines or one sentence", () => {
  const pieces = fc.array(
    fc.constantFrom("a", ",", "\t", '"', '""', "\n", "\r", "{", "}", '"a":', "NaN", "\uFEFF", "é"),
    { maxLength: 30 },
  )
  const source = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    pieces.map((all) => new TextEncoder().encode(`a,b\n${all.join("")}`)),
  )
  fc.assert(
    fc.property(source, fc.constantFrom(...formats), (bytes, format) => {
      try {
        const { lines } = parseColumn(bytes, "a", { name: "fuzz", format })
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) expect(line).not.toMatch(/[\r\n\0]|^$/)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        expect(error.message).toMatch(/^fuzz: /)
      }
    }),
    { numRuns: 3000 },
  )
})
