/**
 * Training data for benchmarks: the training part of names.txt in the folder MAKEWAVE_DATA, or random ids of the same shapes, for
 * which a step takes as long.
 */

import { existsSync } from "node:fs"
import { join } from "node:path"
import {
  type Dataset,
  IGNORED,
  loadText,
  STOP,
  sequences,
  split,
  Vocabulary,
  windows,
} from "../src/data/index.ts"
import { Generator } from "../src/random/index.ts"

export type Rows = Pick<Dataset, "inputs" | "targets"> & {
  /** For the notes: "names.txt" or its replacement. */
  readonly source: string
}

export const vocabularySize = 27
const randomIds = "random ids"

/** One row per position of each name: a context and the next symbol. */
export async function windowRows(contextLength: number): Promise<Rows> {
  const names = await trainingNames()
  if (names) return { ...windows(names.lines, names.vocabulary, contextLength), source: "names.txt" }

  const count = 182_625
  const ids = new Generator(1).randint(0, vocabularySize, count * (contextLength + 1))
  const inputs = new Int32Array(count * contextLength)
  const targets = new Int32Array(count)
  for (let row = 0; row < count; row++) {
    const start = row * (contextLength + 1)
    inputs.set(ids.subarray(start, start + contextLength), row * contextLength)
    targets[row] = ids[start + contextLength]
  }
  return randomRows(inputs, [count, contextLength], targets, [count])
}

/** One row per name, with the next symbol as each position's target; IGNORED after the stop. */
export async function sequenceRows(contextLength: number): Promise<Rows> {
  const names = await trainingNames()
  if (names) return { ...sequences(names.lines, names.vocabulary, contextLength), source: "names.txt" }

  const count = 25_626
  const generator = new Generator(1)
  const letters = generator.randint(1, vocabularySize, count * contextLength)
  const lengths = generator.randint(2, contextLength, count)
  const inputs = new Int32Array(count * contextLength)
  const targets = new Int32Array(count * contextLength).fill(IGNORED)
  for (let row = 0; row < count; row++) {
    const start = row * contextLength
    const name = letters.subarray(start, start + lengths[row])
    inputs.set(name, start + 1)
    targets.set(name, start)
    targets[start + name.length] = STOP
  }
  return randomRows(inputs, [count, contextLength], targets)
}

/** Consecutive crops of noise, with the next level as each position's target. */
export function noiseRows(contextLength: number, levels: number): Rows {
  const count = 16
  const sound = new Generator(1).randint(0, levels, count * contextLength + 1)
  return randomRows(sound.slice(0, -1), [count, contextLength], sound.slice(1))
}

const randomRows = (inputs: Int32Array, shape: number[], targets: Int32Array, targetShape = shape): Rows => ({
  inputs: { data: inputs, shape },
  targets: { data: targets, shape: targetShape },
  source: randomIds,
})

async function trainingNames(): Promise<{ lines: readonly string[]; vocabulary: Vocabulary } | undefined> {
  const folder = process.env.MAKEWAVE_DATA
  const file = folder && join(folder, "names.txt")
  if (!file || !existsSync(file)) return undefined
  const text = await loadText(file)
  return { lines: split(text).train.lines, vocabulary: Vocabulary.from(text.lines) }
}
