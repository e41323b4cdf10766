/** Sounds, read and split: WAV files of a folder, or at hand, become clips of levels, and clips become crops of a model's length. */
import { sha256Of } from "../../data/download.ts"
import type { Labels } from "../../data/labels.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import {
  type Clips,
  type ClipsSplit,
  describeClips,
  FOLDER,
  labelsOfClips,
  readClips,
  splitClips,
} from "../../data/sound/clips.ts"
import { cropsInOrder, everyCrop } from "../../data/sound/crops.ts"
import { LEVELS } from "../../data/sound/mu-law.ts"
import { fractionsInPercent } from "../../data/split.ts"
import { Vocabulary } from "../../data/tokenizers/characters.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { flag } from "../../setting.ts"
import type { Recipe } from "../recipe.ts"
import type { Corpus, Part } from "./corpus.ts"
import { sizesOf } from "./parts.ts"
import { receptiveFieldOf } from "./sound-defaults.ts"

/** The symbols are the numbers of the levels. */
const levels = Vocabulary.fromJSON(Array.from({ length: LEVELS - 1 }, (_, k) => String(k + 1)))

export interface SoundCorpus extends Corpus {
  readonly clips: Clips
  /** The rows of all clips. */
  allRows(model: Model): ReturnType<Corpus["rows"]>
}

/** Sub-folders become labels, asked for or not. */
export async function openSound(
  { data, sampleRate, silence, predict, split, splitSeed, condition }: Recipe,
  { onSound, sounds }: LoadOptions = {},
): Promise<SoundCorpus> {
  if (condition !== undefined && condition !== FOLDER)
    throw new UserError(
      `${flag("condition")} ${condition}: sounds have no label but their folder: give ${FOLDER}, or leave it out`,
    )
  const clips = await readClips(data, { sampleRate, silence, onSound, sounds })
  const parts = splitClips(clips, { ...fractionsInPercent(split), seed: splitSeed })
  const labels = conditionOf(clips, condition !== undefined)
  const options = (model: Model) => ({
    contextLength: model.contextLength,
    receptiveField: receptiveFieldOf(model),
    predict,
    labels,
  })
  const uniform = Math.log(LEVELS)
  return {
    vocabulary: levels,
    condition: labels,
    clips,
    sha256: await hashOf(clips),
    size: clips.clips.length,
    sizes: sizesOf(parts, ({ length }) => length),
    description: describeClips(clips),
    sequences: (part: Part) => parts[part].map((clip) => Int32Array.from(clip.levels)),
    trainingRows: (model) => everyCrop(parts.train, options(model)),
    rows: (model, part) => cropsInOrder(parts[part], options(model)),
    allRows: (model) => cropsInOrder(clips.clips, options(model)),
    trainingSample: (model) => cropsInOrder(sampleOf(parts), options(model)),
    baselines: () => [
      {
        name: `uniform, ln ${LEVELS}`,
        train: uniform,
        ...(parts.validation.length > 0 && { validation: uniform }),
      },
    ],
  }
}

/** The samples that are evaluated in a few seconds. */
const FEW = 2 ** 17

/**
 * About as much of the training part as the validation part has, or a few seconds' work: evenly spaced clips, and only the beginning of
 * each where a few long files were cut into parts.
 */
function sampleOf({ train, validation }: ClipsSplit): ClipsSplit["train"] {
  const every = Math.max(1, Math.floor(train.length / (validation.length || train.length)))
  const kept = train.filter((_, k) => k % every === 0)
  const share = (lengthOf(validation) || FEW) / lengthOf(kept)
  if (lengthOf(kept) <= FEW || share > 0.5) return kept
  return kept.map((clip) => ({
    ...clip,
    levels: clip.levels.subarray(0, Math.ceil(share * clip.levels.length)),
  }))
}

const lengthOf = (clips: ClipsSplit["train"]): number =>
  clips.reduce((sum, { levels }) => sum + levels.length, 0)

function conditionOf(clips: Clips, asked: boolean): Labels | undefined {
  const labels = new Set(clips.clips.map(({ label }) => label))
  return asked || (labels.size > 1 && !labels.has("")) ? labelsOfClips(clips) : undefined
}

/** The hash of the files' names and levels. */
async function hashOf({ clips }: Clips): Promise<string> {
  const names = clips.map(({ name, levels }) => `${name} ${levels.length}`).join("\n")
  const bytes = await new Blob([names, ...clips.map(({ levels }) => levels)]).arrayBuffer()
  return sha256Of(new Uint8Array(bytes))
}
