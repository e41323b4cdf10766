/** Safetensors files: byte for byte as the format says, back again, and a sentence for every damaged one. */

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { readSafetensors, type SafeTensor, writeSafetensors } from "../src/interchange/safetensors.ts"

/** A file with this header, given as text or as a value, and this many bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

test("the bytes are the format's: length, header with spaces up to a multiple of 8, then the data", () => {
  const bytes = writeSafetensors(
    { "layers.0.weight": { dtype: "F32", shape: [2, 1], data: Float32Array.of(1, -2) } },
    { step: "3" },
  )
  const header =
    '{"__metadata__":{"step":"3"},"layers.0.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}'
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
  expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0])
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded)
  expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
})

const everyDtype: Record<string, SafeTensor> = {
  flags: { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) },
  u8: { dtype: "U8", shape: [1], data: Uint8Array.of(255) },
  i8: { dtype: "I8", shape: [1], data: Int8Array.of(-128) },
  u16: { dtype: "U16", shape: [1], data: Uint16Array.of(65535) },
  i16: { dtype: "I16", shape: [1], data: Int16Array.of(-32768) },
  f16: { dtype: "F16", shape: [1], data: Uint16Array.of(0x3c00) },
  bf16: { dtype: "BF16", shape: [1], data: Uint16Array.of(0x3f80) },
  u32: { dtype: "U32", shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  i32: { dtype: "I32", shape: [2, 2], data: Int32Array.of(1, -1, 2 ** 31 - 1, -(2 ** 31)) },
  f32: { dtype: "F32", shape: [3], data: Float32Array.of(Number.NaN, -0, 1e-45) },
  u64: { dtype: "U64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  i64: { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 63n)) },
  f64: { dtype: "F64", shape: [1], data: Float64Array.of(Math.PI) },
  scalar: { dtype: "F32", shape: [], data: Float32Array.of(42) },
  none: { dtype: "F32", shape: [0, 5], data: new Float32Array() },
  odd: { dtype: "U8", shape: [1], data: Uint8Array.of(7) },
}

describe("there and back", () => {
  test("every dtype, each aligned to its elements though odd sizes come between", () => {
    const bytes = writeSafetensors(everyDtype, { 'config "é"': '{"a":\n1}' })
    const { tensors, metadata } = readSafetensors(bytes, "a.safetensors")
    expect(tensors).toEqual(everyDtype)
    expect(metadata).toEqual({ 'config "é"': '{"a":\n1}' })
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)))
    for (const [name, { data }] of Object.entries(everyDtype))
      expect((8 + headerBytes + header[name].data_offsets[0]) % data.BYTES_PER_ELEMENT).toBe(0)
  })

  test("out of a larger buffer at an odd place, and a copy: the bytes may change afterwards", () => {
    const bytes = writeSafetensors(everyDtype)
    const pool = Buffer.alloc(bytes.length + 3)
    pool.set(bytes, 3)
    const { tensors } = readSafetensors(pool.subarray(3), "a.safetensors")
    pool.fill(0)
    expect(tensors).toEqual(everyDtype)
  })

  test("part of an array, and no tensor at all", () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3)
    const { tensors } = readSafetensors(writeSafetensors({ x: { dtype: "F32", shape: [2], data } }), "a")
    expect(tensors.x.data).toEqual(Float32Array.of(2, 3))
    expect(readSafetensors(writeSafetensors({}), "a")).toEqual({ tensors: {}, metadata: {} })
  })

  test("any names and texts, those of an object's own machinery too", () => {
    const word = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("__proto__", "constructor", "toString", "0"),
    )
    const dictionary = fc.array(fc.tuple(word, word))
    fc.assert(
      fc.property(dictionary, dictionary, (names, texts) => {
        const tensors = Object.fromEntries(
          names
            .filter(([name]) => name !== "__metadata__")
            .map(([name], i) => [name, { dtype: "I32", shape: [1], data: Int32Array.of(i) } as SafeTensor]),
        )
        const metadata = Object.fromEntries(texts)
        const back = readSafetensors(writeSafetensors(tensors, metadata), "a")
        expect(Object.entries(back.tensors)).toEqual(Object.entries(tensors))
        expect(Object.entries(back.metadata)).toEqual(Object.entries(metadata))
      }),
    )
  })
})

test("what does not fit together is not written", () => {
  const write = (name: string, tensor: unknown) => () => writeSafetensors({ [name]: tensor as SafeTensor })
  const data = Float32Array.of(1, 2)
  expect(write("x", { dtype: "F32", shape: [3], data })).toThrow(/"x": shape \[3\] with 2 elements/)
  expect(write("x", { dtype: "F32", shape: [-1, -2], data })).toThrow(RangeError)
  expect(write("x", { dtype: "I32", shape: [2], data })).toThrow(/dtype I32 with a Float32Array/)
  expect(write("x", { dtype: "F8", shape: [2], data })).toThrow(TypeError)
  for (const x of [{}, null, 5, { dtype: "F32", shape: 2, data }])
    expect(write("x", x)).toThrow(/^writeSafetensors: tensor "x": .*: give /)
  for (const bytes of [new ArrayBuffer(9), "{}", undefined])
    expect(() => readSafetensors(bytes as never, "a")).toThrow(/readSafetensors: .*: give a Uint8Array/)
  for (const metadata of [null, 5, "a"])
    expect(() => writeSafetensors({}, metadata as never)).toThrow(/metadata .*: give an object of texts/)
  for (const value of [3, null, ["a"]])
    expect(() => writeSafetensors({}, { step: value as never })).toThrow(/metadata "step" is .*: give texts/)
  expect(write("__metadata__", { dtype: "F32", shape: [2], data })).toThrow(/reserves this name/)
})

describe("a damaged file gets one sentence with its name", () => {
  const x = { dtype: "F32", shape: [2], data_offsets: [0, 8] }
  const whole = writeSafetensors({ x: { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } })

  test.each<[string, Uint8Array, RegExp]>([
    ["empty", new Uint8Array(), /it has only 0 bytes/],
    ["cut in the header", whole.subarray(0, 20), /its header ends at byte \d+, and the file at 20/],
    ["cut in the data", whole.subarray(0, -1), /its tensors have 8 bytes, and its data 7/],
    ["longer than its tensors", fileOf({ x }, 9), /its tensors have 8 bytes, and its data 9/],
    ["absurd length", new Uint8Array(64).fill(0xff), /its header would have 18446744073709551615 bytes/],
    ["a text file", new TextEncoder().encode("emma\nolivia\n"), /its header would have \d+ bytes/],
    ["header not JSON", fileOf("{x}"), /not a JSON object/],
    ["header not UTF-8", fileOf('{"é":{}}').fill(0xff, 10, 11), /not a JSON object/],
    ["header a list", fileOf([]), /not a JSON object/],
    ["header null", fileOf("null"), /not a JSON object/],
    ["a deep header", fileOf("[".repeat(1_000_000)), /not a JSON object/],
    ["metadata with a number", fileOf({ __metadata__: { step: 3 } }), /__metadata__/],
    ["metadata a list", fileOf({ __metadata__: ["a"] }), /__metadata__/],
    ["tensor null", fileOf({ x: null }), /tensor "x" lacks its dtype/],
    ["no shape", fileOf({ x: { ...x, shape: undefined } }, 8), /tensor "x" lacks its dtype/],
    ["a negative extent", fileOf({ x: { ...x, shape: [-2, -1] } }, 8), /tensor "x" lacks/],
    ["half an extent", fileOf({ x: { ...x, shape: [0.5, 4] } }, 8), /tensor "x" lacks/],
    ["three offsets", fileOf({ x: { ...x, data_offsets: [0, 8, 9] } }, 8), /tensor "x" lacks/],
    ["an unknown dtype", fileOf({ x: { ...x, dtype: "F4" } }, 8), /tensor "x" has dtype F4.*F32/],
    ["a dtype of every object", fileOf({ x: { ...x, dtype: "constructor" } }, 8), /has dtype constructor/],
    ["dtype a list", fileOf({ x: { ...x, dtype: ["F32"] } }, 8), /tensor "x" lacks/],
    [
      "too few bytes for its shape",
      fileOf({ x: { ...x, shape: [3] } }, 8),
      /F32 of shape \[3\], does not fit its 8/,
    ],
    [
      "a shape beyond all",
      fileOf({ x: { ...x, shape: [2 ** 53 - 1, 2 ** 53 - 1, 9e15] } }, 8),
      /does not fit/,
    ],
    ["backwards", fileOf({ x: { ...x, data_offsets: [8, 0] } }, 8), /does not fit its -8 bytes/],
    ["beyond the end", fileOf({ x: { ...x, data_offsets: [8, 16] } }, 8), /begins at byte 8 .* instead of 0/],
    [
      "overlapping",
      fileOf({ x, y: { ...x, data_offsets: [4, 12] } }, 12),
      /"y" begins at byte 4 .* instead of 8/,
    ],
    ["the same bytes twice", fileOf({ x, y: x }, 8), /"y" begins at byte 0 .* instead of 8/],
    [
      "a hole",
      fileOf({ x, y: { ...x, data_offsets: [12, 20] } }, 20),
      /"y" begins at byte 12 .* instead of 8/,
    ],
    [
      "a name twice",
      fileOf(`{"x":${JSON.stringify(x)},"x":${JSON.stringify({ ...x, data_offsets: [8, 16] })}}`, 16),
      /its header has "x" twice/,
    ],
    [
      "a name twice for the same bytes, once in escapes",
      fileOf(`{"x":${JSON.stringify(x)}, "\\u0078" : ${JSON.stringify(x)}}`, 8),
      /its header has "x" twice/,
    ],
    [
      "two shapes of one tensor",
      fileOf('{"x":{"dtype":"F32","shape":[2],"shape":[1,2],"data_offsets":[0,8]}}', 8),
      /its header has "shape" twice/,
    ],
    [
      "metadata twice",
      fileOf('{"__metadata__":{"a":"{\\"a\\":"},"__metadata__":{}}', 0),
      /its header has "__metadata__" twice/,
    ],
  ])("%s", (_, bytes, message) => {
    const read = () => readSafetensors(bytes, "runs/1/model.safetensors")
    expect(read).toThrow(UserError)
    expect(read).toThrow(/^runs\/1\/model\.safetensors: /)
    expect(read).toThrow(message)
  })

  /** Reads the bytes: they are whole, or there is a sentence; and no more is taken than the bytes themselves. */
  const readOrSentence = (bytes: Uint8Array) => {
    try {
      const { tensors } = readSafetensors(bytes, "fuzz.safetensors")
      const taken = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
      expect(taken).toBeLessThanOrEqual(bytes.length)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      expect(error.message).toMatch(/^fuzz\.safetensors: .*: /)
    }
  }

  test("cut anywhere", () => {
    const bytes = writeSafetensors(everyDtype, { step: "1" })
    for (let end = 0; end < bytes.length; end++)
      expect(() => readSafetensors(bytes.subarray(0, end), "a")).toThrow(UserError)
  })

  test("any byte changed, in any file", () => {
    const bytes = writeSafetensors(everyDtype, { step: "1" })
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(changes, (edits) => {
        const edited = bytes.slice()
        for (const [at, value] of edits) edited[at] = value
        readOrSentence(edited)
      }),
      { numRuns: 3000 },
    )
  })

  test("any header, any data, any bytes", () => {
    const extent = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.maxSafeNat(), fc.double(), fc.jsonValue())
    const description = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom("F32", "I64", "BOOL", "F4"), fc.jsonValue()),
        shape: fc.oneof(fc.array(extent, { maxLength: 3 }), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(extent, extent), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    const header = fc.oneof(fc.dictionary(fc.string(), description), fc.json(), fc.jsonValue())
    fc.assert(
      fc.property(header, fc.nat(40), (value, dataBytes) => readOrSentence(fileOf(value ?? null, dataBytes))),
      { numRuns: 3000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), readOrSentence), { numRuns: 1000 })
  })
})
