/**
 * What every contender of the lecture's step starts from: the windows of names.txt's training part, initial values and
 * then batches from PyTorch's stream seeded with 42. Where MAKEWAVE_DATA has no names.txt, ids at random take the place of
 * the names: a step of the same shapes takes the same time.
 * Source: makemore part 5, cells 2 to 10.
 */

import { existsSync } from "node:fs"
import { join } from "node:path"
import { type Batches, loadText, split, uniformBatches, Vocabulary, windows } from "../src/data/index.ts"
import { Generator } from "../src/random/index.ts"

export const context = 8
export const embedding = 24
export const hidden = 128
export const batchSize = 32
export const vocabulary = 27

export type Rows = {
  readonly inputs: Int32Array // (N, 8)
  readonly targets: Int32Array // (N)
  readonly count: number
  readonly source: "names.txt" | "random ids"
}

export async function lectureRows(): Promise<Rows> {
  const folder = process.env.MAKEWAVE_DATA
  const file = folder && join(folder, "names.txt")
  if (!file || !existsSync(file)) return randomRows()
  const text = await loadText(file)
  const { inputs, targets, count } = windows(split(text).train.lines, Vocabulary.from(text.lines), context)
  return { inputs, targets, count, source: "names.txt" }
}

function randomRows(): Rows {
  const count = 182_625
  const ids = new Generator(1).randint(0, vocabulary, count * (context + 1))
  const inputs = new Int32Array(count * context)
  const targets = new Int32Array(count)
  for (let row = 0; row < count; row++) {
    const start = row * (context + 1)
    inputs.set(ids.subarray(start, start + context), row * context)
    targets[row] = ids[start + context]
  }
  return { inputs, targets, count, source: "random ids" }
}

/** Matrices as (inputs, outputs), in the order in which the lecture draws them, and the batches that follow. */
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
