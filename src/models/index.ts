/** The table of the models: the name on the command line, and the class. */
import { BagOfWords } from "./bag-of-words.ts"
import { Bigram } from "./bigram.ts"
import { Flat } from "./flat.ts"
import { MLP } from "./mlp.ts"
import type { ModelClass } from "./model.ts"
import { GRUModel, LSTMModel, RNNModel } from "./recurrent.ts"
import { Transformer } from "./transformer.ts"
import { WaveNet } from "./wavenet.ts"
import { WaveNet2016 } from "./wavenet-2016.ts"

export { derived, fraction, oneOf, size, toggle } from "../setting.ts"
export { BagOfWords } from "./bag-of-words.ts"
export { Bigram } from "./bigram.ts"
export { Flat } from "./flat.ts"
export { type ConditionNumbers, type LayerOutput, look, type Observation, observe } from "./look.ts"
export { MLP } from "./mlp.ts"
export {
  type ConditionKinds,
  type Conditions,
  configOf,
  type ForwardOptions,
  Model,
  type ModelOptions,
  sequenceLength,
  windowLength,
} from "./model.ts"
export { type Level, receptiveFields } from "./receptive.ts"
export { GRUModel, LSTMModel, Recurrent, type RecurrentConfig, RNNModel } from "./recurrent.ts"
export { Transformer } from "./transformer.ts"
export { TreeAsConvolution } from "./tree-as-convolution.ts"
export { WaveNet } from "./wavenet.ts"
export { WaveNet2016, type WaveNet2016Config } from "./wavenet-2016.ts"

/**
 * Each takes one object of settings, of which only `vocabularySize` is required; a model's `config` has them all. A class has a
 * `description` and `settings`.
 */
export const models = {
  bigram: Bigram,
  mlp: MLP,
  bow: BagOfWords,
  rnn: RNNModel,
  gru: GRUModel,
  lstm: LSTMModel,
  transformer: Transformer,
  flat: Flat,
  wavenet: WaveNet,
  "wavenet-2016": WaveNet2016,
} satisfies Record<string, ModelClass>
