/**
 * A zip archive of uncompressed files, the container of an .npz file.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.4
 */
import { UserError } from "../errors.ts"
import { crc32 } from "./crc.ts"

// The three records: before each file, in the list at the end, and after that list.
const LOCAL = { signature: 0x04034b50, bytes: 30 }
const LISTED = { signature: 0x02014b50, bytes: 46 }
const END = { signature: 0x06054b50, bytes: 22 }

const VERSION = 20
const UTF8_NAME = 0x800
const ENCRYPTED = 1
const FIRST_DAY = 0x21 // 1980-01-01, so that equal files give equal archives
const MAX_COMMENT = 0xffff

/** Little-endian integers one after another: groups of a width in bytes and values. */
const fields = (...groups: readonly (readonly [bytes: number, ...values: number[]])[]): Uint8Array =>
  Uint8Array.from(
    groups.flatMap(([bytes, ...values]) =>
      values.flatMap((value) => Array.from({ length: bytes }, (_, k) => value >>> (8 * k))),
    ),
  )

/** The bytes of an archive: at most 65,534 files, each and all together below 4 GiB. */
export function writeZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const list: Uint8Array[] = []
  let offset = 0
  for (const [path, content] of Object.entries(files)) {
    const name = new TextEncoder().encode(path)
    const size = content.length
    // Both records have: version, flags, method, time, date; checksum, compressed size, size; lengths of the name and of extras.
    const format = fields([2, VERSION, UTF8_NAME, 0, 0, FIRST_DAY])
    const shared = [format, fields([4, crc32(content), size, size], [2, name.length, 0])]
    const local = [fields([4, LOCAL.signature]), ...shared, name, content]
    // The listed one goes on with: length of the comment, disk, attributes; the place of the local one.
    const rest = fields([2, 0, 0, 0], [4, 0, offset])
    list.push(fields([4, LISTED.signature], [2, VERSION]), ...shared, rest, name)
    parts.push(...local)
    offset += sizeOf(local)
  }
  const count = Object.keys(files).length
  if (offset + sizeOf(list) > 0xffffffff || count > 0xfffe)
    throw new RangeError(`writeZip: ${count} files of ${offset} bytes: the format holds 4 GiB: write fewer`)
  const end = fields([4, END.signature], [2, 0, 0, count, count], [4, sizeOf(list), offset], [2, 0])
  const archive = new Uint8Array(offset + sizeOf(list) + end.length)
  let at = 0
  for (const part of [...parts, ...list, end]) {
    archive.set(part, at)
    at += part.length
  }
  return archive
}

const sizeOf = (parts: readonly Uint8Array[]) => parts.reduce((total, { length }) => total + length, 0)

/**
 * The files of an archive by their paths, as views into `bytes`. Errors begin with `name`. A damaged or compressed archive is a
 * UserError. Files may not overlap, so together they never have more bytes than the archive.
 */
export function readZip(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const wrong = (what: string) =>
    new UserError(`${name}: not an intact zip archive: ${what}: use an intact copy`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const short = (at: number) => view.getUint16(at, true)
  const long = (at: number) => view.getUint32(at, true)
  /** Whether there is a complete record of this kind at `at`. */
  const has = (at: number, record: typeof END) =>
    at + record.bytes <= bytes.length && long(at) === record.signature

  let end = bytes.length - END.bytes
  const first = Math.max(0, end - MAX_COMMENT)
  while (end >= first && !has(end, END)) end--
  if (end < first) throw wrong("its end is missing")

  const files = new Map<string, Uint8Array>()
  let taken = 0
  let at = long(end + 16)
  for (let left = short(end + 10); left > 0; left--) {
    if (!has(at, LISTED)) throw wrong(`there is no entry of its file list at byte ${at}`)
    const [flags, method, checksum, size] = [short(at + 8), short(at + 10), long(at + 16), long(at + 24)]
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => short(at + field))
    const local = long(at + 42)
    const path = new TextDecoder().decode(bytes.subarray(at + LISTED.bytes, at + LISTED.bytes + nameBytes))
    const shown = JSON.stringify(path)
    if (method !== 0 || flags & ENCRYPTED)
      throw new UserError(
        `${name}: ${shown} is compressed or encrypted, which is not supported: save it uncompressed with numpy.savez`,
      )
    if (!has(local, LOCAL)) throw wrong(`${shown} does not start at byte ${local}`)
    const start = local + LOCAL.bytes + short(local + 26) + short(local + 28) // after its name and extras
    taken += size
    if (start + size > bytes.length) throw wrong(`${shown} ends after the archive`)
    if (taken > bytes.length) throw wrong("its files overlap")
    const content = bytes.subarray(start, start + size)
    if (files.has(path)) throw wrong(`it has ${shown} twice`)
    if (crc32(content) !== checksum) throw wrong(`the checksum of ${shown} does not match`)
    files.set(path, content)
    at += LISTED.bytes + nameBytes + extraBytes + commentBytes
  }
  return files
}
