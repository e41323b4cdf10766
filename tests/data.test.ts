/** From a text file to batches: each station alone, and the lecture's split, windows and batches number for number. */

import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { characters } from "../src/data/characters.ts"
import {
  describeText,
  epochBatches,
  IGNORED,
  loadText,
  longest,
  packedSequences,
  parseLines,
  sequences,
  split,
  uniformBatches,
  Vocabulary,
  windows,
} from "../src/data/index.ts"
import { told, UserError } from "../src/errors.ts"
import { Generator } from "../src/random/index.ts"

const utf16 = (text: string, littleEndian = true) => {
  const view = new DataView(new ArrayBuffer(2 + 2 * text.length))
  for (const [k, unit] of [..."\uFEFF".concat(text)].entries())
    view.setUint16(2 * k, unit.charCodeAt(0), littleEndian)
  return new Uint8Array(view.buffer)
}
const bytes = (text: string) => new TextEncoder().encode(text)
const abc = Vocabulary.from(["abc"])

describe("text", () => {
  test("a clean file has nothing to report", () => {
    const text = parseLines(bytes("emma\nolivia\nava"), { name: "names.txt" })
    expect(text.lines).toEqual(["emma", "olivia", "ava"])
    expect(describeText(text)).toBe("names.txt: 3 lines.")
  })

  test.each([
    ["a final line ending starts no line", "emma\nava\n", ["emma", "ava"], "2 lines"],
    ["CRLF", "emma\r\nava\r\n", ["emma", "ava"], "2 lines; carriage returns dropped"],
    ["CR alone", "emma\rava", ["emma", "ava"], "2 lines; carriage returns dropped"],
    ["byte order mark", "\uFEFFemma\nava", ["emma", "ava"], "2 lines; byte order mark dropped"],
    ["blank lines", "emma\n\n \t\nava\n\n", ["emma", "ava"], "2 lines; 3 blank lines dropped"],
    [
      "surrounding spaces",
      " emma\nava \nmia",
      ["emma", "ava", "mia"],
      "3 lines; spaces trimmed from 2 lines",
    ],
    [
      "duplicates are kept",
      "ava\nmia\nava\n ava",
      ["ava", "mia", "ava", "ava"],
      "4 lines; spaces trimmed from 1 line; 1 line occurs more than once",
    ],
    ["inner spaces are kept", "anna maria", ["anna maria"], "1 line"],
    [
      "decomposed accents",
      "zoe\u0308\nzoë",
      ["zoë", "zoë"],
      "2 lines; accents composed in 1 line; 1 line occurs more than once",
    ],
    ["any script", "नमस्ते\n東京\n👨‍👩‍👧", ["नमस्ते", "東京", "👨‍👩‍👧"], "3 lines"],
  ])("%s", (_, content, lines, sentence) => {
    for (const source of [content, bytes(content)]) {
      const text = parseLines(source, { name: "a.txt" })
      expect(text.lines).toEqual(lines)
      expect(describeText(text)).toBe(`a.txt: ${sentence}.`)
    }
  })

  test("lines that may be rows of a table get a hint", () => {
    const hint = (text: string) => parseLines(text).hint
    const sentence = (tabs: string) =>
      `Each line has ${tabs}: if this is a table, choose a column with --column.`
    expect(hint("name\tsex\nanna\tf\n\nbo\tm\n")).toBe(sentence("1 tab"))
    expect(hint("name\tsex\tborn\nanna\tf\t\n\t\t1\n"), "empty fields").toBe(sentence("2 tabs"))
    expect(hint("name\tsex\n1\tanna\tf\n2\tbo\tm\n"), "R's row names").toBe(
      sentence("2 tabs").replace("line", "line but the first"),
    )
    for (const text of ['"name" "sex"\n"1" "anna" "f"\n', '"name"\n"1" "anna b"\n'])
      expect(hint(text), "R's defaults").toBe(sentence("").replace("has ", "begins with a field in quotes"))
    for (const text of ['"anna"\n"bo"', '"anna" f\nbo', "anna\na\tb\nc\td"])
      expect(hint(text)).toBeUndefined()
    for (const heading of ["Surname", "first_name", "title"])
      expect(hint(`${heading}\nanna\nbo`)).toBe(
        `The first line, "${heading}", looks like a heading: if it is one, delete it.`,
      )
    expect(hint("title")).toBeUndefined()
    for (const text of ["anna\nbo", "anna\tf\nbo", "anna\tf", "a\tb\nc\td\te\nf"])
      expect(hint(text)).toBeUndefined()
    expect(describeText(parseLines(utf16("a\tb\r\nc\td"), { name: "list.txt" }))).toBe(
      `list.txt: 2 lines; byte order mark dropped; carriage returns dropped. ${sentence("1 tab")}`,
    )
  })

  test("what nobody sees is dropped, and no-break spaces are spaces", () => {
    const text = parseLines("\u200banna\u200b\nThe\u00a0Pony\n\u200b\nma\u00adry\nbo\n", { name: "l.txt" })
    expect(text.lines).toEqual(["anna", "The Pony", "mary", "bo"])
    expect(describeText(text)).toBe(
      "l.txt: 4 lines; 1 blank line dropped; invisible characters cleaned in 3 lines.",
    )
  })

  test.each([
    [
      "PK\x03\x04\0\0",
      /^a: this is a zip archive, as .*\(\.xlsx\).*: save a workbook as CSV UTF-8, and unpack any/,
    ],
    ["PK\x03\x04\xff", /^a: this is a zip archive/],
    ["\xd0\xcf\x11\xe0\xa1\xb1", /^a: this is a file .* \(\.xls\): save a workbook as CSV UTF-8$/],
    ["\x1f\x8b\x08\0", /^a: this is compressed by gzip: unpack it \(gunzip\)$/],
    ["%PDF-1.4\n\xe2", /^a: this is a PDF file: give a UTF-8 text file with one item per line$/],
    ["%PDF-1.4\n1 0 obj\n", /^a: this is a PDF file/],
    [
      "PK\x03\x04...[Content_Types].xml...word/document.xml",
      /^a: this is a Word document .*: save it as plain text/,
    ],
    ["PK\x03\x04...application/vnd.oasis.opendocument.text", /^a: this is a LibreOffice document/],
    ["{\\rtf1\\ansi anna}", /^a: this is an RTF document: save it as plain text/],
    ["\n<!DOCTYPE html>\n<li>anna", /^a: this is a saved web page: copy the list from it/],
    ["<html lang=en>", /^a: this is a saved web page/],
    ["\x89PNG\r\n", /^a: this is a PNG picture: give a UTF-8/],
    ["\xff\xd8\xff\xe0", /^a: this is a JPEG picture: give a UTF-8/],
  ])("%j: named by its first bytes", (content, sentence) => {
    expect(() => parseLines(Buffer.from(content, "latin1"), { name: "a" })).toThrow(sentence)
  })

  test.each([
    ["empty", bytes(""), "a.txt: the text is empty: give a UTF-8 text file with one item per line"],
    ["only a byte order mark", bytes("\uFEFF"), "a.txt: the text is empty"],
    ["only blank lines", bytes("\n \n"), "a.txt: every line is blank"],
    ["NUL", bytes("emma\r\nava\n\0"), "a.txt: line 3 has a NUL character"],
    [
      "not UTF-8",
      Uint8Array.of(0xef, 0xbb, 0xbf, 97, 13, 10, 98, 10, 0xe9, 10, 99),
      "a.txt: line 3 is not UTF-8",
    ],
    [
      "not UTF-8 after a U+FFFD that is in the bytes",
      Uint8Array.from([...bytes("é\uFFFD😀\r\n東\n"), 0xf0, 0xbf, 10]),
      "a.txt: line 3 is not UTF-8",
    ],
    ["truncated within a character", bytes("a\né").subarray(0, 3), "a.txt: line 2 is not UTF-8"],
    [
      "a stray byte after carriage returns",
      Uint8Array.of(97, 13, 98, 13, 10, 0xff),
      "a.txt: line 3 is not UTF-8",
    ],
    ["UTF-16 cut within a character", utf16("ab\nc").subarray(0, -1), "a.txt: line 2 is not UTF-16: give"],
    ["half a pair in UTF-16", utf16("\uFFFDa\n\ud83d\n"), "a.txt: line 2 is not UTF-16: give"],
    [
      "half a pair in big-endian UTF-16",
      utf16("\uFFFD\n\n\udc00", false),
      "a.txt: line 3 is not UTF-16: give",
    ],
    ["half a surrogate pair", "a\n\r\nb\ud83d", "a.txt: line 3 has half of a surrogate pair"],
    [
      "a tower of accents",
      `a\nb${"\u0301\u0327".repeat(16)}`,
      "a.txt: line 2 has more than 30 combining marks on one character",
    ],
    ["UTF-16 without a mark", Uint8Array.of(97, 0, 10, 0), "a.txt: line 1 has a NUL character"],
  ])("%s: one sentence", (_, content, message) => {
    const parse = () => parseLines(content, { name: "a.txt" })
    expect(parse).toThrow(UserError)
    expect(parse).toThrow(message)
  })

  test("UTF-16 with a byte order mark, as Excel's Unicode text has", () => {
    for (const littleEndian of [true, false])
      expect(parseLines(utf16("zoë\r\n東京", littleEndian)).lines).toEqual(["zoë", "東京"])
  })

  test("too many lines, blank ones included, are refused before an array of them is made", () => {
    const begin = performance.now()
    expect(() => parseLines("\n".repeat(2 ** 26), { name: "a.txt" })).toThrow(
      /^a\.txt: it has more than 4,000,000 lines: give fewer$/,
    )
    expect(() => parseLines(`${"\n".repeat(2 ** 26)}\0`, { name: "a.txt" })).toThrow(
      /line 67,?108,?865 has a NUL/,
    )
    expect(performance.now() - begin).toBeLessThan(20_000)
  })

  test("a line of any length takes little time", () => {
    const begin = performance.now()
    for (const line of ["a".repeat(2 ** 26), "a\u0301".repeat(2 ** 24), "\u0301\u0327".repeat(2 ** 22)])
      expect(() => parseLines(line)).toThrow(/line 1 .*(longer than 1,000 characters|more than 30 combining)/)
    expect(performance.now() - begin).toBeLessThan(10_000)
  })

  test("the length limit counts user-perceived characters", () => {
    const family = "👨‍👩‍👧"
    for (const character of ["a", "é", family]) {
      expect(parseLines(character.repeat(5), { maximumLineLength: 5 }).lines).toHaveLength(1)
      expect(() =>
        parseLines(`a\n\n${character.repeat(6)}`, { name: "a.txt", maximumLineLength: 5 }),
      ).toThrow(
        /^a\.txt: line 3 \(.*\) is longer than 5 characters: .*allow longer ones \(--maximum-line-length\)$/,
      )
    }
  })
})

