/** The lecture's network, trained for 200 steps wherever this runs. */
import { Vocabulary, windows } from "../../src/data/index.ts"
import { WaveNet } from "../../src/models/wavenet.ts"
import { Generator } from "../../src/random/index.ts"
import { train } from "../../src/training/train.ts"

export const steps = 200

export async function lossesOf(names: readonly string[]): Promise<number[]> {
  const vocabulary = Vocabulary.from(names)
  const generator = new Generator(42)
  const model = new WaveNet({ vocabularySize: vocabulary.size }).initialize(generator)
  const training = train(model, windows(names, vocabulary, 8), { steps, rate: 0.1, generator })
  const losses: number[] = []
  for await (const progress of training) losses.push(...progress.losses)
  await training.release()
  return losses
}
