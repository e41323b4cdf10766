/** What the network makes of one context: the output of every layer, and the probabilities of the next symbol. */
import { STOP } from "../../../../src/data/vocabulary.ts"
import { type LayerOutput, look as lookInside } from "../../../../src/models/look.ts"
import { type Live, requireNetwork } from "../live.ts"

export interface Look {
  readonly step: number
  /** The symbols that were read, by id; a model of windows is filled up with the stop at the front. */
  readonly ids: readonly number[]
  readonly layers: readonly (Omit<LayerOutput, "values"> & { readonly values: Float32Array })[]
  /** Of the symbol after the context, by id. */
  readonly probabilities: Float32Array
}

/** @param label The number of the label that the model is conditioned on. */
export function look(live: Live, { context, label = 0 }: { context: string; label?: number }): Look {
  const network = requireNetwork(live)
  const { vocabulary, condition } = live.corpus
  const known = Array.from(context).filter((symbol) => vocabulary.symbols.includes(symbol))
  const symbols = Array.from(vocabulary.encode(known.join("")))
  const { contextLength: T, reads } = network
  // A sequence begins with the stop, and its later positions are not looked at.
  const begun = reads === "windows" ? symbols.slice(-T) : [STOP, ...symbols].slice(-T)
  const padding = new Array<number>(T - begun.length).fill(STOP)
  const ids = reads === "windows" ? [...padding, ...begun] : [...begun, ...padding]
  const layers = lookInside(network, ids, condition && { label })
  const logits = layers.at(-1)!.values
  const V = vocabulary.size
  const at = reads === "windows" ? 0 : begun.length - 1
  return {
    step: live.step,
    ids,
    layers: layers.map(({ values, ...layer }) => ({ ...layer, values: Float32Array.from(values) })),
    probabilities: softmax(logits.subarray(at * V, (at + 1) * V)),
  }
}

function softmax(logits: Float64Array): Float32Array {
  const most = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return Float32Array.from(powers, (power) => power / sum)
}
