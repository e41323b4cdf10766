/**
 * Named arrays as an .npz file, which `numpy.load` opens: a zip archive with an .npy file for each array, a line of text that
 * describes its elements, then the elements.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { requireBytes, UserError } from "../errors.ts"
import { show, sizeOf } from "../tensor/shape.ts"
import { reverseAxes } from "./reverse-axes.ts"
import { arrays, requireWritable, type SafeTensor } from "./safetensors.ts"
import { readZip, writeZip } from "./zip.ts"

/** NumPy's names of dtypes: little-endian, kind, bytes per element. It has no bfloat16. */
const descriptions: Readonly<Partial<Record<string, string>>> = Object.fromEntries(
  Object.entries(arrays)
    .filter(([dtype]) => dtype !== "BF16")
    .map(([dtype, { BYTES_PER_ELEMENT: n }]) => [dtype, `${n > 1 ? "<" : "|"}${dtype[0].toLowerCase()}${n}`]),
)

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")]
const ALIGNMENT = 64

/** The bytes of a file; `numpy.load(file)[name]` is the array of that name. */
export function writeNpz(tensors: Readonly<Record<string, SafeTensor>>): Uint8Array<ArrayBuffer> {
  const files = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, npyOf(name, tensor)])
  return writeZip(Object.fromEntries(files))
}

/** Copies of the arrays in a file. Errors begin with `name`, its path. A damaged file or an unsupported dtype is a UserError. */
export function readNpz(bytes: Uint8Array, name = "the file"): Record<string, SafeTensor> {
  requireBytes("readNpz", bytes)
  const tensors = new Map<string, SafeTensor>()
  for (const [path, content] of readZip(bytes, name)) {
    const key = path.replace(/\.npy$/, "")
    if (tensors.has(key))
      throw new UserError(`${name}: it has ${JSON.stringify(key)} with and without .npy: remove one of them`)
    tensors.set(key, tensorOf(content, `${name}: ${JSON.stringify(path)}`))
  }
  return Object.fromEntries(tensors)
}

function npyOf(name: string, tensor: SafeTensor): Uint8Array {
  requireWritable("writeNpz", name, tensor)
  const { dtype, shape, data } = tensor
  const description = descriptions[dtype]
  if (description === undefined)
    throw new RangeError(
      `writeNpz: ${name}: NumPy has no ${dtype}: give one of ${Object.keys(descriptions).join(", ")}`,
    )
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ")
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': (${extents}), }`
  const before = MAGIC.length + 4 // two bytes of version, two for the length of the text
  const start = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT
  const file = new Uint8Array(start + data.byteLength)
  file.set([...MAGIC, 1, 0])
  new DataView(file.buffer).setUint16(before - 2, start - before, true)
  file.set(new TextEncoder().encode(`${text.padEnd(start - before - 1)}\n`), before)
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start)
  return file
}

function tensorOf(file: Uint8Array, shown: string): SafeTensor {
  const wrong = (what: string) =>
    new UserError(`${shown} is not an intact .npy file: ${what}: use an intact copy`)
  const lengthBytes = file[MAGIC.length] === 1 ? 2 : 4 // from format version 2 on
  const before = MAGIC.length + 2 + lengthBytes
  if (file.length < before || MAGIC.some((byte, k) => file[k] !== byte))
    throw wrong("its first bytes are not NumPy's")
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const textLength = lengthBytes === 2 ? view.getUint16(before - 2, true) : view.getUint32(before - 4, true)
  const start = before + textLength
  if (start > file.length) throw wrong(`its header ends at byte ${start}, and the file at ${file.length}`)

  const header = new TextDecoder().decode(file.subarray(before, start))
  const description = /'descr' *: *'([^']*)'/.exec(header)?.[1]
  const columnsFirst = /'fortran_order' *: *(True|False)/.exec(header)?.[1]
  const extents = /'shape' *: *\(([\d, ]*)\)/.exec(header)?.[1]
  if (!columnsFirst || extents === undefined)
    throw wrong(`its header has no shape: ${JSON.stringify(header.slice(0, 100))}`)
  const shape = (extents.match(/\d+/g) ?? []).map(Number)
  const dtype = (Object.keys(descriptions) as SafeTensor["dtype"][]).find(
    (dtype) => descriptions[dtype] === description,
  )
  if (!dtype)
    throw new UserError(
      `${shown} has dtype ${description ?? "of several fields"}, which is not supported: convert it with astype to one of ` +
        Object.values(descriptions).join(", "),
    )
  const wanted = sizeOf(shape) * arrays[dtype].BYTES_PER_ELEMENT
  if (file.length - start !== wanted)
    throw wrong(`${dtype} of shape ${show(shape)} does not fit its ${file.length - start} bytes`)
  const copy = new Uint8Array(file.subarray(start)) // at the start of a buffer, so aligned
  const data = new arrays[dtype](copy.buffer)
  // NumPy saves a transposed array in column-major order.
  const inRows = columnsFirst === "True" ? reverseAxes(data, shape.toReversed()) : data
  return { dtype, shape, data: inRows } as SafeTensor
}
