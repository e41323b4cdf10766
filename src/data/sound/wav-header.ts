/**
 * The header of a WAV file: how its samples are stored, and where. Real files have samples in more bytes than their bits need, other
 * chunks before and after the samples, sizes in an RF64 chunk, and sizes that a killed recorder never wrote.
 * Source: Microsoft and IBM 1991, Multimedia Programming Interface and Data Specifications 1.0, "WAVE"; WAVEFORMATEXTENSIBLE;
 * EBU Tech 3306 (RF64); ITU-R BS.2088 (BW64).
 */
import { UserError } from "../../errors.ts"
import { converted, otherKinds } from "./other-audio.ts"
import { HIGHEST_RATE, LOWEST_RATE } from "./resample.ts"

export interface WavHeader {
  /** 1 integers, 3 floats, 6 A-law, 7 µ-law. */
  readonly code: number
  readonly channels: number
  /** In Hz. */
  readonly sampleRate: number
  /** Significant bits of a sample: the upper ones of its bytes, unless the samples themselves show otherwise. */
  readonly bits: number
  /** Bytes of a sample of one channel. */
  readonly width: number
  readonly littleEndian: boolean
  /** The samples' bytes, in whole frames of width * channels. */
  readonly data: Uint8Array
}

const EXTENSIBLE = 0xfffe
/** Programs that write to a pipe do not know the size, and claim about the maximum of 31 or 32 bits. */
const UNKNOWN_SIZE = 2 ** 31 - 2 ** 16

/** Throws a UserError if the bytes are not a WAV file, or a truncated one. */
export function readHeader(bytes: Uint8Array, name: string): WavHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length === 0)
    throw new UserError(`${name}: the file is empty: give an uncompressed WAV file, or remove it`)
  const container = word(0)
  if (!["RIFF", "RIFX", "RF64", "BW64"].includes(container) || (bytes.length >= 12 && word(8) !== "WAVE")) {
    const kind = otherKinds.find(({ begins }) => begins.test(latin1(bytes.subarray(0, 16))))
    throw new UserError(
      kind
        ? `${name}: this is ${kind.name}: ${converted(name)}`
        : `${name}: not a WAV file: ${converted(name)}`,
    )
  }
  const littleEndian = container !== "RIFX"
  const has64Bits = container === "RF64" || container === "BW64"

  let format: Omit<WavHeader, "data"> | undefined
  let dataSize: number | undefined // of ds64
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [id, claimed] = [word(at), view.getUint32(at + 4, littleEndian)]
    const start = at + 8
    if (id === "data" && format) {
      const size = has64Bits && claimed === 2 ** 32 - 1 ? (dataSize ?? claimed) : claimed
      return { ...format, data: samplesIn(bytes.subarray(start), size, format, name) }
    }
    const end = start + claimed
    if (end <= bytes.length) {
      const chunk = new DataView(bytes.buffer, bytes.byteOffset + start, claimed)
      if (id === "fmt " && claimed >= 16) format = readFormat(chunk, littleEndian, name)
      if (id === "ds64" && claimed >= 16)
        dataSize = chunk.getUint32(8, true) + 2 ** 32 * chunk.getUint32(12, true)
    }
    // An odd chunk is padded with a zero, which some programs forget.
    const padded = bytes[end] === 0 || ["fmt ", "data"].includes(word(end + 1))
    at = end + (claimed % 2 === 1 && padded ? 1 : 0)
  }
  throw new UserError(`${name}: the file ends before its samples: give a complete copy`)
}

function readFormat(chunk: DataView, littleEndian: boolean, name: string): Omit<WavHeader, "data"> {
  const short = (at: number) => chunk.getUint16(at, littleEndian)
  const [first, channels, frame, stated] = [short(0), short(2), short(12), short(14)]
  const sampleRate = chunk.getUint32(4, littleEndian)
  const extended = first === EXTENSIBLE && chunk.byteLength >= 26
  const code = extended ? short(24) : first // at the start of the sub-format
  const bits = (extended && short(18)) || stated
  const width = (frame || channels * Math.ceil(stated / 8)) / channels
  if (channels === 0) throw new UserError(`${name}: no channels: ${converted(name)}`)
  if (width === 0) throw new UserError(`${name}: the samples have 0 bits: ${converted(name)}`)
  if (sampleRate < LOWEST_RATE || sampleRate > HIGHEST_RATE)
    throw new UserError(
      `${name}: the sample rate is ${sampleRate} Hz: give a file with ${LOWEST_RATE} to ${HIGHEST_RATE} Hz`,
    )
  return { code, channels, sampleRate, bits, width, littleEndian }
}

/** The whole frames of the `size` bytes that the chunk claims to have. */
function samplesIn(
  bytes: Uint8Array,
  size: number,
  { channels, width, sampleRate, littleEndian }: Omit<WavHeader, "data">,
  name: string,
): Uint8Array {
  const frame = channels * width
  const unknown = size >= UNKNOWN_SIZE || (size === 0 && !isChunks(bytes, littleEndian))
  if (size > bytes.length && !unknown) {
    const seconds = (length: number) => (length / frame / sampleRate).toFixed(2)
    throw new UserError(
      `${name}: truncated after ${seconds(bytes.length)} of ${seconds(size)} seconds: give a complete copy`,
    )
  }
  const frames = Math.floor((unknown ? bytes.length : size) / frame)
  return bytes.subarray(0, frames * frame)
}

/** Whether the bytes are whole chunks. If so, an empty data chunk before them is really empty, and not left by a killed recorder. */
function isChunks(bytes: Uint8Array, littleEndian: boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 8 <= bytes.length && /^[ -~]{4}$/.test(latin1(bytes.subarray(at, at + 4)))) {
    const size = view.getUint32(at + 4, littleEndian)
    at += 8 + size + (size % 2)
  }
  return at === bytes.length || at === bytes.length + 1
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
