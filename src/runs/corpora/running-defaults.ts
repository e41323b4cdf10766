/** Defaults of a recipe for a running text: a GRU that learns a book of a megabyte in three minutes on two cores (docs/running-text.md). */
import { derived, shown, type Value } from "../../setting.ts"
import type { Settings } from "../settings.ts"

const MODEL = "gru"

const always = <T extends Value>(value: T) => derived(shown(value), () => value)

/** What the models of sequences read at once; those of windows say it themselves. */
const contexts: Readonly<Record<string, number>> = {
  mlp: 16,
  bow: 32,
  bigram: 32,
  rnn: 64,
  gru: 64,
  lstm: 64,
  transformer: 64,
  "wavenet-2016": 128,
}

export const runningDefaults = {
  tokens: derived("words for brown", ({ data }: Settings) => (data === "brown" ? "words" : undefined)),
  model: always(MODEL),
  context: derived("64", ({ model = MODEL }: Settings) => contexts[model]),
  batchSize: always(32),
  optimizer: always("adamw"),
  clipNorm: always(1),
  steps: always(5000),
  learningRate: derived("0.002 for adamw", ({ optimizer }: Settings) =>
    optimizer === "adamw" ? 2e-3 : undefined,
  ),
  schedule: always("cosine"),
  warmup: derived("a tenth of the steps, at most 100", ({ steps = 0 }: Settings) =>
    Math.min(100, Math.floor(steps / 10)),
  ),
}
