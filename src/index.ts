/**
 * The public names, grouped: the whole of makewave but its command line. Each group is also an entry of its own, such as
 * `makewave/nn`, for pages that want no more than they use.
 */

export * as charts from "./charts/index.ts"
export { NGram, NGramClassifier } from "./counting/index.ts"
export * from "./data/index.ts"
export { UserError } from "./errors.ts"
export * from "./interchange/index.ts"
export * from "./models/index.ts"
export * as nn from "./nn/index.ts"
export * as optim from "./optim/index.ts"
export * from "./random/index.ts"
export * from "./runs/index.ts"
export * from "./runtime/index.ts"
export * from "./sampling/index.ts"
export { functional, gradients, interpret, type Shape, ShapeError, Tensor } from "./tensor/index.ts"
export * from "./training/index.ts"