describe("vocabulary", () => {
  test("the lecture's: the stop, then the letters in order", () => {
    const vocabulary = Vocabulary.from(["the quick brown fox jumps over the lazy dog".replaceAll(" ", "")])
    expect(vocabulary.symbols.join("")).toBe(".abcdefghijklmnopqrstuvwxyz")
    expect(vocabulary.size).toBe(27)
    expect([...vocabulary.encode("emma")]).toEqual([5, 13, 13, 1])
    expect(vocabulary.decode([0, 0, 5, 13, 13, 1, 0])).toBe("emma")
  })

  test("a full stop in the data is not the stop symbol", () => {
    const vocabulary = Vocabulary.from(["a.b"])
    expect(vocabulary.symbols).toEqual([".", ".", "a", "b"])
    expect([...vocabulary.encode("a.b")]).toEqual([2, 1, 3])
    expect(vocabulary.decode([0, 2, 1, 3, 0])).toBe("a.b")
  })

  test("user-perceived characters, in code point order", () => {
    const vocabulary = Vocabulary.from(["z👨‍👩‍👧é", "\u{10000}\uFFFD", "e\u0301क्षि"])
    expect(vocabulary.symbols.slice(1)).toEqual(["z", "é", "क्षि", "\uFFFD", "\u{10000}", "👨‍👩‍👧"])
    expect([...vocabulary.encode("e\u0301👨‍👩‍👧")]).toEqual([2, 6])
  })

  test("the shortcut without the segmenter splits as the segmenter does", () => {
    const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" })
    const neighbours = ["a", "é", "か", "한", "中", "1", " ", "\n", "—"]
    for (let code = 0x09; code <= 0xffff; code++) {
      if (code === 0xd800) code = 0xe000 // no halves of pairs
      const character = String.fromCharCode(code)
      const line = neighbours.map((neighbour) => neighbour + character + character).join("")
      const segments = Array.from(segmenter.segment(line.normalize("NFC")), ({ segment }) => segment)
      const split = characters(line)
      if (split.length !== segments.length || split.join("") !== segments.join(""))
        expect.fail(`U+${code.toString(16)}: ${split.join("|")} instead of ${segments.join("|")}`)
    }
  })

  test("an error names an unknown character, its line and the known characters", () => {
    const encode = () => Vocabulary.from(["ab"]).encode("abé")
    expect(encode).toThrow(UserError)
    expect(encode).toThrow(
      '"abé": the character "é" (U+00E9) is not in the vocabulary: leave it out, or use these: a b',
    )
    const many = Vocabulary.from([String.fromCodePoint(...Array.from({ length: 150 }, (_, i) => 0x4e00 + i))])
    expect(() => many.encode("a")).toThrow(/龝? and 50 more$/)
  })

  test("to JSON and back", () => {
    const vocabulary = Vocabulary.from(["zoë", "👨‍👩‍👧.", '"\\'])
    const copy = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)))
    expect(copy.symbols).toEqual(vocabulary.symbols)
    expect(copy.encode("zoë👨‍👩‍👧")).toEqual(vocabulary.encode("zoë👨‍👩‍👧"))
    for (const broken of [undefined, null, {}, [], [""], ["a", 1], ["a", "a"], "abc"])
      expect(() => Vocabulary.fromJSON(broken, { name: "run/config.json" })).toThrow(UserError)
  })

  test("decode refuses invalid ids", () => {
    for (const id of [-1, 4, 1.5, Number.NaN, "1", "length", null])
      expect(() => abc.decode([id as number])).toThrow(/decode: id .*: give ids from 0 to 3/)
    for (const line of [5, null, ["a"]])
      expect(() => abc.encode(line as never)).toThrow(/encode: .*: give a text/)
    expect(() => abc.encode("aBc")).toThrow(
      'the vocabulary: did you mean "b"? Else leave it out, or use these: a b c',
    )
  })
})

