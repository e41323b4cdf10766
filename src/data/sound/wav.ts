/**
 * WAV files in and out. Whatever a file holds, 8 to 64 bits, whole numbers or floats, any sample rate, any number of channels, comes out
 * as one channel of samples from -1 to 1. The library wavefile unpacks, packs and resamples; the chunks around the samples,
 * which may be of any kind and say anything of their length, are walked here.
 * Source: Microsoft and IBM 1991, Multimedia Programming Interface and Data Specifications 1.0, "WAVE".
 */
import { UserError } from "../../errors.ts"

/** One channel. */
export interface Sound {
  /** Samples a second. */
  readonly sampleRate: number
  /** From -1 to 1. */
  readonly samples: Float32Array
}

/** In all channels together: half an hour of stereo from a CD. */
const MOST_SAMPLES = 2 ** 27
const [SLOWEST, FASTEST] = [1000, 384_000]

const codes = { pcm: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe }
const wanted = "give a WAV file of uncompressed sound"

/**
 * The sound of a file, with its channels mixed into one; with `sampleRate` resampled to that. `name` is what errors call the file. A
 * UserError says of bytes that are no sound, or not all of it, what is wrong and what would do.
 */
export async function readWav(
  bytes: Uint8Array,
  { name = "the sound", sampleRate }: { name?: string; sampleRate?: number } = {},
): Promise<Sound> {
  const { format, data, bigEndian } = partsOf(bytes, name)
  const { channels, bits, code } = format
  const wav = new (await loadWaveFile())()
  wav.fromBuffer(plainFile(format, data, bigEndian))
  if (code === codes.aLaw) wav.fromALaw()
  if (code === codes.muLaw) wav.fromMuLaw()
  const values = wav.getSamples(true, Float64Array)

  const compressed = code === codes.aLaw || code === codes.muLaw
  const full = code === codes.float ? 1 : 2 ** ((compressed ? 16 : bits) - 1)
  const middle = code === codes.pcm && bits === 8 ? full : 0 // 8 bits have no sign
  const samples = new Float32Array(values.length / channels)
  for (let k = 0; k < samples.length; k++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += values[k * channels + channel]
    samples[k] = (sum / channels - middle) / full
  }
  const fault = samples.findIndex((sample) => !Number.isFinite(sample))
  if (fault >= 0)
    throw new UserError(
      `${name}: sample ${fault} is ${samples[fault]}: give a file in which all samples are numbers`,
    )
  const sound = { sampleRate: format.sampleRate, samples }
  return sampleRate === undefined ? sound : resample(sound, sampleRate)
}

/** The same sound with so many samples a second; what is too high for them is filtered out before. */
export async function resample({ sampleRate: before, samples }: Sound, sampleRate: number): Promise<Sound> {
  requireRate(sampleRate)
  if (sampleRate === before || samples.length === 0) return { sampleRate, samples }
  if ((samples.length / before) * sampleRate > MOST_SAMPLES)
    throw new UserError(
      `${samples.length} samples would be too many at ${sampleRate} a second: give less of them`,
    )
  // Packed as whole numbers, which takes wavefile a tenth of the time; half of their range is left for what a filter adds.
  const scale = 2 ** 30 / (samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) || 1)
  const wav = new (await loadWaveFile())()
  wav.fromScratch(
    1,
    before,
    "32",
    Float64Array.from(samples, (sample) => Math.round(scale * sample)),
  )
  wav.toSampleRate(sampleRate, { method: "sinc", LPFType: "IIR" })
  return {
    sampleRate,
    samples: Float32Array.from(wav.getSamples(true, Float64Array), (value) => value / scale),
  }
}

/** The bytes of a file of 16 bits a sample. What lies beyond -1 and 1 is clipped. */
export async function writeWav({ sampleRate, samples }: Sound): Promise<Uint8Array> {
  const wav = new (await loadWaveFile())()
  const full = 2 ** 15
  const whole = Int16Array.from(samples, (sample) =>
    Math.max(-full, Math.min(full - 1, Math.round(full * sample))),
  )
  wav.fromScratch(1, sampleRate, "16", whole)
  return wav.toBuffer()
}

