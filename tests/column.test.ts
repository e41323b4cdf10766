/** Columns of tables: what is read of them, what is said of those that cannot be, and that nothing else comes of any bytes. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { describeText, loadText, parseColumn } from "../src/data/index.ts"
import { tableFormatOf } from "../src/data/table-format.ts"
import { UserError } from "../src/errors.ts"
import { testByPython } from "./by-python.ts"
import { makewaveHere, THINGS } from "./command-line.ts"
import { askPython } from "./python.ts"

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
  expect(["a.csv", "a.TSV", "a.ndjson", "a.json", "a.txt"].map(tableFormatOf)).toEqual([
    "csv",
    "tsv",
    "jsonl",
    "jsonl",
    undefined,
  ])
})

test.each([
  ["csv", "id,name\n1,anna", "nme", /there is no column "nme": did you mean name\? It has "id", "name"/],
  ["csv", 'id,name\n"1\n2",anna\n2,\n', "name", /line 4: the column "name" is empty: give it a text/],
  ["csv", "id,name\n1,anna\n2,NaN", "name", /line 3: the column "name" is NaN/],
  ["csv", "id,name\n1,anna\n2", "name", /line 3 has 1 field, and the header has 2: give it all of them/],
  [
    "csv",
    '\n\nname,sex\nanna,f\n\nbo,"m\n"\nSmith, Emma,f\n',
    "name",
    /line 8 has 3 fields, and the header has 2: quote a field that contains a comma; if each row begins with its name/,
  ],
  ["csv", 'name\n"anna\nlise"', "name", /line 2: .* contains a line break/],
  ["csv", 'name\nbo\n"anna', "name", /line 3: a quote is never closed/],
  ["csv", 'name\n"anna"x', "name", /line 2: text follows a closing quote/],
  ["csv", "name\n", "name", /the table has no rows/],
  ["csv", `name\n${"x".repeat(1001)}`, "name", /line 2: .* longer than 1,000 characters/],
  ["csv", "", "name", /the text is empty: give a table saved as UTF-8 \(in Excel: CSV UTF-8\)$/],
  ["jsonl", '{"name": "anna"}\n{"name": null}', "name", /line 2: the column "name" has no value/],
  ["jsonl", '{"name": "anna"}\n{"name": NaN}', "name", /line 2 is not JSON/],
  ["jsonl", '{"name": "anna"}\n{"name": 5}', "name", /line 2: the column "name" is 5, not text/],
  ["jsonl", '{"name": "anna"}\n[1]', "name", /line 2 is neither an object nor a text: give/],
  ["csv", "name,sex\nSmith, Emma,f\nanna,f", "name", /line 2 has 3 fields, and the header has 2/],
  ["csv", "name,sex\nanna,f,\nbo,m,\n", "sex", /line 2 has 3 fields, and the header has 2/],
  ["csv", "name,sex\n1,anna,f\nbo,m\n", "sex", /line 3 has 2 fields, and the first row has 3/],
  ["csv", "name,sex\na,b,c,d\n", "sex", /line 2 has 4 fields, .* quote a field that contains a comma$/],
  ["csv", "name;sex\nSmith; Emma;f\n", "sex", /line 2 has 3 fields, .* contains a semicolon/],
  ["csv", "name;sex\nanna;f\n", "nme", /no column "nme" \(separated by semicolons\): did you mean name\?/],
  ["csv", "name,x,name\na,b,c", "name", /there are 2 columns "name": give each a name of its own/],
  ["csv", "name\n\n  \n", "name", /the table has no rows/],
  ["csv", "\n\n", "name", /every line is blank: give a table/],
  ["csv", "name\nbo\n\ud83d", "name", /line 3: the column "name" has half of a surrogate pair/],
  ["tsv", "name\tx\nanna\tlise\ty", "name", /line 2 has 3 fields, .* no field may contain a tab/],
  ["tsv", 'name\tx\n"anna\tlise"\ty', "name", /line 2 has 3 fields/],
  ["jsonl", '{"name": "a"}\n{"name": "b\\ud83d"}', "name", /line 2: .* has half of a surrogate pair/],
  ["jsonl", '[\n{"name": "a"},\n\n{"name":\n"b\\ud83d"}]', "name", /line 4: .* has half of a surrogate pair/],
  ["jsonl", '{"name": "a"}\n{"\\ud83d": "b"}', "name", /^t: line 2: .* has half of a surrogate pair/],
  ["jsonl", '[{"name": "a"},\n 7]', "name", /line 2 is neither an object nor a text/],
  ["jsonl", '[{"name": "a"},\n "b"]', "name", /line 2: the column "name" has no value/],
  [
    "csv",
    "id,name\n1,\n2,anna\n3, \n4,NaN",
    "name",
    /line 2, and 1 other: the column "name" is empty: give it a text/,
  ],
  ["csv", `id,name\n${"1, \n".repeat(1001)}`, "name", /line 2, and 1,000 others: the column "name" is empty/],
  ["csv", "id,name\n,anna\n2,\n3,", "name", /line 3, and 1 other: the column "name" is empty/],
  [
    "jsonl",
    '[{"name": "a"},\n {},\n{"name": null}]',
    "name",
    /line 2, and 1 other: the column "name" has no/,
  ],
  ["jsonl", '[{},\n {"name": "a"}]', "name", /^t: line 1: the column "name" has no value: give it a text/],
  ["jsonl", '[{"id": 1},\n {"sex": "a"}]', "name", /there is no column "name"\. It has "id", "sex"$/],
  ["jsonl", '["a",\n ""]', "1", /line 2: the column "1" is empty/],
  ["jsonl", '["a"]', "name", /there is no column "name"\. It has "1"/],
  ["jsonl", '[{"name": "a"}\n', "name", /the array does not end with the file's last character, \]/],
  ["jsonl", '[{"name": "a"}]\n[]', "name", /the array does not end with the file's last character, \]/],
  ["jsonl", "[]", "name", /the table has no rows/],
  ["jsonl", '{"id": 1}', "__proto__", /there is no column "__proto__"\. It has "id"/],
] as const)("%s %j: a sentence", (format, text, column, sentence) => {
  expect(() => parseColumn(text, column, { name: "t", format })).toThrow(UserError)
  expect(() => parseColumn(text, column, { name: "t", format })).toThrow(sentence)
})

test("absurd sizes are refused before they take memory", () => {
  const nested = (depth: number) => "[".repeat(depth)
  for (const [format, text, sentence] of [
    ["csv", `a,name\n${",".repeat(20_000)}`, /^t: line 2 has more than 16,384 fields: give/],
    ["csv", `name\n"${"\n".repeat(2 ** 24)}\n"`, /^t: line 2: a field has more than 16,777,216 characters/],
    ["csv", `name\n${'""'.repeat(2 ** 24)}`, /^t: line 2: a field has more than 16,777,216 characters/],
    ["csv", `a,name\n${"\n".repeat(2 ** 23)}`, /^t: it has more than 4,000,000 lines/],
    ["jsonl", `[${"\n".repeat(2 ** 23)}{}]`, /^t: it has more than 4,000,000 lines/],
    ["jsonl", `{"name": "${"a".repeat(2 ** 25)}"}`, /^t: line 1: a row of more than 16,777,216 characters/],
    ["jsonl", `{"name": ${nested(1e6)}`, /^t: line 1 is not JSON/],
    [
      "jsonl",
      `{"name": ${nested(1e6)}${"]".repeat(1e6)}}`,
      /^t: line 1: the column "name" is a list, not text/,
    ],
  ] as const)
    expect(() => parseColumn(text, "name", { name: "t", format })).toThrow(sentence)
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
  // Spaces of other kinds, and characters that nobody sees, are cleaned.
  .filter((text) => text !== "" && text !== "NaN" && !/[^\P{Z} ]|\p{C}/u.test(text))

test("a table is read by the conventions of the program that wrote it", () => {
  const read = (source: string, options = {}) => {
    const { lines, labels, reading } = parseColumn(source, "name", { labelColumns: ["sex"], ...options })
    return { lines, sex: labels?.sex, reading }
  }
  const both = { lines: ["anna", "bo, b"], sex: ["f", "m"], reading: undefined }
  expect(read('name,sex\nanna, f\n"bo, b" , "m"\n'), "spaces around quotes").toEqual(both)
  expect(read('"","name","sex"\n"1","anna","f"\n"2","bo, b","m"\n'), "R's write.csv").toEqual(both)
  expect(read('"name","sex"\n"1","anna","f"\n"2","bo, b","m"\n'), "R's write.table, sep = ','").toEqual(both)
  expect(read('[{"sex": "f", "name": "anna"}, {"sex": "m", "name": "bo, b"}]', { format: "jsonl" })).toEqual(
    both,
  )
  for (const [text, reading] of [
    ["name;sex\r\nanna;f\r\nbo, b;m", "separated by semicolons"],
    ["sep=;\r\nname;sex\r\nanna;f\r\nbo, b;m", "separated by semicolons"],
    ['"sep=;"\r\nname;sex\r\nanna;f\r\nbo, b;m', "separated by semicolons"],
    ["SEP=|\n\nname|sex\nanna|f\n\nbo, b|m\n", "separated by bars"],
    ["sep=~\nname~sex\nanna~f\nbo, b~m", 'separated by "~"'],
    ['name\tsex\nanna\tf\n"bo, b"\tm', "separated by tabs, with quotes"],
  ]) {
    expect(read(text), text).toEqual({ ...both, reading })
  }
  const spaced = '"name" "sex"\n"1" "anna" "f"\n"2" "bo, b" "m"\n'
  expect(read(spaced), "R's write.table").toEqual({ ...both, reading: "separated by spaces" })
  expect(parseColumn('"full name"\nanna bell\n', undefined).lines).toEqual(["anna bell"])
  const quoted = '"name"\t"sex"\n"1"\t"anna"\t"f"\n"2"\t"bo, b"\t"m"\n'
  expect(read(quoted, { format: "tsv" }), "R's write.table, sep = tab").toEqual({
    ...both,
    reading: "separated by tabs, with quotes",
  })
  expect(read('name\tsex\n"anna\tf\nbo"\tm\n5"\tm', { format: "tsv" }), "quotes are characters").toEqual({
    lines: ['"anna', 'bo"', '5"'],
    sex: ["f", "m", "m"],
    reading: undefined,
  })
  expect(read('name,sex\n5" disk,f\nSmith "Bob" J.,m').lines, "quotes inside a field").toEqual([
    '5" disk',
    'Smith "Bob" J.',
  ])
})

test("without a header the columns are numbered", () => {
  const read = (text: string, column: string | undefined, options = {}) =>
    parseColumn(text, column, { noHeader: true, ...options })
  const { lines, labels } = read('anna,f\n"bo, b",m\n', "1", { labelColumns: ["2"] })
  expect([lines, labels]).toEqual([["anna", "bo, b"], { "2": ["f", "m"] }])
  expect(read("f\tanna\nm\tbo", "2", { format: "tsv" }).lines).toEqual(["anna", "bo"])
  expect(read("anna\nbo\n", undefined)).toMatchObject({ lines: ["anna", "bo"], reading: 'column "1"' })
  expect(read("sep=;\nSmith, Emma;f\n", "1").lines).toEqual(["Smith, Emma"])
  expect(() => read("Smith, Emma;f\n", "1")).toThrow(
    /line 1 has as many commas as semicolons: say which separates, in a line above it: sep=, or sep=;$/,
  )
  expect(() => read("anna,f\n", "3")).toThrow(/there is no column "3"\. It has "1", "2"$/)
  expect(() => read("anna,f\n", "name")).toThrow(
    /no column "name"\. It has "1", "2": with --no-header columns are numbers: give one, or leave --no-header out$/,
  )
  expect(() => read("anna,f\nbo,m\n", "2", { noHeader: false })).toThrow(
    /no column "2"\. It has "anna", "f"; add --no-header if the first row has no names$/,
  )
  expect(() => read("anna,f\nSmith, Bo,m\n", "1")).toThrow(/line 2 has 3 fields, and the first row has 2/)
  expect(() => read("{}", "1", { format: "jsonl" })).toThrow(/leave --no-header out/)
})

test("without --column, the only column that is not a label is read, and several are refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-column-"))
  const load = (name: string, content: string, options = {}) => {
    writeFileSync(join(folder, name), content)
    return loadText(join(folder, name), options)
  }
  try {
    const one = await load("one.csv", "name\nanna\nbo\n")
    expect(describeText(one)).toMatch(/one\.csv: 2 lines; column "name"\.$/)
    expect((await load("two.csv", "sex,name\nf,anna\n", { labelColumns: ["sex"] })).lines).toEqual(["anna"])
    expect((await load("list.json", '[{"name": "anna"}]')).lines).toEqual(["anna"])
    for (const list of ['["anna", "b\\"o"]', '"anna"\n\n"b\\"o"\n'])
      expect((await load("texts.json", list)).lines).toEqual(["anna", 'b"o'])
    await expect(load("three.tsv", "id\tname\tsex\n1\tanna\tf\n")).rejects.toThrow(
      /three\.tsv: it has several columns: "id", "name", "sex": choose one, such as --column name; add --no-header if the first row has no names$/,
    )
    await expect(load("twice.csv", "name,name\nanna,bo\n")).rejects.toThrow(
      /twice\.csv: there are 2 columns "name": give each a name of its own$/,
    )
    await expect(load("plain.csv", "anna\nbo, jr\n")).rejects.toThrow(
      /plain\.csv: line 2 has 2 fields, and the first line has 1: if this is a plain list, name the file \.txt; /,
    )
    await expect(load("list.txt", "anna\n", { noHeader: true })).rejects.toThrow(
      /--no-header: .*list\.txt is read/,
    )
    await expect(loadText("names", { noHeader: true })).rejects.toThrow(/--no-header: names is a data set/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("of several columns the likeliest is offered: texts that differ, or a usual name", () => {
  const offered = (text: string, format: "csv" | "jsonl" = "csv") => {
    try {
      parseColumn(text, undefined, { format })
    } catch (error) {
      return /choose one, such as --column (.*?)(; add --no-header if the first row has no names)?$/.exec(
        String(error),
      )?.[1]
    }
    return undefined
  }
  expect(offered("born,who\n1990,anna\n1991,bo\n")).toBe("who")
  expect(offered("sex,who\nf,anna\nm,bo\nf,eva\n")).toBe("who")
  expect(offered("uuid,first name\na1,anna\nb2,bo\n")).toBe('"first name"')
  expect(offered("a,b\n1,2\n3,4\n")).toBe("a")
  expect(offered("a,who\n1,anna\nx,bo,3\n")).toBe("who") // what is wrong with line 3 is said once a column is chosen
  expect(offered('{"id": 1, "who": "anna"}\n{"id": 2, "who": "bo"}\n', "jsonl")).toBe("who")
})

test("a table of one column without a name above it is a plain list, which the description says", () => {
  const read = (text: string, name = "list.csv") => parseColumn(text, undefined, { name })
  for (const list of ["anna\nbo\ncarl\n", '"anna"\n"bo"\n"carl"\n', "\ufeffanna\r\nbo\r\ncarl\r\n"])
    for (const name of ["list.csv", "list.tsv"].slice(0, list.includes('"') ? 1 : 2)) {
      const text = read(list, name)
      expect([name, text.lines]).toEqual([name, ["anna", "bo", "carl"]])
      expect(describeText(text)).toMatch(
        /: 3 lines; a plain list \(if its first line is a heading: --column anna\)/,
      )
    }
  expect(read("New York\nRome\n").reading).toContain('--column "New York"')
  expect(read("ピカチュウ\nカイリュー\n").lines).toHaveLength(2)
  for (const header of ["name", "Name", "word", "first_name", "Pet Name", "itemLabel", "dog", "Nom", "NOM"])
    expect(read(`${header}\nanna\nbo\n`, "some/dogs.csv")).toMatchObject({
      lines: ["anna", "bo"],
      reading: `column ${JSON.stringify(header)}`,
    })
  expect(read("city\nlyon\n", "cities.tsv").lines).toEqual(["lyon"])
  expect(parseColumn("anna\nbo\n", "anna").lines).toEqual(["bo"])
  expect(parseColumn("anna,sex\nbo,m\n", undefined, { labelColumns: ["sex"] }).lines).toEqual(["bo"])
  expect(parseColumn('"fruit"\n"1","pear"\n"2","plum"\n', undefined).lines, "R's rows").toEqual([
    "pear",
    "plum",
  ])
  expect(() => read("anna\nbo,m\n")).toThrow(
    /line 2 has 2 fields, and the first line has 1: if this is a plain list/,
  )
})

test("without a name that says so, a table in JSON is known by how it begins", () => {
  const name = "standard input"
  expect(parseColumn('{"who": "anna"}\n{"who": "bo"}\n', "who", { name }).lines).toEqual(["anna", "bo"])
  expect(parseColumn(' ["anna", "bo"]', "1", { name }).lines).toEqual(["anna", "bo"])
  expect(parseColumn("who\nanna\n", "who", { name }).lines).toEqual(["anna"])
})

test("on the command line: a table without a header, with long lines, and what a run keeps of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-column-"))
  const here = (...args: string[]) => makewaveHere(args, folder)
  try {
    const rows = THINGS.trimEnd()
      .split("\n")
      .map((thing, k) => `${thing},${k % 2}`)
    writeFileSync(join(folder, "list.csv"), [...rows, `${"a".repeat(1200)},1`].join("\n"))
    const model = ["--model", "wavenet-2016", "--layers", "2", "--stacks", "1", "--steps", "3"]
    const read = ["--no-header", "--column", "1", "--condition", "2", "--out", "run"]
    const refused = await here("train", "list.csv", ...model, ...read)
    expect(refused.stderr).toMatch(
      /longer than 1,000 characters: shorten it, or allow longer ones \(--maximum-line-length\)$/m,
    )
    const trained = await here("train", "list.csv", ...model, ...read, "--maximum-line-length", "1200")
    expect(trained.code, trained.stderr).toBe(0)
    const { recipe, condition } = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8"))
    expect(recipe).toMatchObject({ noHeader: true, column: "1", condition: "2", maximumLineLength: 1200 })
    expect(condition.values).toEqual(["0", "1"])
    expect((await here("train", "--resume", "run", "--steps", "4")).code).toBe(0)
    expect((await here("evaluate", "run", "--data", "list.csv")).stdout).toMatch(/^data +14 /m)
    writeFileSync(join(folder, "more.tsv"), "2\t1\n0\tabc\n")
    expect((await here("evaluate", "run", "--data", "more.tsv", "--column", "1")).stdout).toMatch(
      /^data +1 /m,
    )
    const several = await here("train", "list.csv")
    expect(several.stderr).toMatch(
      /columns: "abc", "0": choose one, such as --column abc; add --no-header if the first row has no names$/m,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

/** Python's rows of each text; null for a text that it refuses. */
const readByPython = (texts: readonly { text: string; separator: string; quotes: boolean }[]) =>
  askPython(
    "csv",
    "-c",
    `
import csv, io, json, sys
def rows(text, separator, quotes):
    quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    try: return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True, skipinitialspace=quotes))
    except csv.Error: return None
print(json.dumps([rows(**each) for each in json.loads(sys.argv[1])]))`,
    JSON.stringify(texts),
  ) as Promise<(string[][] | null)[]>