test.each<[string, (given: never) => unknown]>([
  ["split", (text) => split(text)],
  ["windows", (lines) => windows(lines, Vocabulary.from(["ab"]), 3)],
  ["sequences", (lines) => sequences(lines, Vocabulary.from(["ab"]), 3)],
  ["packedSequences", (lines) => packedSequences(lines, Vocabulary.from(["ab"]), 3)],
  ["Vocabulary.from", (lines) => Vocabulary.from(lines)],
])("%s of what is no lines is a sentence", (name, call) => {
  for (const given of [5, undefined, null, "ab", {}] as never[]) {
    expect(() => call(given)).toThrow(UserError)
    expect(() => call(given)).toThrow(`${name}: ${told(given)} in place of `)
  }
})

describe("windows and sequences", () => {
  test("windows: one context per character, stop included", () => {
    const { inputs, targets } = windows(["abca", "b"], abc, 3)
    expect([inputs.shape, targets.shape]).toEqual([[7, 3], [7]])
    expect([...inputs.data]).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 2, 1, 2, 3, 2, 3, 1, 0, 0, 0, 0, 0, 2])
    expect([...targets.data]).toEqual([1, 2, 3, 1, 0, 2, 0])
  })

  test("sequences: with truncate, a longer line is cut into pieces, and every target stays", () => {
    const { inputs, targets } = sequences(["abc", "ab", "b"], abc, 2, { truncate: true })
    expect(inputs.shape).toEqual([5, 2])
    expect(Array.from(inputs.data)).toEqual([0, 1, 2, 3, 0, 1, 2, 0, 0, 2])
    expect(Array.from(targets.data)).toEqual([1, 2, 3, 0, 1, 2, 0, IGNORED, 2, 0])
    const whole = sequences(["abc", "ab", "b"], abc, 4).targets.data
    expect(targets.data.filter((id) => id >= 0)).toEqual(whole.filter((id) => id >= 0))
    expect(sequences(["ab"], abc, 3, { truncate: true })).toEqual(sequences(["ab"], abc, 3))
  })

  test("packedSequences: a row holds the lines that fit, whole and in their order", () => {
    const { inputs, targets } = packedSequences(["ab", "c", "abc", "", "a"], abc, 5)
    expect([inputs.shape, targets.shape]).toEqual([
      [3, 5],
      [3, 5],
    ])
    expect([...inputs.data]).toEqual([0, 1, 2, 0, 3, 0, 1, 2, 3, 0, 0, 1, 0, 0, 0])
    const none = IGNORED
    expect([...targets.data]).toEqual([1, 2, 0, 3, 0, 1, 2, 3, 0, 0, 1, 0, none, none, none])
    expect(() => packedSequences(["abca", "abcab", "abcabca", "abcabc"], abc, 4)).toThrow(
      '"abcabca" has 7 characters, and a row of 4 holds 3 and the stop: shorten such lines, or train with rows of 8 or more (--pack)',
    )
  })

  test("sequences: one row per line, no targets after the stop", () => {
    const { inputs, targets } = sequences(["abc", "b"], abc, 5)
    expect([inputs.shape, targets.shape]).toEqual([
      [2, 5],
      [2, 5],
    ])
    expect([...inputs.data]).toEqual([0, 1, 2, 3, 0, 0, 2, 0, 0, 0])
    expect([...targets.data]).toEqual([1, 2, 3, 0, IGNORED, 2, 0, IGNORED, IGNORED, IGNORED])
  })

  test("a block must fit the longest line and its stop", () => {
    const lines = ["ab", "abcab", "a"]
    expect(longest(lines)).toBe(5)
    expect(longest(["👨‍👩‍👧", "ab"])).toBe(2)
    expect(sequences(lines, abc, longest(lines) + 1).inputs.shape).toEqual([3, 6])
    const narrow = () => sequences(lines, abc, 5)
    expect(narrow).toThrow(UserError)
    expect(narrow).toThrow('"abcab" has 5 characters, and a context of 5 holds 4 and the stop')
    expect(narrow).toThrow("train with a context of 6 or more (--context)")
  })

  test("invalid lengths and oversized tables are refused before memory is allocated", () => {
    for (const length of [0, -1, 1.5, Number.NaN]) {
      expect(() => windows(["ab"], abc, length)).toThrow(UserError)
      expect(() => sequences(["ab"], abc, length)).toThrow(UserError)
    }
    expect(() => windows(["ab"], abc, 2 ** 28)).toThrow(
      /3 rows of 268,435,457 numbers .* 1 GiB .* \(--context\)/,
    )
    expect(() => sequences(["ab", "b"], abc, 2 ** 26 + 1)).toThrow(
      /2 rows of 134,217,730 numbers .* shorten the longest/,
    )
    expect(() => sequences(["ab"], abc, 2 ** 30)).toThrow(UserError)
  })
})

