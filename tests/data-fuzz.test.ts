/** What holds of any text whatever: of the stations from bytes to batches, on arbitrary bytes, strings and lines. */

import fc from "fast-check"
import { expect, test } from "vitest"
import { characters } from "../src/data/characters.ts"
import {
  epochBatches,
  IGNORED,
  parseLines,
  sequences,
  split,
  Vocabulary,
  windows,
} from "../src/data/index.ts"
import { UserError } from "../src/errors.ts"
import { Generator } from "../src/random/index.ts"

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => new TextEncoder().encode(text)),
)

/** Lines as they are once parsed. */
const anyLine = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
    fc.constantFrom("한글", "क्षि", "👨‍👩‍👧", "🇩🇪🇫🇷", "e\u0301\u0327", "ᄒ\u1161ᆫ", "ก\u0e33"),
  )
  .map((line) =>
    line
      .replace(/[\0\r\n\u00a0\u00ad\u200b\u202f\u2060\ufeff]/g, "")
      .normalize("NFC")
      .trim(),
  )
  .filter((line) => line !== "")
const anyLines = fc.array(anyLine, { minLength: 1, maxLength: 8 })

test("any bytes give clean lines or one sentence", () => {
  fc.assert(
    fc.property(anyBytes, fc.integer({ min: 1, max: 20 }), (bytes, maximumLineLength) => {
      try {
        const { lines } = parseLines(bytes, { name: "fuzz.txt", maximumLineLength })
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) {
          expect(line).toBe(line.trim().normalize("NFC"))
          expect(line).not.toMatch(/[\r\n\0]|^$/)
          expect(characters(line).length).toBeLessThanOrEqual(maximumLineLength)
        }
        expect(parseLines(lines.join("\n")).lines).toEqual(lines)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        expect(error.message).toMatch(/^fuzz\.txt: /)
      }
    }),
    { numRuns: 2000 },
  )
})

test("lines are found whatever surrounds them, and the report counts what was cleaned", () => {
  const decorated = fc.record({
    line: anyLine,
    before: fc.constantFrom("", " ", "\t\u3000"),
    after: fc.constantFrom("", "  "),
    blanks: fc.array(fc.constantFrom("", " "), { maxLength: 2 }),
  })
  const file = fc.tuple(
    fc.array(decorated, { minLength: 1, maxLength: 6 }),
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.boolean(),
  )
  fc.assert(
    fc.property(file, ([entries, lineEnd, byteOrderMark]) => {
      const rows = entries.flatMap(({ line, before, after, blanks }) => [before + line + after, ...blanks])
      const text = (byteOrderMark ? "\uFEFF" : "") + rows.join(lineEnd) + lineEnd
      const { lines, report } = parseLines(new TextEncoder().encode(text))
      expect(lines).toEqual(entries.map(({ line }) => line.toWellFormed()))
      expect(report).toEqual({
        byteOrderMark,
        carriageReturns: lineEnd === "\n" ? 0 : rows.length,
        blank: rows.length - entries.length,
        trimmed: entries.filter(({ before, after }) => before + after !== "").length,
        unseen: 0,
        composed: 0,
      })
    }),
  )
})

test("a vocabulary decodes what it encodes, also after JSON, and orders symbols as Python does", () => {
  fc.assert(
    fc.property(anyLines, (lines) => {
      const vocabulary = Vocabulary.from(lines)
      const copy = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)))
      for (const line of lines) {
        const ids = vocabulary.encode(line)
        expect(ids).not.toContain(0)
        expect(vocabulary.decode(ids)).toBe(line)
        expect(copy.encode(line)).toEqual(ids)
      }
      const points = vocabulary.toJSON().map((symbol) => Array.from(symbol, (point) => point.codePointAt(0)!))
      const sorted = [...points].sort((a, b) => {
        const at = a.findIndex((point, i) => point !== b[i])
        return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1)
      })
      expect(points).toEqual(sorted)
    }),
    { numRuns: 500 },
  )
})

test("characters equal the segmenter's for any two neighbours", () => {
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" })
  const unit = fc.oneof(fc.integer({ min: 0x20, max: 0xd7ff }), fc.integer({ min: 0x20, max: 0x530 }))
  fc.assert(
    fc.property(unit, unit, (left, right) => {
      const line = String.fromCharCode(left, right)
      const segments = Array.from(segmenter.segment(line.normalize("NFC")), ({ segment }) => segment)
      expect(characters(line)).toEqual(segments)
    }),
    { numRuns: 5000 },
  )
})

