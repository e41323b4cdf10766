/** Files of NumPy's: what NumPy itself reads and writes, and a sentence for every damaged one. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { readNpz, writeNpz } from "../src/interchange/npz.ts"
import { readSafetensors, type SafeTensor } from "../src/interchange/safetensors.ts"
import { readZip, writeZip } from "../src/interchange/zip.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"

const everyDtype: Record<string, SafeTensor> = {
  flags: { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) },
  u8: { dtype: "U8", shape: [1], data: Uint8Array.of(255) },
  i8: { dtype: "I8", shape: [1], data: Int8Array.of(-128) },
  u16: { dtype: "U16", shape: [1], data: Uint16Array.of(65535) },
  i16: { dtype: "I16", shape: [1], data: Int16Array.of(-32768) },
  f16: { dtype: "F16", shape: [1], data: Uint16Array.of(0x3e00) }, // 1.5
  u32: { dtype: "U32", shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  i32: { dtype: "I32", shape: [2, 2], data: Int32Array.of(1, -1, 2 ** 31 - 1, -(2 ** 31)) },
  "network.layers.0.weight": { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  u64: { dtype: "U64", shape: [1], data: BigUint64Array.of(2n ** 53n) },
  i64: { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 53n)) },
  f64: { dtype: "F64", shape: [1, 1, 1], data: Float64Array.of(Math.PI) },
  scalar: { dtype: "F32", shape: [], data: Float32Array.of(42) },
  "none é": { dtype: "F32", shape: [0, 5], data: new Float32Array() },
}

test("every dtype, there and back", () => {
  expect(readNpz(writeNpz(everyDtype), "a.npz")).toEqual(everyDtype)
  // A buffer of Node's, in the middle of another.
  const bytes = writeNpz(everyDtype)
  expect(readNpz(Buffer.from([7, ...bytes]).subarray(1), "a.npz")).toEqual(everyDtype)
})

test("an error without the name of the file", () => {
  expect(() => readNpz(Uint8Array.of(1))).toThrow(/^the file: not an intact zip archive/)
  expect(() => readSafetensors(Uint8Array.of(1))).toThrow(/^the file: not an intact safetensors file/)
})

test("any tensors of any names", () => {
  const tensor = fc
    .array(fc.float(), { maxLength: 6 })
    .map(
      (numbers): SafeTensor => ({ dtype: "F32", shape: [numbers.length], data: Float32Array.from(numbers) }),
    )
  const name = fc.string({ unit: "binary" }).filter((name) => name.isWellFormed() && !name.endsWith(".npy"))
  fc.assert(
    fc.property(fc.dictionary(name, tensor, { maxKeys: 4 }), (tensors) => {
      expect(Object.entries(readNpz(writeNpz(tensors), "a.npz"))).toEqual(Object.entries(tensors))
    }),
    { numRuns: 20 },
  )
})

test("what does not fit together is not written", () => {
  const data = Uint16Array.of(1, 2)
  expect(() => writeNpz({ x: { dtype: "U16", shape: [3], data } })).toThrow(
    /writeNpz: tensor "x": shape \[3\] with 2 elements/,
  )
  for (const x of [{ dtype: "F32", shape: [2], data }, { dtype: "U16", shape: 2, data }, {}, null, 5])
    expect(() => writeNpz({ x: x as never })).toThrow(/^writeNpz: tensor "x": .*: give /)
  for (const bytes of [new ArrayBuffer(9), "PK", undefined])
    expect(() => readNpz(bytes as never, "a.npz")).toThrow(/readNpz: .*: give a Uint8Array/)
  expect(() => writeNpz({ x: { dtype: "BF16", shape: [2], data } })).toThrow(/NumPy has no BF16: give one of/)
})

/** An archive of one .npy file with this header. */
function fileOf(header: string, { data = new Uint8Array(), version = 1, length = header.length } = {}) {
  const start = [0x93, ...Buffer.from("NUMPY"), version, 0, length & 255, length >> 8]
  if (version > 1) start.push(0, 0)
  return writeZip({ "x.npy": Uint8Array.from([...start, ...Buffer.from(header), ...data]) })
}

