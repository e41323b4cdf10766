/** Trainings to begin with: the rows of the lecture's performance log, the last first, and others that the lecture leads to. */
import { lectureRecipe, lectureRows } from "../../src/runs/lecture-figures.ts"
import type { Settings } from "../../src/runs/settings.ts"
import { TONES } from "./tones.ts"

export interface Preset {
  readonly name: string
  readonly description: string
  readonly settings: Settings
  /** The row of the lecture's log, from 1. */
  readonly row?: number
}

/** The lecture's data is downloaded, the package's own is not. */
const shared: Settings = { ...lectureRecipe, data: "names", logEvery: 100, evaluateEvery: 10_000 }

const rows: Preset[] = lectureRows.map(({ description, model, validation }, k) => ({
  name: `Lecture, row ${k + 1}: ${description}`,
  description: `In the notebook it ends at a validation loss of ${validation}, after 200,000 steps.`,
  settings: { ...shared, ...model },
  row: k + 1,
}))

/** A page trains it in minutes. */
const narrow: Settings = { residualChannels: 32, dilationChannels: 32, skipChannels: 32 }

/** A small WaveNet of sound, which sees a thirtieth of a second at 4,000 Hz. */
const ofSound: Settings = {
  model: "wavenet-2016",
  layers: 6,
  residualChannels: 16,
  dilationChannels: 16,
  skipChannels: 64,
  context: 1150,
}

/** For WAV files of one's own: it sees twice as far. */
export const ownSound: Settings = {
  ...ofSound,
  layers: 8,
  sampleRate: 8000,
  context: 1536,
  learningRate: 0.004,
  steps: 3000,
}

/** For a running text of one's own: it sees 64 symbols, and a page trains it in minutes. */
export const ownText: Settings = {
  running: true,
  model: "wavenet-2016",
  layers: 6,
  context: 64,
  ...narrow,
}

export const presets: readonly Preset[] = [
  ...rows.toReversed(),
  {
    name: "WaveNet 2016: dilated causal convolutions",
    description:
      "The network of the paper that the lecture ends with, half as wide: gates, residuals and skips.",
    settings: { recipe: "wavenet-2016", model: "wavenet-2016", data: "names", ...narrow },
  },
  {
    name: "Transformer",
    description:
      "makemore's transformer with two of its four blocks: every position attends to all before it.",
    settings: { recipe: "transformer", model: "transformer", data: "names", layers: 2, embedding: 48 },
  },
  {
    name: "GRU",
    description: "A recurrent network: one state that is changed symbol by symbol.",
    settings: { recipe: "gru", model: "gru", data: "names" },
  },
  {
    name: "Names by sex",
    description: "A WaveNet that is told whether a name is a girl's or a boy's, and makes either.",
    settings: { recipe: "wavenet-2016", model: "wavenet-2016", data: "names", condition: "sex", ...narrow },
  },
  {
    name: "Sound: a music box",
    description:
      "The WaveNet of the paper on half a minute of notes, sample by sample: after 400 steps it plays.",
    settings: { ...ofSound, data: TONES, sampleRate: 4000, learningRate: 0.01, steps: 400 },
  },
]

/** For a running text: without what says how a list is read. */
export const forRunning = ({ settings: { splitSeed, condition, ...settings } }: Preset): Settings => ({
  ...settings,
  running: true,
})
