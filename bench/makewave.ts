/** makewave's contender: the step that `train` compiles. */
import type { Model } from "../src/models/model.ts"
import { type TrainOptions, train } from "../src/training/index.ts"
import type { Contender } from "./benchmark.ts"
import type { Rows } from "./rows.ts"

export type Setup = {
  readonly model: Model
  readonly rows: Rows
  readonly options: Omit<TrainOptions, "steps">
  /** Steps per call, a few tenths of a second. */
  readonly every: number
  /** The number of first steps whose losses are compared, a multiple of `every`. */
  readonly compared: number
}

export function makewave(setUp: () => Promise<Setup>): Contender {
  return {
    name: "makewave",
    async prepare() {
      const { model, rows, options, every, compared } = await setUp()
      const { runtime: { threads = 1 } = {} } = options
      const { source, ...data } = rows
      const training = train(model, data, { ...options, steps: Number.POSITIVE_INFINITY })
      const take = async (steps: number): Promise<number[]> => {
        const losses: number[] = []
        for (const end = training.step + steps; training.step < end; )
          losses.push(...(await training.advance(Math.min(end, training.step + every))).losses)
        return losses
      }
      return {
        losses: await take(compared),
        async run(steps) {
          await take(steps)
          return undefined
        },
        notes: [
          `${model.parameterCount} parameters, ${every} steps per call, ` +
            `${threads} ${threads === 1 ? "thread" : "threads"}, ${source}`,
        ],
        close: () => training.release(),
      }
    },
  }
}
