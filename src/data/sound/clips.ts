/**
 * Reads the WAV files of a folder, or those at hand, as clips: sounds with one sample rate, trimmed, as µ-law levels. A file's sub-folder
 * is its label, such as the speaker: `speech/anna/001.wav`.
 */
import { UserError } from "../../errors.ts"
import { byCodePoints } from "../by-code-points.ts"
import { node, readBytes } from "../disk.ts"
import { countLabels, type Labels } from "../labels.ts"
import type { LoadOptions } from "../load-options.ts"
import { fractionsOf, type Split, split, withoutRoundingError } from "../split.ts"
import { muLawEncode } from "./mu-law.ts"
import { converted, OTHER_AUDIO } from "./other-audio.ts"
import { requireSampleRate } from "./resample.ts"
import { SILENT_DECIBELS, trimSilence } from "./trim-silence.ts"
import { readWav } from "./wav.ts"

export interface Clip {
  /** The file's path within the folder, in normal form C and with / between its parts. */
  readonly name: string
  /** The sub-folder, or "" for a file in none. */
  readonly label: string
  readonly levels: Uint8Array<ArrayBuffer>
}

export interface Clips {
  /** The folder. */
  readonly name: string
  /** In Hz. */
  readonly sampleRate: number
  /** Ordered by name. */
  readonly clips: readonly Clip[]
  /** The names of silent files, which are skipped. */
  readonly silent: readonly string[]
  /** The names of sound files in other formats than WAV, which are left out. */
  readonly otherAudio?: readonly string[]
}

export type ClipsSplit = Readonly<Record<keyof Split, readonly Clip[]>>

/** The name of the clips' labels. */
export const FOLDER = "folder"

/** The most samples of all clips together, which become one series: nine hours at 8,000 Hz. */
export const MAX_TOTAL_SAMPLES = 2 ** 28

/** A label with fewer files than this is split by cutting each file. */
const ENOUGH_FILES = 20

/**
 * Reads the clips of a folder and its sub-folders, or of `sounds` that are at hand under their names in it. Ends quieter than `silence`
 * decibels below a sound's peak are trimmed. Throws a UserError if there are no sounds or a file cannot be read, and as soon as the clips
 * have more than `maximumSamples` together.
 */
export async function readClips(
  folder: string,
  {
    sampleRate = 8000,
    silence = SILENT_DECIBELS,
    maximumSamples = MAX_TOTAL_SAMPLES,
    onSound,
    sounds: atHand,
  }: { sampleRate?: number; silence?: number; maximumSamples?: number } & Pick<
    LoadOptions,
    "onSound" | "sounds"
  > = {},
): Promise<Clips> {
  requireSampleRate(sampleRate)
  const { sounds, otherAudio } = atHand ? soundsAtHand(atHand) : await soundFiles(folder)
  if (sounds.length === 0) throw new UserError(`${folder}: ${noSounds(otherAudio.map(({ path }) => path))}`)
  const clips: Clip[] = []
  const silent: string[] = []
  let total = 0
  onSound?.(0, sounds.length)
  for (const [index, { path, name, bytes = await readBytes(path) }] of sounds.entries()) {
    if (!bytes)
      throw new UserError(
        `${path}: there is no such file any more, or it is a link to none: leave the folder unchanged while it is read`,
      )
    const { samples } = trimSilence(await readWav(bytes, { name: path, sampleRate }), silence)
    const label = name.includes("/") ? name.slice(0, name.indexOf("/")) : ""
    total += samples.length
    if (total > maximumSamples)
      throw new UserError(
        `${folder}: the first ${index + 1} of ${sounds.length} sounds already exceed the limit of ` +
          `${maximumSamples.toLocaleString("en")} samples: give fewer, or a lower sample rate (--sample-rate)`,
      )
    if (samples.length === 0) silent.push(name)
    else clips.push({ name, label, levels: Uint8Array.from(muLawEncode(samples)) })
    onSound?.(index + 1, sounds.length)
  }
  if (clips.length === 0) throw new UserError(`${folder}: all files are silent: give some that are not`)
  return { name: folder, sampleRate, clips, silent, otherAudio: otherAudio.map(({ name }) => name) }
}

/** The labels of the clips. Throws a UserError unless there are at least two sub-folders and all clips are in one. */
export function labelsOfClips({ name, clips }: Clips): Labels {
  const labels = countLabels(
    FOLDER,
    clips.map(({ label }) => label),
  )
  if (labels.values.length < 2)
    throw new UserError(
      `${name}: all sounds are in one folder, so there are no labels: put each voice or kind in its own sub-folder`,
    )
  const loose = clips.find(({ label }) => label === "")
  if (loose)
    throw new UserError(`${name}: ${loose.name} is not in a sub-folder, as others are: move it into one`)
  return labels
}

/**
 * Splits each label's files, by default into 80 % for training and 10 % each for validation and test, as lines are split. For a label
 * with fewer than 20 files, each file's duration is cut in these proportions instead.
 */
