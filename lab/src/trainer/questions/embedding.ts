/** The embedding of the symbols: a row of numbers for each. */
import { principalComponents } from "../../../../src/charts/principal-components.ts"
import { Embedding } from "../../../../src/nn/embedding.ts"
import { type Live, requireNetwork } from "../live.ts"

export interface EmbeddingRows {
  readonly step: number
  /** Its path in the network; missing if the network has none. */
  readonly path?: string
  /** The numbers of a symbol. */
  readonly width: number
  /** By symbol, row-major. Some networks have a further row, for the blank before the start. */
  readonly numbers: Float32Array
  /** By symbol, two numbers each: where it lies along the two directions in which the symbols differ most. */
  readonly components: Float32Array
  /** The part of the variance that lies along both. */
  readonly explained: number
}

export function embedding(live: Live, _: Record<string, never>): EmbeddingRows {
  const found = requireNetwork(live)
    .namedModules()
    .find(([, module]) => module instanceof Embedding)
  const { step } = live
  const none = new Float32Array(0)
  if (!found) return { step, width: 0, numbers: none, components: none, explained: 0 }
  const [path, module] = found
  const { weight } = module as Embedding
  const [count, width] = weight.shape
  const rows = Array.from({ length: count }, (_, k) =>
    Array.from(weight.data.subarray(k * width, (k + 1) * width)),
  )
  const { points, explained } = principalComponents(rows, 2)
  return {
    ...{ step, path, width },
    numbers: Float32Array.from(weight.data),
    components: Float32Array.from(points.flat()),
    explained: explained.reduce((sum, part) => sum + part, 0),
  }
}
