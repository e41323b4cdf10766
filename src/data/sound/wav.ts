/**
 * Reads and writes WAV files. Integer files of 8 to 32 bits, float files of 32 or 64 and telephone sound, with any sample rate and
 * number of channels, are read as one channel of samples from -1 to 1.
 * Source: Microsoft and IBM 1991, Multimedia Programming Interface and Data Specifications 1.0, "WAVE"; ITU-T G.711.
 */
import { requireBytes, UserError } from "../../errors.ts"
import { either } from "../../setting.ts"
import { converted } from "./other-audio.ts"
import { playable } from "./playable.ts"
import { requireSampleRate, resample } from "./resample.ts"
import type { Sound } from "./sound.ts"
import { readHeader, type WavHeader } from "./wav-header.ts"

/** Over all channels: 25 minutes of CD stereo. */
const MAX_SAMPLES = 2 ** 27

type Decode = (view: DataView, at: number, littleEndian: boolean) => number

/** By the code of the format and the bytes of a sample: its value from -1 to 1. */
const decoders: Readonly<Record<number, Readonly<Record<number, Decode>>>> = {
  /** Integers; those of 8 bits are unsigned. */
  1: {
    1: (view, at) => (view.getUint8(at) - 2 ** 7) / 2 ** 7,
    2: (view, at, little) => view.getInt16(at, little) / 2 ** 15,
    3: (view, at, little) => {
      const [high, low] = little ? [at + 1, at] : [at, at + 2]
      return (view.getInt16(high, little) * 2 ** 8 + view.getUint8(low)) / 2 ** 23
    },
    4: (view, at, little) => view.getInt32(at, little) / 2 ** 31,
  },
  /** Floats. */
  3: {
    4: (view, at, little) => view.getFloat32(at, little),
    8: (view, at, little) => view.getFloat64(at, little),
  },
  /** A-law and µ-law: a sign, an exponent of 3 bits and a mantissa of 4, stored inverted. */
  6: { 1: (view, at) => aLaw(view.getUint8(at) ^ 0x55) / 2 ** 15 },
  7: { 1: (view, at) => muLaw(view.getUint8(at) ^ 0xff) / 2 ** 15 },
}

function aLaw(code: number): number {
  const [exponent, mantissa] = [(code >> 4) & 7, 16 * (code & 15) + 8]
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1)
  return code & 128 ? magnitude : -magnitude
}

function muLaw(code: number): number {
  const magnitude = ((8 * (code & 15) + 132) << ((code >> 4) & 7)) - 132
  return code & 128 ? -magnitude : magnitude
}

/**
 * Reads a sound, mixes its channels down to mono and, if `sampleRate` is given, resamples it. `name` is the file's name in
 * errors. Throws a UserError if the bytes are not a supported WAV file or are truncated.
 */
export async function readWav(
  bytes: Uint8Array,
  { name = "the sound", sampleRate }: { name?: string; sampleRate?: number } = {},
): Promise<Sound> {
  requireBytes("readWav", bytes)
  if (sampleRate !== undefined) requireSampleRate(sampleRate)
  const header = readHeader(bytes, name)
  const { channels, width, littleEndian, data } = header
  const decode = decoderOf(header, name)
  const count = data.length / width
  if (count === 0) throw new UserError(`${name}: the file has no samples: give one that has some`)
  if (count > MAX_SAMPLES)
    throw new UserError(
      `${name}: ${count} samples exceed the limit of ${MAX_SAMPLES}: cut the file into parts`,
    )

  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const samples = new Float32Array(count / channels)
  for (let k = 0, at = 0; k < samples.length; k++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++, at += width) sum += decode(view, at, littleEndian)
    samples[k] = sum / channels
  }
  const bad = samples.findIndex((sample) => !Number.isFinite(sample))
  if (bad >= 0)
    throw new UserError(`${name}: sample ${bad} is ${samples[bad]}: give a file with finite samples only`)
  const sound = playable({ sampleRate: header.sampleRate, samples })
  if (sampleRate === undefined) return sound
  return resample(sound, sampleRate).catch((error) => {
    throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error
  })
}

/** The decoder of a file's samples. Throws a UserError if there is none. */
function decoderOf(header: WavHeader, name: string): Decode {
  const { code, bits, width } = header
  const widths = decoders[code]
  if (!widths) throw new UserError(`${name}: the sound is compressed (format ${code}): ${converted(name)}`)
  const decode = widths[width]
  const signed = code === 1 && width > 1
  if (!decode || bits > 8 * width || bits <= (signed ? 8 : 0))
    throw new UserError(
      `${name}: the samples have ${bits} bits in ${width} ${width === 1 ? "byte" : "bytes"}: ` +
        `give a file of ${either(Object.keys(widths).map((bytes) => String(8 * Number(bytes))))} bits`,
    )
  if (!signed || !isLow(header)) return decode
  return (view, at, little) => decode(view, at, little) * 2 ** (8 * width - bits)
}

/**
 * Whether samples are in the lower bits of more bytes than they need, as ALSA's arecord writes them. The format says the upper bits, and
 * then the spare bytes below are 0; if the samples are in the lower bits, the spare bytes above repeat the sign.
 */
function isLow({ bits, width, littleEndian, data }: WavHeader): boolean {
  const spare = width - Math.ceil(bits / 8)
  if (spare === 0) return false
  const byte = (at: number, significance: number) =>
    data[littleEndian ? at + significance : at + width - 1 - significance]
  let upper = true
  for (let at = 0; at < data.length; at += width) {
    for (let k = 0; k < spare && upper; k++) upper = byte(at, k) === 0
    const sign = byte(at, width - spare - 1) >= 128 ? 255 : 0
    for (let k = width - spare; k < width; k++) if (byte(at, k) !== sign) return false
  }
  return !upper
}

/** The bytes of a 16-bit file. Samples are clipped to [-1, 1]. Throws a UserError for NaN and for impossible rates. */
export async function writeWav({ sampleRate, samples }: Sound): Promise<Uint8Array<ArrayBuffer>> {
  requireSampleRate(sampleRate)
  const bytes = new Uint8Array(44 + 2 * samples.length)
  const view = new DataView(bytes.buffer)
  const words = { 0: "RIFF", 8: "WAVEfmt ", 36: "data" }
  for (const [at, word] of Object.entries(words)) bytes.set(new TextEncoder().encode(word), Number(at))
  const longs = { 4: bytes.length - 8, 16: 16, 24: sampleRate, 28: 2 * sampleRate, 40: 2 * samples.length }
  for (const [at, long] of Object.entries(longs)) view.setUint32(Number(at), long, true)
  const shorts = { 20: 1, 22: 1, 32: 2, 34: 16 } // integers, mono, bytes of a frame, bits of a sample
  for (const [at, short] of Object.entries(shorts)) view.setUint16(Number(at), short, true)
  const full = 2 ** 15
  for (const [k, sample] of samples.entries()) {
    if (Number.isNaN(sample)) throw new UserError(`writeWav: sample ${k} is NaN: give numbers`)
    view.setInt16(44 + 2 * k, Math.max(-full, Math.min(full - 1, Math.round(full * sample))), true)
  }
  return bytes
}
