/**
 * The printed output of the lecture's notebook: its networks with their losses, and the complete output of the last one, from seed 42.
 * Source: https://github.com/karpathy/nn-zero-to-hero, lectures/makemore/makemore_part5_cnn1.ipynb
 */
import type { Settings } from "./settings.ts"

export interface LectureRow {
  readonly description: string
  readonly model: Settings
  /** As printed. */
  readonly train: string
  readonly validation: string
}

const row = (description: string, model: Settings, train: string, validation: string): LectureRow => ({
  description,
  model,
  train,
  validation,
})
const flat: Settings = { model: "flat", context: 8, embedding: 10, hidden: 200 }
const tree: Settings = { model: "wavenet", context: 8, embedding: 10, hidden: 68 }

/** The performance log, from row 1 on. */
export const lectureRows: readonly LectureRow[] = [
  row("the flat network, context 3", { ...flat, context: 3 }, "2.058", "2.105"),
  row("the flat network, context 8", flat, "1.918", "2.027"),
  row("the tree, with the BatchNorm bug", { ...tree, batchNormBug: true }, "1.941", "2.029"),
  row("the tree, the bug fixed", tree, "1.912", "2.022"),
  row("the tree, scaled up", { ...tree, embedding: 24, hidden: 128 }, "1.7690", "1.9937"),
]

/** The settings shared by all rows. */
export const lectureRecipe: Settings = {
  recipe: "lecture",
  data: "makemore-names",
  splitSeed: 42,
  steps: 200_000,
  batchSize: 32,
  optimizer: "sgd",
  learningRate: 0.1,
  momentum: 0,
  weightDecay: 0,
  schedule: "step",
  milestones: [150_000],
  seed: 42,
  logEvery: 10_000,
  evaluateEvery: 0,
}

const every = 10_000
const printed = (
  "3.3167 2.0576 2.0723 2.5134 2.1476 1.7836 2.2592 1.9331 1.6875 2.0395 " +
  "1.7736 1.9570 1.7465 1.8126 1.7406 1.7466 1.8806 1.6266 1.6476 1.8555"
).split(" ")

/** The loss that the notebook printed for row 5 at this step, if any. */
export const printedLoss = (step: number): string | undefined =>
  step % every === 0 ? printed[step / every] : undefined

/** The names it sampled after row 5, as printed. */
export const printedNames: readonly string[] = (
  "arlij. chetta. heago. rocklei. hendrix. jamylie. broxin. denish. anslibt. marianah. " +
  "astavia. annayve. aniah. jayce. nodiel. remita. niyelle. jaylene. aiyan. aubreana."
).split(" ")