describe("batches", () => {
  test("the lecture's torch.randint(0, 182625, (32,)) per step, for any number of steps per call", () => {
    const one = uniformBatches(new Generator(42), 182_625, 32)
    expect([...one.next().subarray(0, 5)]).toEqual([76542, 11942, 157126, 2164, 651])
    expect([...one.next().subarray(0, 5)]).toEqual([28600, 152329, 36608, 33814, 84989])
    const many = uniformBatches(new Generator(42), 182_625, 32)
    expect(many.next(2).subarray(32, 37)).toEqual(Int32Array.of(...[28600, 152329, 36608, 33814, 84989]))
  })

  test("epochs: each row once, in torch.randperm's order, for any number of steps per call", () => {
    const expected = new Generator(42)
    const order = [...expected.randperm(10), ...expected.randperm(10), ...expected.randperm(10)]
    const cuts = [[10], [1, 2, 3, 4], [3, 0, 7]]
    for (const cut of cuts) {
      const batches = epochBatches(new Generator(42), 10, 3)
      expect(cut.flatMap((steps) => [...batches.next(steps)])).toEqual(order)
    }
    expect([...epochBatches(new Generator(42), 2, 5).next().subarray(0, 4)].sort()).toEqual([0, 0, 1, 1])
  })

  test.each([
    ["uniform", uniformBatches],
    ["epochs", epochBatches],
  ])("%s: a stream taken up from its state goes on as if never left", (_, kind) => {
    for (const before of [0, 1, 4, 10, 11]) {
      const generator = new Generator(7)
      const unbroken = kind(generator, 20, 3)
      unbroken.next(before)
      const saved = JSON.parse(
        JSON.stringify({ stream: unbroken.getState(), generator: generator.getState() }),
      )

      const other = new Generator(1)
      const resumed = kind(other, 20, 3)
      resumed.next(5)
      other.setState(saved.generator)
      resumed.setState(saved.stream)
      expect(resumed.next(30)).toEqual(unbroken.next(30))
    }
  })

  test("invalid counts and positions outside the epoch", () => {
    expect(() => uniformBatches(new Generator(1), 0, 32)).toThrow(/count = 0/)
    expect(() => epochBatches(new Generator(1), 10, 1.5)).toThrow(/batchSize = 1.5/)
    const epochStart = new Generator(1).getState()
    expect(() => epochBatches(new Generator(1), 10, 2).setState({ epochStart, position: 11 })).toThrow(
      RangeError,
    )
  })
})

