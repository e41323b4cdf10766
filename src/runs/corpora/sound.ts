/**
 * The corpus of sounds: a folder of WAV files, with a sub-folder for each voice. Its samples are WAV files with spectrograms. Most of its
 * code is loaded when it is needed: most trainings are of text.
 */
import { dataSets } from "../../data/catalog.ts"
import { isFolder, STANDARD_INPUT } from "../../data/disk.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import { LEVELS } from "../../data/sound/mu-law.ts"
import { converted, OTHER_AUDIO } from "../../data/sound/other-audio.ts"
import { UserError } from "../../errors.ts"
import { flag } from "../../setting.ts"
import type { Settings } from "../settings.ts"
import type { CorpusKind } from "./corpus.ts"
import { soundDefaults } from "./sound-defaults.ts"

export const sound: CorpusKind = {
  words: {
    kind: "sound",
    whole: "folder of sounds",
    row: "crop",
    symbol: "sample",
    makes: "sound, for which there is --seconds",
  },
  symbols: LEVELS,
  sampleFlags: ["seconds", "out"],
  scripts: false,
  recognizes,
  has: ({ sampleRate }) => sampleRate !== undefined,
  defaults: soundDefaults,
  async open(recipe, options) {
    const { openSound } = await import("./sound-corpus.ts")
    return openSound(recipe, options)
  },
  async evaluate(trained, request) {
    const { evaluateSound } = await import("./sound-evaluation.ts")
    return evaluateSound(trained, request)
  },
  async *sample(trained, request) {
    const { sampleSound } = await import("./sound-samples.ts")
    yield* sampleSound(trained, request)
  },
  async finish(run, trained, options) {
    const { finishSound } = await import("./sound-samples.ts")
    return finishSound(run, trained, options)
  },
}

async function recognizes(given: Settings, { sounds }: LoadOptions = {}): Promise<boolean> {
  if (sounds) return true
  const { data: name = "" } = given
  const isPath = name !== STANDARD_INPUT && !Object.hasOwn(dataSets, name)
  if (isPath && (await isFolder(name))) return true
  if (given.sampleRate !== undefined)
    throw new UserError(
      `${flag("sampleRate")} ${given.sampleRate}: it needs a folder of WAV files: ${name || "names"} is none`,
    )
  if (OTHER_AUDIO.test(name))
    throw new UserError(`${name}: sounds are read from a folder, as WAV files: ${converted(name)}`)
  if (/\.wave?$/i.test(name))
    throw new UserError(`${name}: this is one file: give the folder of .wav files that it is in`)
  return false
}
