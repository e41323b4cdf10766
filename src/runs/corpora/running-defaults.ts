/**
 * Defaults of a recipe for a running text, with which a book of a megabyte takes three minutes on two cores: a dilated WaveNet, or for
 * words, in half that time, the network of Bengio et al. 2003, mixed with counts. docs/running-text.md has what they reach.
 */
import { derived, shown, type Value } from "../../setting.ts"
import { type Settings, validates } from "../settings.ts"

const [MODEL, MODEL_OF_WORDS] = ["wavenet-2016", "mlp"]

type ByModel = Readonly<Record<string, Settings>>

const recurrent = { context: 64, embedding: 64, hidden: 320, batchSize: 32 }

/** What is right for a text of about a megabyte. A row of a model of windows has one prediction. */
const byModel: ByModel = {
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

const recurrentOfWords = { hidden: 100, batchSize: 16, learningRate: 0.008 }

/**
 * What differs for words. There are thousands of them, and nearly all time goes into the product that gives each its logit. So a step of
 * these has about 1,000 predictions, and the last layer is narrow.
 */
const byModelOfWords: ByModel = {
  [MODEL_OF_WORDS]: { context: 5, embedding: 60, hidden: 100, batchSize: 16, learningRate: 0.016 },
  [MODEL]: {
    context: 64,
    layers: 6,
    residualChannels: 64,
    dilationChannels: 64,
    skipChannels: 64,
    learningRate: 0.008,
  },
  rnn: recurrentOfWords,
  gru: recurrentOfWords,
  lstm: recurrentOfWords,
  transformer: { embedding: 64, batchSize: 16, learningRate: 0.008 },
}

const always = <T extends Value>(value: T) => derived(shown(value), () => value)

const readsWords = ({ tokens }: Settings) => tokens === "words"

/** A named recipe does without. */
const ofWords = <T extends Value>(value: T, applies: (given: Settings) => boolean = () => true) =>
  derived(`${shown(value)} for words`, (given: Settings) =>
    readsWords(given) && given.recipe === undefined && applies(given) ? value : undefined,
  )

/** For help. */
const both = (characters: Value, words: Value) => `${shown(characters)} (words: ${shown(words)})`

const byTokens = <T extends Value>(characters: T, words: T) =>
  derived(both(characters, words), (given: Settings) => (readsWords(given) ? words : characters))

const byAdamw = ({ optimizer }: Settings) => optimizer === "adamw"

const own = (key: keyof Settings, given: Settings) =>
  (readsWords(given) ? byModelOfWords[given.model!]?.[key] : undefined) ?? byModel[given.model!]?.[key]

/** A setting that `byModel` has. The help shows those of the default models, or else of the WaveNet or the GRU. */
function ofModel(key: keyof Settings) {
  const characters = byModel[MODEL][key] ?? byModel.gru[key]!
  const words = byModelOfWords[MODEL_OF_WORDS][key] ?? byModelOfWords[MODEL][key] ?? characters
  const text = characters === words ? shown(characters) : both(characters, words)
  return derived(text, (given: Settings) => own(key, given))
}

export const runningDefaults = {
  tokens: derived("words for brown", ({ data }: Settings) => (data === "brown" ? "words" : undefined)),
  model: byTokens(MODEL, MODEL_OF_WORDS),
  context: ofModel("context"),
  layers: ofModel("layers"),
  stacks: ofModel("stacks"),
  residualChannels: ofModel("residualChannels"),
  dilationChannels: ofModel("dilationChannels"),
  skipChannels: ofModel("skipChannels"),
  embedding: ofModel("embedding"),
  hidden: ofModel("hidden"),
  // The features of a rare word hardly move: drawn with 1, they would stay louder than those of frequent words.
  embeddingStd: ofWords(0.1, ({ model }) => model === "mlp"),
  dropout: ofWords(0.2),
  mixOrder: ofWords(3),
  // Otherwise it is fitted on the validation part.
  mixWeight: derived("0.5 for words without a validation part", (given: Settings) =>
    readsWords(given) && !validates(given) ? 0.5 : undefined,
  ),
  batchSize: ofModel("batchSize"),
  optimizer: always("adamw"),
  // Why words need them: docs/bengio.md, "Training".
  eps: ofWords(1e-4, byAdamw),
  weightDecay: ofWords(0.1, byAdamw),
  decays: ofWords("matrices", byAdamw),
  clipNorm: always(1),
  steps: byTokens(1500, 800),
  learningRate: derived(both("0.002 for adamw", 0.016), (given: Settings) =>
    byAdamw(given) ? (own("learningRate", given) ?? 2e-3) : undefined,
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
