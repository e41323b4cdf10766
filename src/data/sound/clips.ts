/**
 * A folder of WAV files becomes clips: sounds of one sample rate without the silence at their ends, as levels. The sub-folder that a file is
 * in is its label, such as who speaks: `speech/anna/001.wav`.
 */
import { UserError } from "../../errors.ts"
import { split } from "../dataset.ts"
import { node, readBytes } from "../disk.ts"
import type { Labels } from "../labels.ts"
import { byCodePoints } from "../vocabulary.ts"
import { muLawEncode } from "./mu-law.ts"
import { SILENT_DECIBELS, trimSilence } from "./trim-silence.ts"
import { readWav, requireRate } from "./wav.ts"

export interface Clip {
  /** Its path in the folder. */
  readonly name: string
  /** The sub-folder; "" of a file beside the sub-folders. */
  readonly label: string
  readonly levels: Uint8Array
}

export interface Clips {
  /** The folder. */
  readonly name: string
  /** Samples a second. */
  readonly sampleRate: number
  /** In the order of their names. */
  readonly clips: readonly Clip[]
  /** Names of files in which there is nothing but silence, and which are left out. */
  readonly silent: readonly string[]
}

export interface ClipsSplit {
  readonly train: readonly Clip[]
  readonly validation: readonly Clip[]
  readonly test: readonly Clip[]
}

/** What the labels of clips say: which folder they are in. */
export const FOLDER = "folder"

/** Of a label so many files are split as they are; where there are fewer, each is cut. */
const ENOUGH_FILES = 20

/**
 * The clips of a folder and its sub-folders. `silence` is how many decibels below a sound's loudest moment its ends are called
 * silent. A UserError says of a folder without sounds, and of a file that cannot be read, what would do.
 */
export async function readClips(
  folder: string,
  {
    sampleRate = 8000,
    silence = SILENT_DECIBELS,
    onSound,
  }: { sampleRate?: number; silence?: number; onSound?: (read: number, total: number) => void } = {},
): Promise<Clips> {
  requireRate(sampleRate)
  const { join } = node().getBuiltinModule("node:path")
  const names = await wavFiles(folder)
  if (names.length === 0)
    throw new UserError(
      `${folder}: there is no .wav file in this folder: give one with some, each voice or kind in a folder of its own`,
    )
  const clips: Clip[] = []
  const silent: string[] = []
  for (const [index, name] of names.entries()) {
    const path = join(folder, name)
    const bytes = await readBytes(path)
    if (!bytes)
      throw new UserError(`${path}: it is there no longer: leave the folder as it is for the moment`)
    const { samples } = trimSilence(await readWav(bytes, { name: path, sampleRate }), silence)
    const label = name.includes("/") ? name.slice(0, name.indexOf("/")) : ""
    if (samples.length === 0) silent.push(name)
    else clips.push({ name, label, levels: Uint8Array.from(muLawEncode(samples)) })
    onSound?.(index + 1, names.length)
  }
  if (clips.length === 0) throw new UserError(`${folder}: all its files are silent: give some that sound`)
  return { name: folder, sampleRate, clips, silent }
}

/** Whether data of this name is a folder, and so sounds. */
export async function isFolder(path: string): Promise<boolean> {
  const { stat } = node().getBuiltinModule("node:fs/promises")
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/** The labels of clips; a UserError where they are not all in sub-folders, or all in one. */
export function labelsOfClips({ name, clips }: Clips): Labels {
  const ofLabels = Map.groupBy(clips, ({ label }) => label)
  const values = [...ofLabels.keys()].sort(byCodePoints)
  if (values.length < 2)
    throw new UserError(
      `${name}: its sounds are all in one folder, which tells nothing apart: put each voice or kind into a folder of its own`,
    )
  if (values.includes(""))
    throw new UserError(
      `${name}: ${clips.find(({ label }) => label === "")!.name} is in no sub-folder, and others are: move it into one`,
    )
  return { name: FOLDER, values, counts: values.map((value) => ofLabels.get(value)!.length) }
}

/**
 * Of each label 80 % of the files for training and 10 % each for validation and test, drawn as the lines of a text are. Where a
 * label has fewer than 20 files, each is cut in these parts of its time.
 */
export function splitClips({ clips }: Pick<Clips, "clips">, { seed = 42 } = {}): ClipsSplit {
  const parts = { train: [] as Clip[], validation: [] as Clip[], test: [] as Clip[] }
  for (const ofLabel of Map.groupBy(clips, ({ label }) => label).values()) {
    if (ofLabel.length >= ENOUGH_FILES) {
      const byName = new Map(ofLabel.map((clip) => [clip.name, clip]))
      for (const [part, { lines }] of Object.entries(split({ lines: [...byName.keys()] }, { seed })))
        parts[part as keyof ClipsSplit].push(...lines.map((name) => byName.get(name)!))
    } else
      for (const clip of ofLabel) {
        const [first, second] = [0.8, 0.9].map((part) => Math.floor(part * clip.levels.length))
        parts.train.push({ ...clip, levels: clip.levels.subarray(0, first) })
        parts.validation.push({ ...clip, levels: clip.levels.subarray(first, second) })
        parts.test.push({ ...clip, levels: clip.levels.subarray(second) })
      }
  }
  return parts
}

/** One sentence: how much there is, of whom, and what was left out. */
export function describeClips({ name, sampleRate, clips, silent }: Clips): string {
  const seconds = (those: readonly Clip[]) => {
    const whole = Math.round(those.reduce((sum, { levels }) => sum + levels.length, 0) / sampleRate)
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} minutes`
  }
  const labels = [...Map.groupBy(clips, ({ label }) => label)].filter(([label]) => label !== "")
  const parts = labels.map(([label, those]) => `${label} ${seconds(those)}`)
  const left = silent.length > 0 ? `; ${silent.length} silent left out` : ""
  const files = `${clips.length.toLocaleString("en")} ${clips.length === 1 ? "sound" : "sounds"}`
  return `${name}: ${files}, ${seconds(clips)} at ${sampleRate.toLocaleString("en")} Hz${parts.length > 0 ? `: ${parts.join(", ")}` : ""}${left}.`
}

/** The paths of the .wav files in a folder and those below it, with / between their parts, in the order of code points. */
async function wavFiles(folder: string): Promise<string[]> {
  const { readdir } = node().getBuiltinModule("node:fs/promises")
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${folder}: it cannot be read (${error.code}): give a folder of .wav files`)
  })
  return names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.wave?$/i.test(name) && !name.split("/").some((part) => part.startsWith(".")))
    .sort(byCodePoints)
}