const header = (shape: string, order = "False", dtype = "'|u1'") =>
  `{'descr': ${dtype}, 'fortran_order': ${order}, 'shape': ${shape}, }`

test("numbers that lie column by column come row by row", () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6)
  const { x } = readNpz(fileOf(header("(2, 3)", "True"), { data, version: 2 }), "a.npz")
  expect(x).toEqual({ dtype: "U8", shape: [2, 3], data: Uint8Array.of(1, 3, 5, 2, 4, 6) })
})

describe("a damaged file gets one sentence with its name", () => {
  const whole = writeNpz({ x: { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } })
  const changed = (at: number, ...bytes: number[]) => {
    const copy = whole.slice()
    copy.set(bytes, at < 0 ? copy.length + at : at)
    return copy
  }
  const end = -22
  const listed = end - 51 // "x.npy" has 5 bytes

  test.each<[string, Uint8Array, RegExp]>([
    ["empty", new Uint8Array(), /its end is missing/],
    ["a text file", new TextEncoder().encode("emma\nolivia\n".repeat(9)), /its end is missing/],
    ["cut at its end", whole.subarray(0, -1), /its end is missing/],
    [
      "cut at its beginning",
      whole.subarray(7),
      /no entry of its file list at byte \d+|does not start at byte 0/,
    ],
    [
      "its list elsewhere",
      changed(end + 16, 0xff, 0xff, 0xff, 0xff),
      /no entry of its file list at byte 4294967295/,
    ],
    ["more files than are listed", changed(end + 10, 2), /no entry of its file list at byte \d+/],
    ["a file elsewhere", changed(listed + 42, 5), /"x\.npy" does not start at byte 5/],
    ["a file beyond the end", changed(listed + 24, 0xff, 0xff), /"x\.npy" ends after the archive/],
    ["another number", changed(140, 7), /the checksum of "x\.npy" does not match/],
    ["compressed", changed(listed + 10, 8), /"x\.npy" is compressed.*numpy\.savez/],
    ["encrypted", changed(listed + 8, 1), /"x\.npy" is compressed or encrypted/],
    [
      "no .npy file in it",
      writeZip({ "a.txt": new Uint8Array(99) }),
      /"a\.txt" is not an intact \.npy file: its first bytes are not NumPy.s/,
    ],
    ["a short .npy file", writeZip({ "x.npy": Uint8Array.of(0x93) }), /its first bytes are not NumPy.s/],
    [
      "a header beyond the end",
      fileOf("", { length: 999 }),
      /its header ends at byte 1009, and the file at 10/,
    ],
    ["no header", fileOf(""), /has no shape: ""/],
    ["a shape of words", fileOf(header("(two)")), /has no shape/],
    ["too few numbers", fileOf(header("(3,)")), /U8 of shape \(3\) does not fit its 0 bytes/],
    ["a shape beyond all", fileOf(header(`(${"9".repeat(400)}, 0)`)), /does not fit/],
    ["texts", fileOf(header("(1,)", "False", "'<U1'")), /has dtype <U1, which is not supported.*<f4/],
    ["the highest byte first", fileOf(header("(1,)", "False", "'>f4'")), /has dtype >f4/],
    ["records", fileOf(header("(1,)", "False", "[('a', '<f4')]")), /has dtype of several fields/],
  ])("%s", (_, bytes, message) => {
    const read = () => readNpz(bytes, "runs/1/weights.npz")
    expect(read).toThrow(UserError)
    expect(read).toThrow(/^runs\/1\/weights\.npz: /)
    expect(read).toThrow(message)
  })

  test("one file listed many times takes the memory of one, and a name refers to one file", () => {
    const entry = whole.subarray(listed, end)
    const last = whole.slice(end)
    new DataView(last.buffer).setUint16(10, 100, true)
    const read = (entries: readonly Uint8Array[]) => () =>
      readNpz(Buffer.concat([whole.subarray(0, listed), ...entries, last]), "a.npz")
    expect(read(new Array(100).fill(entry))).toThrow(/it has "x\.npy" twice/)
    const name = entry.indexOf("x".charCodeAt(0))
    expect(read(Array.from({ length: 100 }, (_, k) => entry.with(name, 20 + k)))).toThrow(/its files overlap/)
    const content = readZip(whole, "a.npz").get("x.npy")!
    expect(() => readNpz(writeZip({ "x.npy": content, x: content }), "a.npz")).toThrow(
      'a.npz: it has "x" with and without .npy: remove one of them',
    )
  })

  /** Reads the bytes: they are whole, or there is a sentence; and no more is taken than the bytes themselves. */
  const readOrSentence = (bytes: Uint8Array) => {
    try {
      const taken = Object.values(readNpz(bytes, "fuzz.npz")).reduce(
        (sum, { data }) => sum + data.byteLength,
        0,
      )
      expect(taken).toBeLessThanOrEqual(bytes.length)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      expect(error.message).toMatch(/^fuzz\.npz: .*: /)
    }
  }

  test("cut anywhere", () => {
    const bytes = writeNpz(everyDtype)
    for (let length = 0; length < bytes.length; length += 3)
      expect(() => readNpz(bytes.subarray(0, length), "a.npz")).toThrow(UserError)
  })

  test("any byte changed, any header, any bytes", () => {
    const bytes = writeNpz(everyDtype)
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(edits, (changes) => {
        const edited = bytes.slice()
        for (const [at, value] of changes) edited[at] = value
        readOrSentence(edited)
      }),
      { numRuns: 1000 },
    )
    const words = fc.constantFrom(
      "'descr'",
      "'shape'",
      "'fortran_order'",
      ":",
      "(",
      ")",
      ",",
      " ",
      "9",
      "'<f4'",
      "True",
      "{",
      "}",
    )
    fc.assert(
      fc.property(fc.array(words), fc.nat(40), (list, size) =>
        readOrSentence(fileOf(list.join(""), { data: new Uint8Array(size) })),
      ),
      { numRuns: 1000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 99 }), readOrSentence), { numRuns: 1000 })
  })
})