test("windows equal the notebook's loop", () => {
  fc.assert(
    fc.property(anyLines, fc.integer({ min: 1, max: 9 }), (lines, contextLength) => {
      const vocabulary = Vocabulary.from(lines)
      const inputs: number[] = []
      const targets: number[] = []
      for (const line of lines) {
        let context: number[] = new Array(contextLength).fill(0)
        for (const id of [...vocabulary.encode(line), 0]) {
          inputs.push(...context)
          targets.push(id)
          context = [...context.slice(1), id]
        }
      }
      const data = windows(lines, vocabulary, contextLength)
      expect([...data.inputs.data]).toEqual(inputs)
      expect([...data.targets.data]).toEqual(targets)
      expect([data.inputs.shape, data.targets.shape]).toEqual([
        [targets.length, contextLength],
        [targets.length],
      ])
    }),
  )
})

test("sequences contain each line, and have as many targets as windows", () => {
  fc.assert(
    fc.property(anyLines, fc.integer({ min: 0, max: 3 }), (lines, spare) => {
      const vocabulary = Vocabulary.from(lines)
      const T = Math.max(...lines.map((line) => characters(line).length)) + 1 + spare
      const data = sequences(lines, vocabulary, T)
      const [inputs, targets] = [data.inputs.data, data.targets.data]
      for (const { shape } of Object.values(data)) expect(shape).toEqual([lines.length, T])
      for (const [row, line] of lines.entries()) {
        const x = inputs.subarray(row * T, row * T + T)
        const y = targets.subarray(row * T, row * T + T)
        expect(vocabulary.decode(x)).toBe(line)
        expect(x[0]).toBe(0)
        const end = y.indexOf(0)
        expect(vocabulary.decode(y.subarray(0, end))).toBe(line)
        expect(y.subarray(end + 1).every((target) => target === IGNORED)).toBe(true)
        expect(x.subarray(1, end + 1)).toEqual(y.subarray(0, end))
      }
      const predictions = targets.filter((target) => target !== IGNORED)
      expect([...predictions]).toEqual([...windows(lines, vocabulary, 1).targets.data])
    }),
  )
})

test("a split neither loses nor doubles lines, and keeps equal ones in one part, or says what it needs", () => {
  const hundredths = fc.integer({ min: 0, max: 100 })
  const someLines = fc.array(
    fc.nat(30).map((each) => `${each}`),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(someLines, hundredths, hundredths, fc.nat(), (lines, train, validation, seed) => {
      const options = { train: train / 100, validation: validation / 100, seed }
      const n = new Set(lines).size
      const asked = [train, validation, 100 - train - validation].filter((part) => part > 0).length
      try {
        const parts = split({ lines, labels: { same: lines } }, options)
        const all = [parts.train, parts.validation, parts.test]
        expect(all.flatMap((part) => part.lines).sort()).toEqual(lines.toSorted())
        for (const part of all) expect(part.labels?.same).toEqual(part.lines)
        const sizes = all.map((part) => new Set(part.lines).size)
        expect(sizes.reduce((a, b) => a + b)).toBe(n)
        expect(sizes.map((size) => size > 0)).toEqual(
          [train, validation, 100 - train - validation].map((part) => part > 0),
        )
        expect(Math.abs(sizes[0] - Math.trunc(options.train * n))).toBeLessThanOrEqual(2)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        expect(train === 0 || train + validation > 100 || n < asked).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})

test("epochs: each epoch has each row once, however many steps a call draws", () => {
  const size = fc.integer({ min: 1, max: 30 })
  fc.assert(
    fc.property(size, size, fc.array(fc.nat(5), { maxLength: 12 }), (count, batchSize, cuts) => {
      const batches = epochBatches(new Generator(3), count, batchSize)
      const rows = cuts.flatMap((steps) => [...batches.next(steps)])
      for (let start = 0; start + count <= rows.length; start += count)
        expect(new Set(rows.slice(start, start + count)).size).toBe(count)
      const steps = cuts.reduce((sum, cut) => sum + cut, 0)
      expect([...epochBatches(new Generator(3), count, batchSize).next(steps)]).toEqual(rows)
    }),
  )
})