export function splitClips(
  { clips }: Pick<Clips, "clips">,
  { train = 0.8, validation = 0.1, seed = 42 } = {},
): ClipsSplit {
  const [, , test] = fractionsOf({ train, validation })
  const parts = { train: [] as Clip[], validation: [] as Clip[], test: [] as Clip[] }
  for (const labelled of Map.groupBy(clips, ({ label }) => label).values()) {
    if (labelled.length >= ENOUGH_FILES) {
      const byName = new Map(labelled.map((clip) => [clip.name, clip]))
      for (const [part, { lines }] of Object.entries(
        split({ lines: [...byName.keys()] }, { train, validation, seed }),
      ))
        parts[part as keyof ClipsSplit].push(...lines.map((name) => byName.get(name)!))
    } else
      for (const clip of labelled) {
        const ends = [train, withoutRoundingError(train + validation)]
        const [first, second] = ends.map((end) => Math.floor(end * clip.levels.length))
        const cut = (start: number, end?: number) => ({ ...clip, levels: clip.levels.subarray(start, end) })
        parts.train.push(cut(0, first))
        if (validation > 0) parts.validation.push(cut(first, second))
        if (test > 0) parts.test.push(cut(second))
      }
  }
  return parts
}

/** One sentence: how many sounds, their duration by label, and how many were skipped. */
export function describeClips({ name, sampleRate, clips, silent, otherAudio = [] }: Clips): string {
  const duration = (some: readonly Clip[]) => {
    const seconds = Math.round(some.reduce((sum, { levels }) => sum + levels.length, 0) / sampleRate)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`
  }
  const byLabel = [...Map.groupBy(clips, ({ label }) => label)].filter(([label]) => label !== "")
  const more = byLabel.length > 20 ? `, and ${byLabel.length - 20} more` : ""
  const labels =
    byLabel
      .slice(0, 20)
      .map(([label, labelled]) => `${label} ${duration(labelled)}`)
      .join(", ") + more
  const skipped = [
    silent.length > 0 ? `; ${silent.length} silent skipped` : "",
    otherAudio.length > 0
      ? `; ${otherAudio.length} not in WAV format left out, such as ${otherAudio[0]}`
      : "",
  ].join("")
  const files = `${clips.length.toLocaleString("en")} ${clips.length === 1 ? "sound" : "sounds"}`
  const whole = `${duration(clips)} at ${sampleRate.toLocaleString("en")} Hz`
  return `${name}: ${files}, ${whole}${labels && `: ${labels}`}${skipped}.`
}

interface Found {
  readonly path: string
  /** The path within the folder, in normal form C, as a file system may or may not keep it. */
  readonly name: string
  /** The content, where it is at hand. */
  readonly bytes?: Uint8Array<ArrayBuffer>
}

function soundsAtHand(given: NonNullable<LoadOptions["sounds"]>): { sounds: Found[]; otherAudio: Found[] } {
  const all = given.map(({ name, bytes }) => ({ path: name, name: name.normalize("NFC"), bytes }))
  all.sort((a, b) => byCodePoints(a.name, b.name))
  const [sounds, others] = [true, false].map((wanted) => all.filter(({ name }) => isWav(name) === wanted))
  return { sounds, otherAudio: others.filter(({ name }) => OTHER_AUDIO.test(name)) }
}

const isWav = (name: string): boolean => /\.wave?$/i.test(name)

/** A folder with more files and folders in it, such as a whole disk, is refused. */
const MAX_ENTRIES = 100_000

/** All sound files in a folder and its sub-folders, in code point order. Links are followed; hidden files are left out. */
async function soundFiles(folder: string): Promise<{ sounds: Found[]; otherAudio: Found[] }> {
  const { readdir, realpath, stat } = node().getBuiltinModule("node:fs/promises")
  const [sounds, otherAudio]: Found[][] = [[], []]
  const listOf = (name: string) => (isWav(name) ? sounds : OTHER_AUDIO.test(name) ? otherAudio : undefined)
  let entries = 0
  const visit = async (path: string, prefix: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(path)
    if (above.includes(real))
      throw new UserError(
        `${path}: this link leads back to a folder that contains it: remove it, or give a folder without it`,
      )
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (++entries > MAX_ENTRIES)
        throw new UserError(
          `${folder}: it has more than ${MAX_ENTRIES.toLocaleString("en")} files and folders: give a folder of sounds alone`,
        )
      if (entry.name.startsWith(".")) continue
      const found = {
        path: `${path}${path.endsWith("/") ? "" : "/"}${entry.name}`,
        name: prefix + entry.name.normalize("NFC"),
      }
      const target = entry.isSymbolicLink() ? await stat(found.path).catch(() => undefined) : entry
      const leadsOn = target?.isDirectory()
      const list = listOf(entry.name)
      if (leadsOn || list) await requireUtf8Name(found)
      if (leadsOn) await visit(found.path, `${found.name}/`, [...above, real])
      else list?.push(found)
    }
  }
  await visit(folder, "", []).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof UserError) throw error
    throw new UserError(
      `${error.path ?? folder}: cannot be read (${error.code}): give a folder of .wav files`,
    )
  })
  for (const list of [sounds, otherAudio]) list.sort((a, b) => byCodePoints(a.name, b.name))
  return { sounds, otherAudio }
}

/** Node shows bytes that are not UTF-8 as U+FFFD, and then finds no such file. */
async function requireUtf8Name({ path, name }: Found): Promise<void> {
  const { stat } = node().getBuiltinModule("node:fs/promises")
  if (name.includes("\ufffd") && !(await stat(path).catch(() => undefined)))
    throw new UserError(`${path}: this name is not in UTF-8: rename it`)
}

function noSounds(otherAudio: readonly string[]): string {
  if (otherAudio.length === 0)
    return "there are no .wav files in this folder: give one that has some, each voice or kind in its own sub-folder"
  const count = otherAudio.length === 1 ? "one file" : `${otherAudio.length.toLocaleString("en")} files`
  return `there are no .wav files in this folder, only ${count} of other kinds: ${converted(otherAudio[0])}`
}
