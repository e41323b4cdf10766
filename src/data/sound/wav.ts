/**
 * Reads and writes WAV files. Integer and float files of 8 to 64 bits, with any sample rate and number of channels, are read as
 * one channel of samples from -1 to 1. The library wavefile writes and resamples; files are read here, because they contain
 * unknown chunks and wrong lengths.
 * Source: Microsoft and IBM 1991, Multimedia Programming Interface and Data Specifications 1.0, "WAVE"; ITU-T G.711.
 */
import { UserError } from "../../errors.ts"
import { either } from "../../setting.ts"

/** A mono sound. */
export interface Sound {
  /** In Hz. */
  readonly sampleRate: number
  /** From -1 to 1. */
  readonly samples: Float32Array
}

/** Over all channels: 25 minutes of CD stereo. */
const MAX_SAMPLES = 2 ** 27
const [LOWEST_RATE, HIGHEST_RATE] = [1000, 384_000]

type Decode = (view: DataView, at: number, littleEndian: boolean) => number

/** By the code of the format and the bits of a sample: its value from -1 to 1. */
const decoders: Readonly<Record<number, Readonly<Record<number, Decode>>>> = {
  /** Integers; those of 8 bits are unsigned. */
  1: {
    8: (view, at) => (view.getUint8(at) - 2 ** 7) / 2 ** 7,
    16: (view, at, little) => view.getInt16(at, little) / 2 ** 15,
    24: (view, at, little) => {
      const [high, low] = little ? [at + 1, at] : [at, at + 2]
      return (view.getInt16(high, little) * 2 ** 8 + view.getUint8(low)) / 2 ** 23
    },
    32: (view, at, little) => view.getInt32(at, little) / 2 ** 31,
  },
  /** Floats. */
  3: {
    32: (view, at, little) => view.getFloat32(at, little),
    64: (view, at, little) => view.getFloat64(at, little),
  },
  /** A-law and µ-law: a sign, an exponent of 3 bits and a mantissa of 4, stored inverted. */
  6: { 8: (view, at) => aLaw(view.getUint8(at) ^ 0x55) / 2 ** 15 },
  7: { 8: (view, at) => muLaw(view.getUint8(at) ^ 0xff) / 2 ** 15 },
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

const EXTENSIBLE = 0xfffe
const wanted = "give an uncompressed WAV file"

/**
 * Reads a sound, mixes its channels down to mono and, if `sampleRate` is given, resamples it. `name` is the file's name in
 * errors. Throws a UserError if the bytes are not a supported WAV file or are truncated.
 */
export async function readWav(
  bytes: Uint8Array,
  { name = "the sound", sampleRate }: { name?: string; sampleRate?: number } = {},
): Promise<Sound> {
  const { format, data, littleEndian } = parseChunks(bytes, name)
  const { channels, bits, decode } = format
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const samples = new Float32Array((data.length * 8) / bits / channels)
  for (let k = 0, at = 0; k < samples.length; k++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++, at += bits / 8) sum += decode(view, at, littleEndian)
    samples[k] = sum / channels
  }
  const bad = samples.findIndex((sample) => !Number.isFinite(sample))
  if (bad >= 0)
    throw new UserError(`${name}: sample ${bad} is ${samples[bad]}: give a file with finite samples only`)
  const sound = { sampleRate: format.sampleRate, samples }
  return sampleRate === undefined ? sound : resample(sound, sampleRate)
}

/** Resamples a sound, with a low-pass filter against aliasing. */
export async function resample({ sampleRate: before, samples }: Sound, sampleRate: number): Promise<Sound> {
  requireSampleRate(sampleRate)
  if (sampleRate === before || samples.length === 0) return { sampleRate, samples }
  if ((samples.length / before) * sampleRate > MAX_SAMPLES)
    throw new UserError(
      `${samples.length} samples at ${before} Hz would be too many at ${sampleRate} Hz: give a shorter sound`,
    )
  // wavefile resamples integers ten times as fast as floats. Half their range is headroom for the filter's overshoot.
  const scale = 2 ** 30 / (samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0) || 1)
  const whole = Float64Array.from(samples, (sample) => Math.round(scale * sample))
  const wav = new (await loadWaveFile())()
  wav.fromScratch(1, before, "32", whole)
  wav.toSampleRate(sampleRate, { method: "sinc", LPFType: "IIR" })
  const resampled = wav.getSamples(true, Float64Array)
  return { sampleRate, samples: Float32Array.from(resampled, (value) => value / scale) }
}

