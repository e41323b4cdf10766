/**
 * Defaults of a recipe for sound. With them a network learns to babble in twenty minutes on two cores (docs/sound.md); the sizes are
 * scaled down from https://github.com/ibab/tensorflow-wavenet.
 */
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { WaveNet2016 } from "../../models/wavenet-2016.ts"
import { derived, shown, type Value } from "../../setting.ts"
import type { Settings } from "../settings.ts"

const MODEL = "wavenet-2016"

/** The samples of a crop that are predicted; those before them are context. */
const PREDICTED = 2048

const always = <T extends Value>(value: T) => derived(shown(value), () => value)

export const soundDefaults = {
  sampleRate: always(8000),
  model: always(MODEL),
  layers: always(9),
  stacks: always(2),
  residualChannels: always(32),
  dilationChannels: always(32),
  skipChannels: always(128),
  context: derived(
    `the receptive field and ${PREDICTED.toLocaleString("en")} samples more`,
    (settings: Settings) => WaveNet2016.receptiveField(settings) - 1 + PREDICTED,
  ),
  batchSize: always(2),
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

/** Whether a model has a receptive field, which sound needs. */
export const isSounding = (model: object): model is Model & { readonly receptiveField: number } =>
  model instanceof WaveNet2016

export function receptiveFieldOf(model: Model): number {
  if (isSounding(model)) return model.receptiveField
  throw new UserError(
    `a ${model.constructor.name} has no receptive field, which sound needs: choose ${MODEL}`,
  )
}
