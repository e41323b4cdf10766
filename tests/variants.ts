/** Every model of the table, and those whose settings change what their graph is made of, for tests of what holds of each. */
import { type Model, models } from "../src/models/index.ts"

interface Options {
  vocabularySize: number
  contextLength?: number
}

type Make = new (options: Options) => Model

/** A model with these settings instead of its defaults. */
const variant = (name: keyof typeof models, own: object): Make => {
  const Class = models[name] as new (options: Options) => InstanceType<typeof models.gru>
  return class extends Class {
    constructor(options: Options) {
      super({ ...options, ...own })
    }
  }
}

const dropout = 0.3

export const variants: Readonly<Record<string, Make>> = {
  ...models,
  "mlp with dropout": variant("mlp", { dropout }),
  "mlp of direct connections alone": variant("mlp", { hidden: 0, directConnections: true }),
  "gru with dropout": variant("gru", { dropout }),
  "transformer with dropout": variant("transformer", { dropout }),
  "wavenet with dropout": variant("wavenet", { dropout }),
  "wavenet-2016 with dropout, LayerNorm and positions": variant("wavenet-2016", {
    ...{ dropout, norm: "layer", positions: true, contextLayers: 2, contextStride: 2 },
  }),
  "wavenet-2016 with RMSNorm": variant("wavenet-2016", { norm: "rms" }),
  "wavenet-2016, plain, with ReLU": variant("wavenet-2016", {
    ...{ plain: true, activation: "relu", residualChannels: 6, dilationChannels: 6 },
  }),
}