/** The bytes of a 16-bit file. Samples are clipped to [-1, 1]. */
export async function writeWav({ sampleRate, samples }: Sound): Promise<Uint8Array> {
  const wav = new (await loadWaveFile())()
  const full = 2 ** 15
  const whole = Int16Array.from(samples, (sample) =>
    Math.max(-full, Math.min(full - 1, Math.round(full * sample))),
  )
  wav.fromScratch(1, sampleRate, "16", whole)
  return wav.toBuffer()
}

/** Throws a UserError unless the sample rate is supported. */
export function requireSampleRate(sampleRate: number): void {
  if (!(Number.isInteger(sampleRate) && sampleRate >= LOWEST_RATE && sampleRate <= HIGHEST_RATE))
    throw new UserError(
      `a sample rate of ${sampleRate}: give a whole number of Hz from ${LOWEST_RATE} to ${HIGHEST_RATE}`,
    )
}

interface Format {
  readonly decode: Decode
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
}

/** The format and the bytes of the samples. */
function parseChunks(bytes: Uint8Array, name: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length === 0) throw new UserError(`${name}: the file is empty: ${wanted}`)
  const littleEndian = word(0) !== "RIFX"
  if (!["RIFF", "RIFX", "RF64"].includes(word(0)) || (bytes.length >= 12 && word(8) !== "WAVE"))
    throw new UserError(`${name}: not a WAV file: ${wanted}; most audio programs can export one`)

  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, littleEndian)
    const [start, end] = [at + 8, at + 8 + size]
    if (word(at) === "fmt " && size >= 16 && end <= bytes.length)
      format = parseFormat(new DataView(bytes.buffer, bytes.byteOffset + start, size), littleEndian, name)
    if (word(at) === "data" && format)
      return { format, data: sampleBytes(bytes.subarray(start), size, format, name), littleEndian }
    at = end + (size % 2)
  }
  throw new UserError(`${name}: the file ends before its samples: give a complete copy`)
}

function parseFormat(view: DataView, littleEndian: boolean, name: string): Format {
  const [first, channels] = [view.getUint16(0, littleEndian), view.getUint16(2, littleEndian)]
  const [sampleRate, used] = [view.getUint32(4, littleEndian), view.getUint16(14, littleEndian)]
  const bits = 8 * Math.ceil(used / 8) // 20 bits are stored as the upper ones of 24
  // An extensible format has its actual code at the start of the sub-format.
  const code = first === EXTENSIBLE && view.byteLength >= 26 ? view.getUint16(24, littleEndian) : first
  const depths = decoders[code]
  if (!depths) throw new UserError(`${name}: the sound is compressed (format ${code}): ${wanted}`)
  const decode = depths[bits]
  if (!decode)
    throw new UserError(`${name}: the samples have ${used} bits: give ${either(Object.keys(depths))}`)
  if (channels === 0) throw new UserError(`${name}: no channels: ${wanted}`)
  if (sampleRate < LOWEST_RATE || sampleRate > HIGHEST_RATE)
    throw new UserError(
      `${name}: the sample rate is ${sampleRate} Hz: give a file with ${LOWEST_RATE} to ${HIGHEST_RATE} Hz`,
    )
  return { decode, channels, sampleRate, bits }
}

/** The whole frames of the `size` bytes that the chunk claims to have. */
function sampleBytes(bytes: Uint8Array, size: number, format: Format, name: string): Uint8Array {
  const { channels, bits, sampleRate } = format
  const frame = (channels * bits) / 8
  // Programs that write to a pipe do not know the length and claim about the maximum.
  const unknown = size >= 2 ** 31 - 2 ** 16
  if (size > bytes.length && !unknown) {
    const seconds = (length: number) => (length / frame / sampleRate).toFixed(2)
    throw new UserError(
      `${name}: truncated after ${seconds(bytes.length)} of ${seconds(size)} seconds: give a complete copy`,
    )
  }
  const frames = Math.floor(Math.min(size, bytes.length) / frame)
  if (frames === 0) throw new UserError(`${name}: the file has no samples: give one that has some`)
  if (frames * channels > MAX_SAMPLES)
    throw new UserError(
      `${name}: ${frames * channels} samples exceed the limit of ${MAX_SAMPLES}: cut the file into parts`,
    )
  return bytes.subarray(0, frames * frame)
}

/** In Node wavefile is CommonJS, so its exports are on `default`; in a page it is a module. */
async function loadWaveFile(): Promise<typeof import("wavefile").WaveFile> {
  const loaded = await import("wavefile")
  return (loaded.default ?? loaded).WaveFile
}
