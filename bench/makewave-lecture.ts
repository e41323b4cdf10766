/** makewave's own contender: the lecture's step as `train` compiles it, from generic gradients and rewriting rules. */
import { WaveNet } from "../src/models/wavenet.ts"
import { Generator } from "../src/random/index.ts"
import { train } from "../src/training/train.ts"
import type { Contender } from "./benchmark.ts"
import { batchSize, context, embedding, hidden, lectureRows, vocabulary } from "./lecture-data.ts"

export const makewave: Contender = {
  name: "makewave",
  async prepare() {
    const rows = await lectureRows()
    const generator = new Generator(42)
    const model = new WaveNet({ vocabularySize: vocabulary, contextLength: context, embedding, hidden })
    model.initialize(generator)
    const data = { ...rows, contextLength: context }
    const training = train(model, data, { steps: Number.POSITIVE_INFINITY, rate: 0.1, batchSize, generator })
    const stream = training[Symbol.asyncIterator]()
    const take = async (steps: number): Promise<number[]> => {
      const losses: number[] = []
      for (let k = 0; k < steps; k++) losses.push((await stream.next()).value.loss)
      return losses
    }
    return {
      losses: await take(100),
      async run(steps) {
        await take(steps)
        return undefined
      },
      notes: [`100 steps a call, 1 thread, ${rows.source}`],
      close: () => training.release(),
    }
  },
}
