/** A generated sound as files, a WAV file and its spectrogram, and in figures. */
import { spectrogramSvg } from "../../charts/spectrogram.ts"
import { table } from "../../charts/table.ts"
import type { writeFileAtomic } from "../../data/atomic-file.ts"
import { type SoundFigures, soundFigures } from "../../data/sound/figures.ts"
import type { Sound } from "../../data/sound/sound.ts"
import { spectralPeak, spectrogram } from "../../data/sound/spectrum.ts"
import { writeWav } from "../../data/sound/wav.ts"

/** A spectrogram has more frames than its picture has columns, but not all of a long sound, which would take gigabytes. */
const MOST_FRAMES = 5000

export interface WrittenSound extends SoundFigures {
  /** The label it was generated for. */
  readonly label?: string
  /** The paths of the files. */
  readonly wav: string
  /** The spectrogram; none beside a device or a FIFO, and none in a page. */
  readonly svg?: string
  /** The strongest frequency, in Hz. */
  readonly spectralPeak: number
}

interface WriteOptions {
  readonly title: string
  readonly label?: string
  /** Whether the path is a device or a FIFO. */
  readonly isThrough: boolean
  readonly write: typeof writeFileAtomic
}

/** `path` names the WAV file, or a device or FIFO that takes it; the spectrogram has the same name with .svg. */
export async function writeSound(
  path: string,
  sound: Sound,
  { title, label, isThrough, write }: WriteOptions,
): Promise<WrittenSound> {
  const wav = isThrough || /\.wave?$/i.test(path) ? path : `${path}.wav`
  // A training in a page runs in a worker, which has no document to draw in.
  const draws = !isThrough && globalThis.process?.versions?.node !== undefined
  const svg = draws ? wav.replace(/\.wave?$/i, ".svg") : undefined
  await write(wav, await writeWav(sound))
  if (svg !== undefined) {
    const hop = Math.max(64, Math.ceil(sound.samples.length / MOST_FRAMES))
    const { frames } = spectrogram(sound, { hop })
    const [seconds, highest] = [sound.samples.length / sound.sampleRate, sound.sampleRate / 2]
    await write(svg, await spectrogramSvg({ frames, seconds, highest, title }))
  }
  return {
    ...(label !== undefined && { label }),
    wav,
    ...(svg !== undefined && { svg }),
    spectralPeak: spectralPeak(sound),
    ...soundFigures(sound),
  }
}

/** A table of the figures with a column for each sound. */
export function formatSounds(sounds: readonly WrittenSound[], { markdown = false } = {}): string {
  const decibels = (x: number) => (Number.isFinite(x) ? `${x.toFixed(1)} dB` : "silent")
  const percent = (x: number) => `${(100 * x).toFixed(0)} %`
  const rows: [string, (sound: WrittenSound) => string][] = [
    ["length", ({ seconds }) => `${seconds.toFixed(2)} s`],
    ["peak", ({ peakDecibels }) => decibels(peakDecibels)],
    ["level", ({ levelDecibels }) => decibels(levelDecibels)],
    ["spectral peak", ({ spectralPeak }) => `${spectralPeak.toFixed(0)} Hz`],
    ["spectral flatness", ({ flatness }) => flatness.toFixed(3)],
    ["zero crossings a second", ({ zeroCrossings }) => zeroCrossings.toFixed(0)],
    ["power at 100 to 3,000 Hz", ({ speechBand }) => percent(speechBand)],
    ["loudness changing at 2 to 8 Hz", ({ syllables }) => percent(syllables)],
    ["frames with a pitch", ({ voiced }) => percent(voiced)],
    ["pitch", ({ pitch }) => (pitch === undefined ? "none" : `${pitch.toFixed(0)} Hz`)],
  ]
  const head = ["", ...sounds.map(({ label, wav }) => label ?? wav)]
  return table([head, ...rows.map(([name, of]) => [name, ...sounds.map(of)])], { markdown })
}
