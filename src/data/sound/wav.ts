/**
 * Reads and writes WAV files. Integer and float files of 8 to 64 bits, with any sample rate and number of channels, are read as
 * one channel of samples from -1 to 1. The library wavefile unpacks, packs and resamples; the chunks are parsed here, because
 * files contain unknown chunks and wrong lengths.
 * Source: Microsoft and IBM 1991, Multimedia Programming Interface and Data Specifications 1.0, "WAVE".
 */
import { UserError } from "../../errors.ts"

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

const codes = { pcm: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe }
const wanted = "give an uncompressed WAV file"

/**
 * Reads a sound, mixes its channels down to mono and, if `sampleRate` is given, resamples it. `name` is the file's name in
 * errors. Throws a UserError if the bytes are not a supported WAV file or are truncated.
 */
export async function readWav(
  bytes: Uint8Array,
  { name = "the sound", sampleRate }: { name?: string; sampleRate?: number } = {},
): Promise<Sound> {
  const { format, data, bigEndian } = parseChunks(bytes, name)
  const { channels, bits, code } = format
  const wav = new (await loadWaveFile())()
  wav.fromBuffer(minimalFile(format, data, bigEndian))
  if (code === codes.aLaw) wav.fromALaw()
  if (code === codes.muLaw) wav.fromMuLaw()
  const values = wav.getSamples(true, Float64Array)

  const compressed = code === codes.aLaw || code === codes.muLaw
  const full = code === codes.float ? 1 : 2 ** ((compressed ? 16 : bits) - 1)
  const zero = code === codes.pcm && bits === 8 ? full : 0 // 8-bit samples are unsigned
  const samples = new Float32Array(values.length / channels)
  for (let k = 0; k < samples.length; k++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += values[k * channels + channel]
    samples[k] = (sum / channels - zero) / full
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
  readonly code: number
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
}

/** The format and the bytes of the samples. */
function parseChunks(bytes: Uint8Array, name: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length === 0) throw new UserError(`${name}: the file is empty: ${wanted}`)
  const bigEndian = word(0) === "RIFX"
  if (!["RIFF", "RIFX", "RF64"].includes(word(0)) || (bytes.length >= 12 && word(8) !== "WAVE"))
    throw new UserError(`${name}: not a WAV file: ${wanted}; most audio programs can export one`)

  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, !bigEndian)
    const [start, end] = [at + 8, at + 8 + size]
    if (word(at) === "fmt " && size >= 16 && end <= bytes.length)
      format = parseFormat(new DataView(bytes.buffer, bytes.byteOffset + start, size), !bigEndian, name)
    if (word(at) === "data" && format)
      return { format, data: sampleBytes(bytes.subarray(start), size, format, name), bigEndian }
    at = end + (size % 2)
  }
  throw new UserError(`${name}: the file ends before its samples: give a complete copy`)
}

function parseFormat(view: DataView, littleEndian: boolean, name: string): Format {
  const [first, channels] = [view.getUint16(0, littleEndian), view.getUint16(2, littleEndian)]
  const [sampleRate, used] = [view.getUint32(4, littleEndian), view.getUint16(14, littleEndian)]
  const bits = 8 * Math.ceil(used / 8) // 20 bits are stored as the upper ones of 24
  // An extensible format has its actual code at the start of the sub-format.
  const code = first === codes.extensible && view.byteLength >= 26 ? view.getUint16(24, littleEndian) : first
  const depths: Record<number, readonly number[]> = {
    [codes.pcm]: [8, 16, 24, 32],
    [codes.float]: [32, 64],
    [codes.aLaw]: [8],
    [codes.muLaw]: [8],
  }
  if (!depths[code]) throw new UserError(`${name}: the sound is compressed (format ${code}): ${wanted}`)
  if (!depths[code].includes(bits))
    throw new UserError(
      `${name}: the samples have ${used} bits: give ${depths[code].join(", ").replace(/, (\d+)$/, " or $1")}`,
    )
  if (channels === 0) throw new UserError(`${name}: no channels: ${wanted}`)
  if (sampleRate < LOWEST_RATE || sampleRate > HIGHEST_RATE)
    throw new UserError(
      `${name}: the sample rate is ${sampleRate} Hz: give a file with ${LOWEST_RATE} to ${HIGHEST_RATE} Hz`,
    )
  return { code, channels, sampleRate, bits }
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

/** A file with only these samples, for wavefile to unpack. */
function minimalFile({ code, channels, sampleRate, bits }: Format, data: Uint8Array, bigEndian: boolean) {
  const bytes = new Uint8Array(44 + data.length)
  const view = new DataView(bytes.buffer)
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at)
  const frame = (channels * bits) / 8
  text(0, bigEndian ? "RIFX" : "RIFF")
  view.setUint32(4, 36 + data.length, !bigEndian)
  text(8, "WAVEfmt ")
  view.setUint32(16, 16, !bigEndian)
  view.setUint16(20, code, !bigEndian)
  view.setUint16(22, channels, !bigEndian)
  view.setUint32(24, sampleRate, !bigEndian)
  view.setUint32(28, sampleRate * frame, !bigEndian)
  view.setUint16(32, frame, !bigEndian)
  view.setUint16(34, bits, !bigEndian)
  text(36, "data")
  view.setUint32(40, data.length, !bigEndian)
  bytes.set(data, 44)
  return bytes
}

/** In Node wavefile is CommonJS, so its exports are on `default`; in a page it is a module. */
async function loadWaveFile(): Promise<typeof import("wavefile").WaveFile> {
  const loaded = await import("wavefile")
  return (loaded.default ?? loaded).WaveFile
}