testByPython("numpy")("NumPy reads it, and is read", async () => {
  const [ours, theirs] = ["ours", "theirs"].map((name) =>
    join(tmpdir(), `makewave-${process.pid}-${name}.npz`),
  )
  writeFileSync(ours, writeNpz(everyDtype))
  const program = `
import json, sys, zipfile
import numpy
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
arrays = numpy.load(sys.argv[1])
print(json.dumps({name: [arrays[name].dtype.name, list(arrays[name].shape), arrays[name].tolist()] for name in arrays}))
weight = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
numpy.savez(sys.argv[2], **arrays, transposed=weight.T)`
  const read = (await askPython("numpy", "-c", program, ours, theirs)) as Record<string, unknown>
  expect(Object.keys(read)).toEqual(Object.keys(everyDtype))
  expect(read).toMatchObject({
    flags: ["bool", [3], [true, false, true]],
    f16: ["float16", [1], [1.5]],
    i32: [
      "int32",
      [2, 2],
      [
        [1, -1],
        [2 ** 31 - 1, -(2 ** 31)],
      ],
    ],
    "network.layers.0.weight": [
      "float32",
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    u64: ["uint64", [1], [2 ** 53]],
    f64: ["float64", [1, 1, 1], [[[Math.PI]]]],
    scalar: ["float32", [], 42],
    "none é": ["float32", [0, 5], []],
  })
  const transposed = { dtype: "F32", shape: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) }
  expect(readNpz(readFileSync(theirs), theirs)).toEqual({ ...everyDtype, transposed })
  for (const file of [ours, theirs]) rmSync(file)
})
