/** What the network makes of one context: the output of every layer, and the probabilities of the next symbol. */
import { characters } from "../../../../src/data/characters.ts"
import { STOP } from "../../../../src/data/tokenizers/tokenizer.ts"
import { type LayerOutput, observe } from "../../../../src/models/look.ts"
import type { Model } from "../../../../src/models/model.ts"
import type { Corpus } from "../../../../src/runs/corpora/corpus.ts"
import { probabilities } from "../../../../src/sampling/probabilities.ts"
import { type Live, requireNetwork } from "../live.ts"

type Output = Omit<LayerOutput, "values"> & { readonly values: Float32Array }

export interface Look {
  readonly step: number
  /**
   * The symbols that were read, by id: a sequence from the stop on, or a window, filled up with the stop at the front. A passage of a running
   * text begins with a line end.
   */
  readonly ids: readonly number[]
  /** What of the context the vocabulary does not have; it is left out. */
  readonly missing: readonly string[]
  /** The id of the words that the vocabulary does not have. */
  readonly unknown?: number
  /** The outputs of all modules, and the states of recurrent cells. */
  readonly layers: readonly Output[]
  /** How much each position reads of each, (1, heads, T, T), for each module of attention. */
  readonly attention: readonly Output[]
  /** Of the symbol after the context, by id. */
  readonly probabilities: Float32Array
}

/**
 * @param context Symbols of text. A model of sound reads a moment of its data.
 * @param label The number of the label that the model is conditioned on.
 */
export function look(live: Live, { context, label = 0 }: { context: string; label?: number }): Look {
  const network = requireNetwork(live)
  const { vocabulary, condition } = live.corpus
  const isSound = live.run.config.recipe.sampleRate !== undefined
  const missing = isSound ? [] : vocabulary.missing(context)
  const known = characters(context).filter((symbol) => !missing.includes(symbol))
  const ids = isSound ? momentOf(live) : idsOf(known.join(""), live.corpus, network)
  const { outputs, attention } = observe(network, ids, condition && { label })
  const logits = Float32Array.from(outputs.at(-1)!.values.slice(-vocabulary.size))
  if (live.corpus.isEndless) logits[STOP] = -Infinity
  return {
    step: live.step,
    ids,
    missing,
    unknown: vocabulary.unknown,
    layers: outputs.map(inFloats),
    attention: attention.map(inFloats),
    probabilities: probabilities(logits),
  }
}

function idsOf(context: string, corpus: Corpus, { contextLength: T, reads }: Model): number[] {
  const { vocabulary, isEndless } = corpus
  const symbols = Array.from(vocabulary.encode(context))
  // A passage of a running text begins where a line does.
  const lineEnd = isEndless ? vocabulary.symbols.indexOf("\n", 1) : -1
  const before = lineEnd > 0 ? lineEnd : STOP
  if (reads === "sequences") return [before, ...symbols].slice(-T)
  const begun = [before, ...symbols].slice(-T)
  return [...new Array<number>(T - begun.length).fill(STOP), ...begun]
}

/** The levels of a moment are as many as the nodes that are drawn side by side. */
const MOMENT = 16

const moments = new WeakMap<object, number[]>()

/** Some levels from the middle of the first sound. */
function momentOf({ corpus }: Live): number[] {
  const known = moments.get(corpus)
  if (known) return known
  const [levels] = corpus.sequences("train")
  const middle = Math.floor(levels.length / 2)
  const moment = Array.from(levels.slice(middle, middle + MOMENT))
  moments.set(corpus, moment)
  return moment
}

const inFloats = ({ values, ...output }: LayerOutput): Output => ({
  ...output,
  values: Float32Array.from(values),
})