/** A UserError where the sample rate is one that no sound has. */
export function requireRate(sampleRate: number): void {
  if (!(Number.isInteger(sampleRate) && sampleRate >= SLOWEST && sampleRate <= FASTEST))
    throw new UserError(
      `a sample rate of ${sampleRate}: give whole samples a second, from ${SLOWEST} to ${FASTEST}`,
    )
}

interface Format {
  readonly code: number
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
}

/** Where the file says how its samples are written, and the bytes of those. */
function partsOf(bytes: Uint8Array, name: string): { format: Format; data: Uint8Array; bigEndian: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length === 0) throw new UserError(`${name}: it is empty: ${wanted}`)
  const bigEndian = word(0) === "RIFX"
  if (!["RIFF", "RIFX", "RF64"].includes(word(0)) || (bytes.length >= 12 && word(8) !== "WAVE"))
    throw new UserError(`${name}: it is no WAV file: ${wanted}; other programs make one of what they play`)

  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, !bigEndian)
    const [start, end] = [at + 8, at + 8 + size]
    if (word(at) === "fmt " && size >= 16 && end <= bytes.length)
      format = formatOf(new DataView(bytes.buffer, bytes.byteOffset + start, size), !bigEndian, name)
    if (word(at) === "data" && format)
      return { format, data: dataOf(bytes, start, size, format, name), bigEndian }
    at = end + (size % 2)
  }
  throw new UserError(`${name}: it ends before its samples begin: copy it again, whole`)
}

function formatOf(view: DataView, littleEndian: boolean, name: string): Format {
  const [first, channels] = [view.getUint16(0, littleEndian), view.getUint16(2, littleEndian)]
  const [sampleRate, used] = [view.getUint32(4, littleEndian), view.getUint16(14, littleEndian)]
  const bits = 8 * Math.ceil(used / 8) // 20 bits are the upper ones of 24
  // An extensible format has its true code at the beginning of its sub-format.
  const code = first === codes.extensible && view.byteLength >= 26 ? view.getUint16(24, littleEndian) : first
  const depths: Record<number, readonly number[]> = {
    [codes.pcm]: [8, 16, 24, 32],
    [codes.float]: [32, 64],
    [codes.aLaw]: [8],
    [codes.muLaw]: [8],
  }
  if (!depths[code]) throw new UserError(`${name}: its sound is compressed (format ${code}): ${wanted}`)
  if (!depths[code].includes(bits))
    throw new UserError(
      `${name}: its samples have ${used} bits: give ${depths[code].join(", ").replace(/, (\d+)$/, " or $1")}`,
    )
  if (channels === 0) throw new UserError(`${name}: it has no channels: ${wanted}`)
  if (sampleRate < SLOWEST || sampleRate > FASTEST)
    throw new UserError(
      `${name}: it has ${sampleRate} samples a second, which no sound has: give one with ${SLOWEST} to ${FASTEST}`,
    )
  return { code, channels, sampleRate, bits }
}

function dataOf(bytes: Uint8Array, start: number, size: number, format: Format, name: string): Uint8Array {
  const { channels, bits, sampleRate } = format
  const frame = (channels * bits) / 8
  const there = bytes.length - start
  // Who writes into a pipe does not know how long the sound will be, and gives about the most that there can be.
  const unknown = size >= 2 ** 31 - 2 ** 16
  if (size > there && !unknown) {
    const seconds = (length: number) => (length / frame / sampleRate).toFixed(2)
    throw new UserError(
      `${name}: it is cut off after ${seconds(there)} of ${seconds(size)} seconds: copy it again, whole`,
    )
  }
  const frames = Math.floor(Math.min(size, there) / frame)
  if (frames === 0) throw new UserError(`${name}: there are no samples in it: give a file with some`)
  if (frames * channels > MOST_SAMPLES)
    throw new UserError(
      `${name}: it has ${frames * channels} samples, and ${MOST_SAMPLES} can be read: cut it into parts`,
    )
  return bytes.subarray(start, start + frames * frame)
}

/** A file of these samples with nothing else in it, for wavefile to unpack. */
function plainFile(
  { code, channels, sampleRate, bits }: Format,
  data: Uint8Array,
  bigEndian: boolean,
): Uint8Array {
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

/** In Node it comes as CommonJS, with all that it exports as its default; in a page as a module. */
async function loadWaveFile(): Promise<typeof import("wavefile").WaveFile> {
  const loaded = await import("wavefile")
  return (loaded.default ?? loaded).WaveFile
}