describe.skipIf(!process.env.MAKEWAVE_DATA)("the lecture, on names.txt (needs MAKEWAVE_DATA)", () => {
  test("split as the notebook splits", async () => {
    const { train, validation, test } = split(await loadText("makemore-names"))
    expect([train, validation, test].map((part) => part.lines.length)).toEqual([25_626, 3_203, 3_204])
    const shuffled = [train, validation, test].flatMap((part) => part.lines)
    expect(createHash("sha256").update(shuffled.join("\n")).digest("hex")).toBe(
      "aa6ef27b585ff29ec7ac0ff6bcd7ee9859fe76a4561ac4a32f8ac030dddd3ec3",
    )
    expect(shuffled.slice(0, 4)).toEqual(["yuheng", "diondre", "xavien", "jori"])
    expect(shuffled.slice(-3)).toEqual(["opal", "zaylynn", "yovani"])
  })

  test("windows as in the notebook, and the rows of its first batch", async () => {
    const text = await loadText("makemore-names")
    const vocabulary = Vocabulary.from(text.lines)
    const parts = split(text)
    const { inputs, targets } = windows(parts.train.lines, vocabulary, 8)
    const rows = ({ lines }: { lines: readonly string[] }) => windows(lines, vocabulary, 8).inputs.shape[0]
    expect(inputs.shape[0]).toBe(182_625)
    expect(rows(parts.validation)).toBe(22_655)
    expect(rows(parts.test)).toBe(22_866)
    expect(inputs.data.reduce((sum, id) => sum + id)).toBe(6_205_747)
    expect(targets.data.reduce((sum, id) => sum + id)).toBe(1_688_642)

    const shown = (ids: ArrayLike<number>) => Array.from(ids, (id) => vocabulary.symbols[id]).join("")
    const batch = FIRST_BATCH.map(([row]) => {
      const context = inputs.data.subarray(row * 8, row * 8 + 8)
      return [row, shown(context), shown([targets.data[row]])]
    })
    expect(batch).toEqual(FIRST_BATCH)
  })
})

