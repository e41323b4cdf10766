/**
 * Defaults of a recipe for a running text: a dilated WaveNet that reads a book of a megabyte in three minutes on two cores
 * (docs/running-text.md).
 */
import { derived, shown, type Value } from "../../setting.ts"
import { type Settings, validates } from "../settings.ts"

const MODEL = "wavenet-2016"

const recurrent = { context: 64, embedding: 64, hidden: 320, batchSize: 32 }

/** What is right for a text of about a megabyte. A row of a model of windows has one prediction. */
const byModel: Readonly<Record<string, Settings>> = {
  [MODEL]: {
    context: 256,
    layers: 8,
    stacks: 1,
    residualChannels: 128,
    dilationChannels: 128,
    skipChannels: 128,
    batchSize: 8,
  },
  rnn: recurrent,
  gru: recurrent,
  lstm: recurrent,
  transformer: { context: 64, embedding: 128, batchSize: 32 },
  mlp: { context: 16, hidden: 256, batchSize: 32 },
  bow: { context: 64, batchSize: 32 },
  bigram: { context: 64, batchSize: 32 },
  flat: { batchSize: 512 },
  wavenet: { batchSize: 512 },
}

const always = <T extends Value>(value: T) => derived(shown(value), () => value)

/** A setting that `byModel` has. */
const ofModel = (key: keyof Settings) =>
  derived(
    shown(byModel[MODEL][key] ?? byModel.gru[key]!),
    ({ model = MODEL }: Settings) => byModel[model]?.[key],
  )

export const runningDefaults = {
  tokens: derived("words for brown", ({ data }: Settings) => (data === "brown" ? "words" : undefined)),
  model: always(MODEL),
  context: ofModel("context"),
  layers: ofModel("layers"),
  stacks: ofModel("stacks"),
  residualChannels: ofModel("residualChannels"),
  dilationChannels: ofModel("dilationChannels"),
  skipChannels: ofModel("skipChannels"),
  embedding: ofModel("embedding"),
  hidden: ofModel("hidden"),
  // The features of a rare word hardly move: drawn with 1, they would stay louder than those of frequent words.
  embeddingStd: derived("0.1 for words", ({ model, tokens }: Settings) =>
    model === "mlp" && tokens === "words" ? 0.1 : undefined,
  ),
  batchSize: ofModel("batchSize"),
  optimizer: always("adamw"),
  clipNorm: always(1),
  steps: always(1500),
  learningRate: derived("0.002 for adamw", ({ optimizer }: Settings) =>
    optimizer === "adamw" ? 2e-3 : undefined,
  ),
  schedule: always("cosine"),
  warmup: derived("a tenth of the steps, at most 100", ({ steps = 0 }: Settings) =>
    Math.min(100, Math.floor(steps / 10)),
  ),
  threads: always(2),
  evaluateEvery: derived("a tenth of the steps", ({ steps = 0, split }: Settings) =>
    validates({ split }) ? Math.ceil(steps / 10) : 0,
  ),
  // A small text is soon known by heart.
  patience: always(3),
}
