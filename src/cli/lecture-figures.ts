/**
 * The printed output of the lecture's notebook: its networks with their losses, and the complete output of the last one, from seed 42.
 * Source: https://github.com/karpathy/nn-zero-to-hero, lectures/makemore/makemore_part5_cnn1.ipynb
 */
import type { Settings } from "../runs/settings.ts"

export interface LectureRow {
  readonly description: string
  readonly model: Settings
  /** As printed. */
  readonly train: string
  readonly validation: string
}

/** The performance log, from row 1 on. */
export const lectureRows: readonly LectureRow[] = [
  {
    description: "the flat network, context 3",
    model: { model: "flat", context: 3, embedding: 10, hidden: 200 },
    train: "2.058",
    validation: "2.105",
  },
  {
    description: "the flat network, context 8",
    model: { model: "flat", context: 8, embedding: 10, hidden: 200 },
    train: "1.918",
    validation: "2.027",
  },
  {
    description: "the tree, with the BatchNorm bug",
    model: { model: "wavenet", context: 8, embedding: 10, hidden: 68, batchNormBug: true },
    train: "1.941",
    validation: "2.029",
  },
  {
    description: "the tree, the bug fixed",
    model: { model: "wavenet", context: 8, embedding: 10, hidden: 68 },
    train: "1.912",
    validation: "2.022",
  },
  {
    description: "the tree, scaled up",
    model: { model: "wavenet", context: 8, embedding: 24, hidden: 128 },
    train: "1.7690",
    validation: "1.9937",
  },
]

/** The settings shared by all rows. */
export const lectureRecipe: Settings = {
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