/** The notebook's first batch: the row, its context, its target. */
const FIRST_BATCH = [
  [35329, "......lo", "r"],
  [45922, "....port", "i"],
  [96223, "........", "s"],
  [79937, "..layann", "i"],
  [101301, "...altai", "r"],
  [114041, "........", "a"],
  [26468, "..desten", "y"],
  [134034, ".......l", "e"],
  [55733, "......wa", "y"],
  [175906, ".......p", "e"],
  [13764, ".......k", "a"],
  [181263, ".......u", "l"],
  [32701, "..penelo", "p"],
  [38710, ".....mor", "g"],
  [108224, "..malone", "."],
  [138542, "......ro", "s"],
  [145987, "..kyndel", "."],
  [120483, "....kyly", "n"],
  [60469, ".....jan", "o"],
  [108477, "......lu", "n"],
  [68318, "....oluw", "a"],
  [164431, "......me", "n"],
  [94033, "....kobe", "."],
  [121365, "hammadmu", "s"],
  [161437, "....avit", "a"],
  [2047, "....pooj", "a"],
  [42554, "........", "m"],
  [115784, "........", "u"],
  [107530, ".....add", "i"],
  [67782, "......la", "k"],
  [124562, ".......m", "e"],
  [74293, "........", "w"],
] satisfies [number, string, string][]
