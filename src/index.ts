/**
 * The public names. Those that most programs need are at the top level. Each group is complete as a namespace, such as `nn.Linear`,
 * and as an entry of its own, such as `makewave/nn`.
 */

export * as charts from "./charts/index.ts"
export { heatMap } from "./charts/index.ts"
export * as counting from "./counting/index.ts"
export { NGram } from "./counting/index.ts"
export * as data from "./data/index.ts"
export {
  everyRow,
  loadBrown,
  loadText,
  parseLines,
  rowsInOrder,
  sequences,
  split,
  Vocabulary,
  Words,
  windows,
} from "./data/index.ts"
export * as sound from "./data/sound/index.ts"
export { readWav, resample, writeWav } from "./data/sound/index.ts"
export * as display from "./display/index.ts"
export { show } from "./display/index.ts"
export { UserError } from "./errors.ts"
export * as experiments from "./experiments/index.ts"
export * as interchange from "./interchange/index.ts"
export {
  fromPyTorch,
  readSafetensors,
  toJavaScript,
  toOnnx,
  toPyTorch,
  writeSafetensors,
} from "./interchange/index.ts"
export * as making from "./making/index.ts"
export { make } from "./making/index.ts"
export * from "./models/index.ts"
export * as nn from "./nn/index.ts"
export * as optim from "./optim/index.ts"
export * as random from "./random/index.ts"
export { Generator, manualSeed } from "./random/index.ts"
export * as runs from "./runs/index.ts"
export { addModel, openModel, runTraining, warmStart } from "./runs/index.ts"
export * as runtime from "./runtime/index.ts"
export { compile, compileLoop } from "./runtime/index.ts"
export * as sampling from "./sampling/index.ts"
export { openSampler, openStream, type SampleOptions } from "./sampling/index.ts"
export * as tensor from "./tensor/index.ts"
export { functional, gradients, interpret, type Shape, ShapeError, Tensor } from "./tensor/index.ts"
export * as training from "./training/index.ts"
export {
  evaluate,
  follow,
  type Training,
  type TrainingState,
  type TrainOptions,
  train,
} from "./training/index.ts"
