/** The embedding of the symbols: a row of numbers for each; of many symbols, for the most frequent. */
import { principalComponents } from "../../../../src/charts/principal-components.ts"
import { Embedding } from "../../../../src/nn/embedding.ts"
import type { Corpus } from "../../../../src/runs/corpora/corpus.ts"
import { type Live, requireNetwork } from "../live.ts"

export interface EmbeddingRows {
  readonly step: number
  /** Its path in the network; missing if the network has none. */
  readonly path?: string
  /** The numbers of a symbol. */
  readonly width: number
  /** The symbols of the rows. Some networks have a further row, for the blank before the start. */
  readonly ids: readonly number[]
  /** By row, row-major. */
  readonly numbers: Float32Array
  /** By row, two numbers each: where it lies along the two directions in which the symbols differ most. */
  readonly components: Float32Array
  /** The part of the variance that lies along both. */
  readonly explained: number
}

/** More points than this hide each other. */
const MOST = 200

export function embedding(live: Live, _: Record<string, never>): EmbeddingRows {
  const found = requireNetwork(live)
    .namedModules()
    .find(([, module]) => module instanceof Embedding)
  const { step } = live
  const none = new Float32Array(0)
  if (!found) return { step, width: 0, ids: [], numbers: none, components: none, explained: 0 }
  const [path, module] = found
  const { weight } = module as Embedding
  const [count, width] = weight.shape
  const ids = count > MOST ? frequent(live.corpus) : Array.from({ length: count }, (_, id) => id)
  const rows = ids.map((id) => Array.from(weight.data.subarray(id * width, (id + 1) * width)))
  const { points, explained } = principalComponents(rows, 2)
  return {
    ...{ step, path, width, ids },
    numbers: Float32Array.from(rows.flat()),
    components: Float32Array.from(points.flat()),
    explained: explained.reduce((sum, part) => sum + part, 0),
  }
}

const known = new WeakMap<Corpus, readonly number[]>()

/** The most frequent symbols of the training part. */
function frequent(corpus: Corpus): readonly number[] {
  const found = known.get(corpus)
  if (found) return found
  const counts = new Float64Array(corpus.vocabulary.size)
  for (const sequence of corpus.sequences("train"))
    for (let k = 0; k < sequence.length; k++) counts[sequence[k]]++
  const ids = Array.from(counts.keys())
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, MOST)
  known.set(corpus, ids)
  return ids
}
