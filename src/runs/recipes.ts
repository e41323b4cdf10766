/**
 * Named recipes: a good training of each model, the lecture's, and one for a list of one's own. They stand in for the defaults of
 * settings that are not given; chosen-recipe.ts says which one does.
 */
import type { Value } from "../setting.ts"

export interface NamedRecipe {
  /** For help. */
  readonly description: string
  /** Settings of a run, by name. */
  readonly settings: Readonly<Record<string, Value>>
}

const adamwCosine = { optimizer: "adamw", schedule: "cosine", warmup: 200, ema: 0.998 }
const adamwConstant = {
  optimizer: "adamw",
  learningRate: 0.0005,
  schedule: "constant",
  weightDecay: 0.1,
  ema: 0.999,
  steps: 20_000,
}

export const recipes = {
  list: {
    description:
      "a list of your own: tunes the package's base to it, or a GRU from scratch, mixed with counts; stops when the validation loss does not fall",
    settings: {
      model: "gru",
      from: "base",
      mixOrder: 6,
      batchSize: 32,
      optimizer: "adamw",
      learningRate: 0.001,
      weightDecay: 0.05,
      clipNorm: 1,
      schedule: "constant",
      ema: 0.97,
      patience: 5,
    },
  },
  lecture: {
    description: "the lecture's: 200,000 steps of SGD at 0.1, then 0.01; its WaveNet, or another model",
    settings: {}, // the declared defaults
  },
  bigram: {
    description: "10,000 steps of AdamW at 0.02",
    settings: { model: "bigram", ...adamwCosine, learningRate: 0.02, steps: 10_000 },
  },
  bow: {
    description: "30,000 steps of AdamW at 0.004",
    settings: { model: "bow", ...adamwCosine, learningRate: 0.004, steps: 30_000 },
  },
  flat: { description: "the lecture's training", settings: { model: "flat" } },
  gru: {
    description: "25,000 steps of AdamW at 0.004",
    settings: { model: "gru", ...adamwCosine, learningRate: 0.004, steps: 25_000 },
  },
  lstm: {
    description: "25,000 steps of AdamW at 0.004",
    settings: { model: "lstm", ...adamwCosine, learningRate: 0.004, steps: 25_000 },
  },
  mlp: {
    description: "15,000 steps of AdamW at 0.002",
    settings: { model: "mlp", ...adamwCosine, learningRate: 0.002, weightDecay: 0.1, steps: 15_000 },
  },
  ngram: {
    description: "6-grams with Kneser-Ney smoothing, the baseline for every network",
    settings: { model: "ngram" },
  },
  rnn: {
    description: "30,000 steps of AdamW at 0.004",
    settings: { model: "rnn", ...adamwCosine, learningRate: 0.004, steps: 30_000 },
  },
  transformer: {
    description: "20,000 steps of AdamW at 0.0005",
    settings: { model: "transformer", ...adamwConstant },
  },
  wavenet: { description: "the lecture's training", settings: { model: "wavenet" } },
  "wavenet-2016": {
    description: "at most 20,000 steps of AdamW at 0.0005",
    settings: { model: "wavenet-2016", ...adamwConstant, patience: 5, evaluateEvery: 1000 },
  },
} as const satisfies Record<string, NamedRecipe>

export type RecipeName = keyof typeof recipes

export const recipeNames = Object.keys(recipes) as RecipeName[]
