/** makewave's own contender: a step as `train` compiles it, from generic gradients and rewriting rules. */

import { UserError } from "../src/errors.ts"
import type { Model } from "../src/models/model.ts"
import { type TrainOptions, train } from "../src/training/train.ts"
import type { Contender } from "./benchmark.ts"
import type { Rows } from "./rows.ts"

export type Setup = {
  readonly model: Model
  readonly rows: Rows
  readonly options: Omit<TrainOptions, "steps"> & { readonly stepsPerCall: number }
  /** Of how many first steps the losses are compared: whole calls. */
  readonly compared: number
}

export function makewave(setUp: () => Promise<Setup>): Contender {
  return {
    name: "makewave",
    async prepare() {
      const { model, rows, options, compared } = await setUp()
      const { stepsPerCall, runtime: { threads = 1 } = {} } = options
      const training = train(model, rows, { ...options, steps: Number.POSITIVE_INFINITY })
      const stream = training[Symbol.asyncIterator]()
      const take = async (steps: number): Promise<number[]> => {
        // Else a block would be charged for steps of the next.
        if (steps % stepsPerCall !== 0)
          throw new UserError(
            `${steps} steps: makewave takes ${stepsPerCall} a call: give a multiple of ${stepsPerCall}`,
          )
        const losses: number[] = []
        for (let k = 0; k < steps; k++) losses.push((await stream.next()).value.loss)
        return losses
      }
      return {
        losses: await take(compared),
        async run(steps) {
          await take(steps)
          return undefined
        },
        notes: [
          `${model.parameterCount} parameters, ${stepsPerCall} steps a call, ` +
            `${threads} ${threads === 1 ? "thread" : "threads"}, ${rows.source}`,
        ],
        close: () => training.release(),
      }
    },
  }
}
