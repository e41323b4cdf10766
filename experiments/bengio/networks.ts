/**
 * The networks of table 1 of Bengio et al. 2003, and the words of the Brown corpus as ids. Rows 2, 4, 6, 8 and 10 of the table are mixtures
 * of the same networks with the trigram. Source: https://jmlr.org/papers/v3/bengio03a.html, section 4
 */
import { loadBrown } from "../../src/data/brown.ts"
import { type Dataset, IGNORED } from "../../src/data/dataset.ts"
import { rowsInOrder, type Stretch } from "../../src/data/running-rows.ts"
import { MLP } from "../../src/models/mlp.ts"

/** n: words of an n-gram; h: hidden units; m: features of a word; direct: connections from the features to the output. */
export const networks = {
  MLP1: { n: 5, h: 50, m: 60, direct: true },
  MLP3: { n: 5, h: 0, m: 60, direct: true },
  MLP5: { n: 5, h: 50, m: 30, direct: true },
  MLP7: { n: 3, h: 50, m: 30, direct: true },
  MLP9: { n: 5, h: 100, m: 30, direct: false },
} as const

export type NetworkName = keyof typeof networks

/** The id of all words that are seen less often than the text says. Id 0 stands before the text. */
export const RARE = 1

export interface Words {
  readonly ids: Int32Array
  readonly vocabularySize: number
  readonly train: Stretch
  readonly validation: Stretch
}

export async function brownWords(): Promise<Words> {
  const { tokens, cuts, minCount } = await loadBrown()
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  const idOf = new Map<string, number>()
  for (const [word, count] of counts) if (count >= minCount) idOf.set(word, idOf.size + 2)
  return {
    ids: Int32Array.from(tokens, (token) => idOf.get(token) ?? RARE),
    vocabularySize: idOf.size + 2,
    train: { from: 0, to: cuts[0] },
    validation: { from: cuts[0], to: cuts[1] },
  }
}

export function makeNetwork(
  name: NetworkName,
  vocabularySize: number,
  { dropout, embeddingStd }: { readonly dropout: number; readonly embeddingStd: number },
): MLP {
  const { n, h, m, direct } = networks[name]
  return new MLP({
    ...{ vocabularySize, contextLength: n - 1, embedding: m, embeddingStd },
    ...{ hidden: h, directConnections: direct, dropout: h === 0 ? 0 : dropout },
  })
}

/** The words that a row predicts. It begins with as many more as the first of them needs to see. */
const PREDICTED = 253

/** The last words of the training part that fill no row are left out. */
export function trainingRows({ ids, train }: Words, { contextLength }: MLP): Dataset {
  const warmUp = contextLength - 1
  const inputs = new Int32Array(contextLength + train.to)
  inputs.set(ids.subarray(train.from, train.to), contextLength)
  const targets = new Int32Array(inputs.length).fill(IGNORED)
  targets.set(ids.subarray(train.from, train.to), contextLength - 1)
  const length = PREDICTED + warmUp
  const starts = Int32Array.from(
    { length: Math.floor((inputs.length - warmUp) / PREDICTED) },
    (_, row) => row * PREDICTED,
  )
  const shape = [starts.length, length]
  return { inputs: { data: inputs, shape, starts }, targets: { data: targets, shape, starts, warmUp } }
}

/** Each word once, in order, with all that the network sees of the words before it. */
export const rowsOf = ({ ids }: Words, { contextLength }: MLP, stretch: Stretch): Dataset =>
  rowsInOrder(ids, {
    ...{ reads: "sequences", ...stretch },
    ...{ length: PREDICTED + contextLength - 1, warmUp: contextLength - 1 },
  })
