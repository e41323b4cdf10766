/** The options of a training, besides its module, data and loss. */

import type { Batches } from "../data/batches.ts"
import { requireOptions, told } from "../errors.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import type { Schedule } from "../optim/schedules.ts"
import { Generator } from "../random/torch.ts"
import { checkRuntime, type RuntimeOptions } from "../runtime/session.ts"
import { fraction, positive, requireAccepted, whole } from "../setting.ts"
import type { ParameterGroup } from "./parameter-groups.ts"
import type { TrainingState } from "./training-state.ts"

/** B, the rows of a step, of an evaluation or of samples. */
export const batchSize = whole(32, "rows per batch", { unit: "rows", least: 1, most: 2 ** 20 })

const settings = {
  steps: whole(undefined, "", { least: 1 }),
  every: whole(1, "", { least: 1 }),
  batchSize,
  clipNorm: positive(1, ""),
  ema: fraction(0, ""),
}

const names = [
  ...Object.keys(settings),
  ...["optimizer", "rate", "groups", "generator", "batches", "from", "runtime", "loss"],
]

/** Throws a UserError for an option that a training does not have, a RangeError or a TypeError for an invalid one. */
export function checkOptions(given: TrainOptions | undefined): void {
  requireOptions("train", given ?? {}, names)
  const { steps, ...others }: Partial<TrainOptions> = given ?? {}
  if (steps === undefined)
    throw new RangeError("train: steps = undefined: give the number of steps, such as 1000")
  requireAccepted("train", settings, steps === Infinity ? others : { steps, ...others })
  checkRuntime(others.runtime ?? {})
  const { optimizer, rate, groups, generator, batches, from } = others
  const kinds: [name: string, given: unknown, isRight: boolean, wanted: string][] = [
    ["optimizer", optimizer, typeof optimizer?.update === "function", "give one, such as adamw()"],
    [
      "rate",
      rate,
      ["number", "function"].includes(typeof rate),
      "give a number, or a schedule such as cosine(0.1, { steps })",
    ],
    ["groups", groups, Array.isArray(groups), "give a list of { parameters, rate } or the like"],
    ["generator", generator, generator instanceof Generator, "give one, such as new Generator(42)"],
    ["batches", batches, typeof batches === "function", "give uniformBatches or epochBatches"],
    [
      "from",
      from,
      Number.isSafeInteger(from?.steps) && from?.moments !== undefined,
      "give the state() of a training",
    ],
  ]
  for (const [name, given, isRight, wanted] of kinds)
    if (given !== undefined && !isRight) throw new TypeError(`train: ${name} = ${told(given)}: ${wanted}`)
}

export interface TrainOptions {
  /** The number of steps in all, including those of `from`. */
  readonly steps: number
  /** Pulls end at multiples of this many steps; by default a pull is one call of the runtime. It changes no number. */
  readonly every?: number
  /** B, the rows of a step; 32. */
  readonly batchSize?: number
  readonly optimizer?: Optimizer
  /** The learning rate, constant or by step; 0.1. */
  readonly rate?: number | Schedule
  /** Parameters with their own optimizer or rate, and frozen parameters. */
  readonly groups?: readonly ParameterGroup[]
  /** Maximum global gradient norm (2-norm over all parameters). */
  readonly clipNorm?: number
  /** The decay of a moving average of the parameters, such as 0.998: average ← ema average + (1 - ema) parameter; see `averaged`. */
  readonly ema?: number
  /** The generator that draws the rows of each batch; by default one with PyTorch's default seed, not that of `manualSeed`. */
  readonly generator?: Generator
  /** Chooses the rows of each step; by default they are drawn with replacement. */
  readonly batches?: (generator: Generator, count: number, batchSize: number) => Batches
  /** Resumes from this state; the module must hold the parameters and buffers that it had then. */
  readonly from?: TrainingState
  readonly runtime?: RuntimeOptions
}
