/** makewave's own contender: a step as `train` compiles it, from generic gradients and rewriting rules. */
import type { Model } from "../src/models/model.ts"
import { type TrainOptions, train } from "../src/training/index.ts"
import type { Contender } from "./benchmark.ts"
import type { Rows } from "./rows.ts"

export type Setup = {
  readonly model: Model
  readonly rows: Rows
  readonly options: Omit<TrainOptions, "steps">
  /** How many steps are taken at a time: some tenths of a second. */
  readonly every: number
  /** Of how many first steps the losses are compared: whole calls. */
  readonly compared: number
}

export function makewave(setUp: () => Promise<Setup>): Contender {
  return {
    name: "makewave",
    async prepare() {
      const { model, rows, options, every, compared } = await setUp()
      const { runtime: { threads = 1 } = {} } = options
      const training = train(model, rows, { ...options, steps: Number.POSITIVE_INFINITY })
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
          `${model.parameterCount} parameters, ${every} steps a call, ` +
            `${threads} ${threads === 1 ? "thread" : "threads"}, ${rows.source}`,
        ],
        close: () => training.release(),
      }
    },
  }
}
