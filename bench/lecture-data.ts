/**
 * The data and initial values shared by all contenders of the lecture's step: the windows of names.txt's training part,
 * and PyTorch's generator seeded with 42, which draws initial values and then batches.
 * Source: makemore part 5, cells 2 to 10.
 */

import { type Batches, uniformBatches } from "../src/data/index.ts"
import { Generator } from "../src/random/index.ts"
import { type Rows, vocabularySize as vocabulary, windowRows } from "./rows.ts"

export { vocabularySize as vocabulary } from "./rows.ts"
export const context = 8
export const embedding = 24
export const hidden = 128
export const batchSize = 32

export const lectureRows = (): Promise<Rows> => windowRows(context)

/** The matrices (inputs, outputs), in the order in which the lecture draws them, and the batches drawn after them. */
export function lectureStart(count: number): { matrices: Float32Array[]; batches: Batches } {
  const generator = new Generator(42)
  const draw = (inputs: number, outputs: number, scale: number) =>
    generator.randn(inputs * outputs).map((value) => value * scale)
  const matrices = [
    draw(vocabulary, embedding, 1),
    draw(2 * embedding, hidden, 1 / Math.sqrt(2 * embedding)),
    draw(2 * hidden, hidden, 1 / Math.sqrt(2 * hidden)),
    draw(2 * hidden, hidden, 1 / Math.sqrt(2 * hidden)),
    draw(hidden, vocabulary, 0.1 / Math.sqrt(hidden)),
  ]
  return { matrices, batches: uniformBatches(generator, count, batchSize) }
}