testByPython("csv")(
  "any table is read as Python's csv reads it, or refused where its rows are not of one length",
  async () => {
    const pieces = ["a", "b ", " ", '"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", '"c,d"', "é"]
    const field = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => `e${parts.join("")}`)
    const fields = fc.array(
      fc.oneof(
        field,
        field.map((text) => `"${text.slice(1)}"`),
      ),
      { minLength: 2, maxLength: 2 },
    )
    const drawn = fc.tuple(
      fc.array(fields, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(",", ";", "|", "\t"),
      fc.boolean(),
    )
    const tables = fc.sample(drawn, { numRuns: 1000, seed: 7 }).map(([rows, chosen, quotes]) => {
      const separator = quotes ? chosen : "\t"
      return { text: [["x", "y"], ...rows].map((row) => row.join(separator)).join("\n"), separator, quotes }
    })
    const expected = await readByPython(tables)
    let compared = 0
    for (const [k, { text, quotes }] of tables.entries()) {
      const rows = expected[k]?.slice(1).filter((row) => row.join("").trim() !== "" || row.length > 1)
      // We allow spaces after a closing quote and Python does not; and only sometimes does it tell blank lines from "".
      if (!rows || /^[ \t]*""/m.test(text)) continue
      const read = () => {
        const { lines, labels } = parseColumn(text, "x", {
          format: quotes ? "csv" : "tsv",
          labelColumns: ["y"],
        })
        return lines.map((line, row) => [line, labels!.y[row]])
      }
      const clean = rows.map((row) => row.map((field) => field.trim()))
      const fine =
        clean.length > 0 &&
        clean.every((row) => row.length === 2 && row.every((field) => /^[^\r\n]+$/.test(field)))
      if (fine) expect(read(), JSON.stringify(text)).toEqual(clean)
      else expect(read, JSON.stringify(text)).toThrow(UserError)
      compared += Number(fine)
    }
    expect(compared).toBeGreaterThan(100)
  },
)

testByPython("csv")(
  "what Python's csv writes is read back, in each of its dialects and encodings",
  async () => {
    const value = fc
      .string({
        unit: fc.constantFrom("a", '"', ",", ";", "\t", "|", "é", "東", "'"),
        minLength: 1,
        maxLength: 6,
      })
      .map((text) => `n${text}n`)
    const note = fc.string({
      unit: fc.constantFrom("a", '"', ",", ";", "\n", "\r\n", " ", "\t"),
      maxLength: 6,
    })
    const rows = fc.sample(fc.tuple(value, note), { numRuns: 300, seed: 3 })
    const written = (await askPython(
      "csv",
      "-c",
      `
import base64, csv, io, json, sys
rows = json.loads(sys.argv[1])
found = []
for dialect in ["excel", "excel-tab", "unix"]:
    for delimiter in [",", ";", "\\t", "|"]:
        for quoting in [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]:
            out = io.StringIO(newline="")
            csv.writer(out, dialect, delimiter=delimiter, quoting=quoting).writerows([["name", "note"], *rows])
            for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]:
                mark = "\\ufeff" if encoding[6:] in ("-le", "-be") else ""
                found.append(base64.b64encode((mark + out.getvalue()).encode(encoding)).decode())
print(json.dumps(found))`,
      JSON.stringify(rows),
    )) as string[]
    expect(written).toHaveLength(180)
    for (const table of written)
      expect(parseColumn(Buffer.from(table, "base64"), "name").lines).toEqual(rows.map(([name]) => name))
  },
)

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
            : [[quote("note"), quote("name")], ...table.map(([name, note]) => [quote(note), quote(name)])]
                .map((fields) => fields.join(separator))
                .join(end)
        const names = table.map(([name]) => name.toWellFormed())
        expect(parseColumn(text, "name", { format }).lines).toEqual(names)
        const [texts, objects] = [names, names.map((name) => ({ note: [name], name }))].map((rows) =>
          JSON.stringify(rows, null, end),
        )
        expect(parseColumn(texts, undefined, { format: "jsonl" }).lines).toEqual(names)
        expect(parseColumn(objects, "name", { format: "jsonl" }).lines).toEqual(names)
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
