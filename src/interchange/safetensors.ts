/**
 * Named arrays as a safetensors file, which PyTorch, JAX and the model hubs read and write: a JSON header with the place of each
 * tensor's bytes, then the bytes. Checkpoints are such files.
 * Source: https://github.com/huggingface/safetensors, "Format"
 */
import { requireBytes, told, UserError } from "../errors.ts"
import type { StateDict } from "../nn/module.ts"
import { sizeOf } from "../tensor/shape.ts"

/** The array of each dtype. 16-bit floats are kept as bits, since not every engine has such arrays. */
export const arrays = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  U32: Uint32Array,
  I32: Int32Array,
  F32: Float32Array,
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
} as const

type Dtype = keyof typeof arrays

/** A tensor in a file, in row-major order. A BOOL element is one byte, 0 or 1. */
export type SafeTensor = {
  [D in Dtype]: { dtype: D; shape: readonly number[]; data: InstanceType<(typeof arrays)[D]> }
}[Dtype]

export type SafeTensors = { tensors: Record<string, SafeTensor>; metadata: Record<string, string> }

/** The parameters and buffers of a model as tensors for a file. */
export const tensorsOf = (state: StateDict): Record<string, SafeTensor> =>
  Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [
      name,
      { dtype: data instanceof Int32Array ? "I32" : "F32", shape, data } as SafeTensor,
    ]),
  )

const LENGTH_BYTES = 8 // the length of the header, 64 bits, little-endian
const ALIGNMENT = 8
const METADATA = "__metadata__"

/** The format's own limit, which catches a damaged length. */
const MAX_HEADER_BYTES = 100_000_000

/** The bytes of a file. Tensors with wide elements come first, so that each is aligned. */
export function writeSafetensors(
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors)
  for (const [name, tensor] of entries) requireWritable("writeSafetensors", name, tensor)
  requireTexts("writeSafetensors", metadata)
  entries.sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)

  let dataBytes = 0
  const header: [string, unknown][] = entries.map(([name, { dtype, shape, data }]) => {
    const begin = dataBytes
    dataBytes += data.byteLength
    return [name, { dtype, shape, data_offsets: [begin, dataBytes] }]
  })
  if (Object.keys(metadata).length > 0) header.unshift([METADATA, metadata])
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))

  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT
  let at = LENGTH_BYTES + headerBytes
  const bytes = new Uint8Array(at + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(0x20, LENGTH_BYTES, at) // the header is padded with spaces
  bytes.set(json, LENGTH_BYTES)
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/**
 * Copies of the tensors in a file. Errors begin with `name`, its path. A violation of the format is a UserError, found before
 * anything is copied, so that no file takes more memory than it has bytes.
 */
export function readSafetensors(bytes: Uint8Array, name = "the file"): SafeTensors {
  const wrong = (what: string) =>
    new UserError(`${name}: not an intact safetensors file: ${what}: use an intact copy`)

  requireBytes("readSafetensors", bytes)
  if (bytes.length < LENGTH_BYTES) throw wrong(`it has only ${bytes.length} bytes`)
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (headerBytes > MAX_HEADER_BYTES) throw wrong(`its header would have ${headerBytes} bytes`)
  const start = LENGTH_BYTES + Number(headerBytes)
  if (start > bytes.length) throw wrong(`its header ends at byte ${start}, and the file at ${bytes.length}`)

  const { json, value: header } = parsed(bytes.subarray(LENGTH_BYTES, start))
  if (!isObject(header)) throw wrong("its header is not a JSON object")
  const repeated = repeatedKey(json)
  if (repeated !== undefined) throw wrong(`its header has ${JSON.stringify(repeated)} twice`)
  const { [METADATA]: metadata = {}, ...described } = header
  if (!isTexts(metadata)) throw wrong(`${METADATA} in its header has values other than strings`)

  const data = bytes.subarray(start)
  const found = Object.entries(described).map(([tensorName, description]) => {
    const shown = `tensor ${JSON.stringify(tensorName)}`
    const { dtype, shape, data_offsets: offsets } = Object(description)
    if (typeof dtype !== "string" || !isExtents(shape) || !isExtents(offsets) || offsets.length !== 2)
      throw wrong(`${shown} lacks its dtype, shape or data_offsets`)
    if (!isDtype(dtype))
      throw new UserError(
        `${name}: ${shown} has dtype ${dtype}, which is not supported: save it as one of ${Object.keys(arrays).join(", ")}`,
      )
    const [begin, end] = offsets
    if (end - begin !== sizeOf(shape) * arrays[dtype].BYTES_PER_ELEMENT)
      throw wrong(`${shown}, ${dtype} of shape [${shape}], does not fit its ${end - begin} bytes`)
    return { tensorName, shown, dtype, shape, begin, end }
  })

  let covered = 0
  for (const { shown, begin, end } of found.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw wrong(`${shown} begins at byte ${begin} of the data instead of ${covered}`)
    covered = end
  }
  if (covered !== data.length) throw wrong(`its tensors have ${covered} bytes, and its data ${data.length}`)

  const tensors = found.map(({ tensorName, dtype, shape, begin, end }) => {
    const copy = new Uint8Array(data.subarray(begin, end)) // at the start of a buffer, so aligned
    return [tensorName, { dtype, shape, data: new arrays[dtype](copy.buffer) } as SafeTensor]
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}

const isDtype = (dtype: unknown): dtype is Dtype => typeof dtype === "string" && Object.hasOwn(arrays, dtype)

const isExtents = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((text) => typeof text === "string")

function parsed(bytes: Uint8Array): { json: string; value: unknown } {
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return { json, value: JSON.parse(json) }
  } catch {
    return { json: "", value: undefined }
  }
}

/** The first key that an object of valid JSON has twice, which the format forbids and JSON.parse hides. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = []
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set())
    else if (token === "}") open.pop()
    else if (colon !== undefined) {
      const key: string = JSON.parse(text)
      const keys = open.at(-1)!
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
}

/** Throws a TypeError for metadata that a reader would reject. */
export function requireTexts(method: string, metadata: Readonly<Record<string, string>>): void {
  if (typeof metadata !== "object" || metadata === null)
    throw new TypeError(`${method}: metadata ${told(metadata)}: give an object of texts`)
  for (const [key, value] of Object.entries(metadata))
    if (typeof value !== "string")
      throw new TypeError(
        `${method}: metadata ${JSON.stringify(key)} is ${told(value)}: give texts, such as "3"`,
      )
}

/** Throws a TypeError or RangeError for a tensor that cannot be written: the caller's mistake, not that of a file. */
export function requireWritable(method: string, name: string, tensor: SafeTensor): void {
  const { dtype, shape, data } = Object(tensor)
  const shown = `${method}: tensor ${JSON.stringify(name)}`
  if (name === METADATA) throw new RangeError(`${shown}: the format reserves this name: give another`)
  if (!isDtype(dtype) || !(data instanceof arrays[dtype]))
    throw new TypeError(
      `${shown}: dtype ${dtype} with a ${Object(data).constructor.name}: give { dtype, shape, data }, with the array of its dtype`,
    )
  if (!isExtents(shape) || sizeOf(shape) !== data.length)
    throw new RangeError(
      `${shown}: shape [${shape}] with ${data.length} elements: give one for each position`,
    )
}
