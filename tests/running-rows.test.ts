/** A running text is read whole, cut into parts that follow one another, and each of its symbols is predicted from what lies before it. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { everyRow, type RowOptions, rowsInOrder, stretchesOf } from "../src/data/running-rows.ts"
import { loadRunningText } from "../src/data/running-text.ts"

const read = (text: string | Uint8Array<ArrayBuffer>) =>
  loadRunningText("a.txt", { bytes: typeof text === "string" ? new TextEncoder().encode(text) : text })

describe("the text", () => {
  test("keeps blank lines, indentation and trailing spaces", async () => {
    expect((await read("ACT I\n\n  a room \n\tenter\n")).text).toBe("ACT I\n\n  a room \n\tenter\n")
  })

  test("has line ends of one kind, composed accents, and nothing that nobody sees", async () => {
    const { text, repaired } = await read("\uFEFFe\u0301\r\nb\u00adc\rd")
    expect({ text, repaired }).toEqual({
      text: "é\nbc\nd",
      repaired: ["byte order mark dropped", "carriage returns dropped", "invisible characters dropped"],
    })
  })

  test.each([
    ["", "a.txt: the text is empty: give a UTF-8 text file"],
    [" \n\n", "a.txt: every line is blank: give a UTF-8 text file with something in it"],
    ["a\0b", /^a\.txt: line 1 has a NUL character/],
    [Uint8Array.of(0x61, 0xff), /^a\.txt: line 1 is not UTF-8/],
  ])("%j is refused", async (text, sentence) => {
    await expect(read(text)).rejects.toThrow(sentence)
  })
})

test("the parts follow one another, and together are the text", () => {
  expect(stretchesOf(10, { train: 0.8, validation: 0.1 })).toEqual([
    { from: 0, to: 8 },
    { from: 8, to: 9 },
    { from: 9, to: 10 },
  ])
  expect(stretchesOf(3, { train: 1, validation: 0 })).toEqual([
    { from: 0, to: 3 },
    { from: 3, to: 3 },
    { from: 3, to: 3 },
  ])
  expect(stretchesOf(5, { train: 0.8, validation: 0.1 }, { mayBeEmpty: true })[1]).toEqual({ from: 4, to: 4 })
  expect(() => stretchesOf(5, { train: 0.8, validation: 0.1 })).toThrow(
    "a text of 5 symbols is too short for the parts that it is split into: give a longer one",
  )
})

/** 1, 2, 3, ...: a symbol is its place, from 1. */
const counted = (length: number) => Int32Array.from({ length }, (_, k) => k + 1)

const options = fc
  .record({
    length: fc.integer({ min: 1, max: 40 }),
    from: fc.nat(20),
    reads: fc.constantFrom("windows" as const, "sequences" as const),
    T: fc.integer({ min: 1, max: 8 }),
    warmUp: fc.nat(7),
  })
  .map(({ length, from, reads, T, warmUp }) => ({
    ids: counted(from + length),
    row: {
      from,
      to: from + length,
      reads,
      length: T,
      warmUp: reads === "windows" ? 0 : Math.min(warmUp, T - 1),
    },
  }))

/** What each row predicts, and the symbols before it in the row. */
function predictions(inputs: Int32Array, targets: Int32Array, { reads, length: T }: RowOptions) {
  return Array.from(targets, (target, k) => {
    const row = reads === "windows" ? k : Math.floor(k / T)
    const end = reads === "windows" ? T : (k % T) + 1
    return { target, before: Array.from(inputs.subarray(row * T, row * T + end)) }
  })
}

test("an evaluation predicts each symbol of a part once, in its order, from those before it", () => {
  fc.assert(
    fc.property(options, ({ ids, row }) => {
      const { inputs, targets } = rowsInOrder(ids, row)
      const all = predictions(inputs.data, targets.data, row)
      expect(all.map(({ target }) => target).filter((target) => target >= 0)).toEqual([
        ...ids.subarray(row.from, row.to),
      ])
      for (const { target, before } of all)
        if (target >= 0) {
          expect(before).toEqual(before.map((_, k) => Math.max(0, target - before.length + k)))
          if (row.reads === "sequences") expect(before.length).toBeGreaterThan(row.warmUp)
        }
    }),
  )
})

test("a training draws from rows that begin at every place", () => {
  fc.assert(
    fc.property(options, ({ ids, row }) => {
      const predicted = row.reads === "windows" ? 1 : row.length
      fc.pre(row.to - row.from >= predicted)
      const { inputs, targets } = everyRow(ids, row)
      expect(inputs.shape).toEqual([row.to - row.from - predicted + 1, row.length])
      for (const [k, start] of inputs.starts!.entries()) {
        const before = [...inputs.data.subarray(start, start + row.length)]
        const first = row.from + k + 1 // the symbol that the first position or the window predicts
        if (row.reads === "windows") {
          expect(targets.data[k]).toBe(first)
          expect(before).toEqual(before.map((_, t) => Math.max(0, first - row.length + t)))
        } else {
          expect([...targets.data.subarray(start, start + row.length)]).toEqual(
            before.map((_, t) => first + t),
          )
          expect(before).toEqual(before.map((_, t) => first - 1 + t))
        }
      }
    }),
  )
})

test("a sample of a part has about so many predictions, evenly spaced", () => {
  const row = { from: 0, to: 1000, reads: "sequences", length: 10 } as const
  const { targets } = rowsInOrder(counted(1000), row, { most: 100 })
  expect(targets.shape).toEqual([10, 10])
  expect(targets.data.filter((_, k) => k % 10 === 0)).toEqual(
    Int32Array.from([1, 101, 201, 301, 401, 501, 601, 701, 801, 901]),
  )
})

test("a part that is shorter than a row is a sentence", () => {
  expect(() => everyRow(counted(5), { from: 0, to: 4, reads: "sequences", length: 8 })).toThrow(
    "the training part has 4 symbols, and a row has 8: give a longer text, or shorter rows (--context, or --truncate)",
  )
})

test("rows that take more than 1 GiB are a sentence: windows have one target, sequences one at each place", () => {
  const rows = (reads: "windows" | "sequences", length: number) =>
    rowsInOrder(counted(2), { from: 0, to: 2, reads, length })
  expect(() => rows("windows", 2 ** 27)).toThrow(
    "2 rows of 134,217,729 numbers exceed the 1 GiB that they may take: give shorter rows (--context, or --truncate)",
  )
  expect(() => rows("sequences", 2 ** 27 + 1)).toThrow("of 268,435,458 numbers exceed the 1 GiB")
})
