/**
 * A zip archive of uncompressed files, the container of an .npz file.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.4
 */
import { UserError } from "../errors.ts"
import { crc32 } from "./crc.ts"

// Byte offsets of the fields in the three records: before each file, in the list at the end, and after that list.
const LOCAL = { signature: 0x04034b50, bytes: 30, nameLength: 26, extraLength: 28 }
const LISTED = {
  signature: 0x02014b50,
  bytes: 46,
  flags: 8,
  method: 10,
  crc: 16,
  size: 24,
  nameLength: 28,
  extraLength: 30,
  commentLength: 32,
  offset: 42,
}
const END = { signature: 0x06054b50, bytes: 22, count: 10, listBytes: 12, listOffset: 16 }

const VERSION = 20
const UTF8_NAME = 0x800
const ENCRYPTED = 1
const FIRST_DAY = 0x21 // 1980-01-01, so that equal files give equal archives
const LONGEST_COMMENT = 0xffff

/** The bytes of an archive: at most 65,534 files, each and all together below 4 GiB. */
export function writeZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const list: Uint8Array[] = []
  let offset = 0
  for (const [path, content] of Object.entries(files)) {
    const name = new TextEncoder().encode(path)
    // The fields that both records share.
    const shared = new Uint8Array(26)
    const view = new DataView(shared.buffer)
    view.setUint16(0, VERSION, true)
    view.setUint16(2, UTF8_NAME, true)
    view.setUint16(8, FIRST_DAY, true)
    view.setUint32(10, crc32(content), true)
    view.setUint32(14, content.length, true) // compressed
    view.setUint32(18, content.length, true)
    view.setUint16(22, name.length, true)

    const local = new Uint8Array(LOCAL.bytes)
    new DataView(local.buffer).setUint32(0, LOCAL.signature, true)
    local.set(shared, 4)
    const listed = new Uint8Array(LISTED.bytes)
    const listedView = new DataView(listed.buffer)
    listedView.setUint32(0, LISTED.signature, true)
    listedView.setUint16(4, VERSION, true)
    listed.set(shared, 6)
    listedView.setUint32(LISTED.offset, offset, true)

    parts.push(local, name, content)
    list.push(listed, name)
    offset += local.length + name.length + content.length
  }
  const count = list.length / 2
  const listBytes = list.reduce((total, { length }) => total + length, 0)
  if (offset + listBytes > 0xffffffff || count > 0xfffe)
    throw new RangeError(`writeZip: ${count} files of ${offset} bytes: the format holds 4 GiB: write fewer`)
  const end = new Uint8Array(END.bytes)
  const view = new DataView(end.buffer)
  view.setUint32(0, END.signature, true)
  view.setUint16(8, count, true)
  view.setUint16(END.count, count, true)
  view.setUint32(END.listBytes, listBytes, true)
  view.setUint32(END.listOffset, offset, true)
  return concatenate([...parts, ...list, end])
}

/**
 * The files of an archive by their paths, as views into `bytes`. `name` stands in errors. A damaged or compressed archive is a
 * UserError. Files may not overlap, so together they never have more bytes than the archive.
 */
export function readZip(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const wrong = (what: string) =>
    new UserError(`${name}: not an intact zip archive: ${what}: use an intact copy`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** Whether there is a complete record of this kind at `at`. */
  const has = (at: number, record: { signature: number; bytes: number }) =>
    at + record.bytes <= bytes.length && view.getUint32(at, true) === record.signature

  let end = bytes.length - END.bytes
  const first = Math.max(0, end - LONGEST_COMMENT)
  while (end >= first && !has(end, END)) end--
  if (end < first) throw wrong("its end is missing")

  const files = new Map<string, Uint8Array>()
  let taken = 0
  let at = view.getUint32(end + END.listOffset, true)
  for (let left = view.getUint16(end + END.count, true); left > 0; left--) {
    if (!has(at, LISTED)) throw wrong(`there is no entry of its file list at byte ${at}`)
    const nameLength = view.getUint16(at + LISTED.nameLength, true)
    const path = new TextDecoder().decode(bytes.subarray(at + LISTED.bytes, at + LISTED.bytes + nameLength))
    const shown = JSON.stringify(path)
    if (view.getUint16(at + LISTED.method, true) !== 0 || view.getUint16(at + LISTED.flags, true) & ENCRYPTED)
      throw new UserError(
        `${name}: ${shown} is compressed or encrypted, which is not supported: save it uncompressed with numpy.savez`,
      )
    const size = view.getUint32(at + LISTED.size, true)
    const local = view.getUint32(at + LISTED.offset, true)
    if (!has(local, LOCAL)) throw wrong(`${shown} does not start at byte ${local}`)
    const start =
      local +
      LOCAL.bytes +
      view.getUint16(local + LOCAL.nameLength, true) +
      view.getUint16(local + LOCAL.extraLength, true)
    taken += size
    if (start + size > bytes.length) throw wrong(`${shown} ends after the archive`)
    if (taken > bytes.length) throw wrong("its files overlap")
    const content = bytes.subarray(start, start + size)
    if (crc32(content) !== view.getUint32(at + LISTED.crc, true))
      throw wrong(`the checksum of ${shown} does not match`)
    files.set(path, content)
    at +=
      LISTED.bytes +
      nameLength +
      view.getUint16(at + LISTED.extraLength, true) +
      view.getUint16(at + LISTED.commentLength, true)
  }
  return files
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
