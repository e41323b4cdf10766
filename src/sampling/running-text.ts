/**
 * Writes running text: one symbol after another, without end. A text begins where a line begins; so that the model does not have to
 * begin with nothing before it, which it hardly saw in its training, it first writes some lines that nobody gets to see.
 */
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import type { Generator } from "../random/torch.ts"
import { type Choice, probabilities, requireChoice } from "./probabilities.ts"
import { requireGenerator, requireSymbols } from "./sampler.ts"
import type { TextReader } from "./text-reader.ts"

export interface RunningTextOptions extends Choice {
  /** By default the one that `manualSeed` seeds, as in PyTorch. */
  readonly generator?: Generator
  /** The symbols that the text continues, which begin a line; they are no part of what is written. */
  readonly prompt?: ArrayLike<number>
  /** The symbol that ends a line, if there is one. */
  readonly lineEnd?: number
  /** The least number of symbols that are written unseen before the text; as many as the model looks back on make a beginning like any other. */
  readonly unseen?: number
  /** Symbols that are never drawn, besides the stop. */
  readonly never?: readonly number[]
  /** V, the number of symbols. */
  readonly vocabularySize: number
}

/** The least symbols that a model writes unseen before a text. */
export const unseenOf = ({ contextLength = 1 }: { readonly contextLength?: number }): number =>
  Math.max(64, contextLength)

/** After so many more unseen symbols the text begins within a line. */
const PATIENCE = 500

/** The symbols of a text, without end. */
export async function* runningText(
  reader: TextReader,
  {
    generator = defaultGenerator,
    prompt = [],
    lineEnd,
    unseen = 0,
    never = [],
    vocabularySize: V,
    ...choice
  }: RunningTextOptions,
): AsyncGenerator<number, never> {
  requireChoice(choice)
  requireGenerator(generator)
  requireSymbols("prompt", prompt, { from: STOP + 1, V })
  const read = await reader.begin()
  let logits = await read(lineEnd ?? STOP)
  const draw = async (): Promise<number> => {
    for (const id of [STOP, ...never]) logits[id] = -Infinity
    const [symbol] = generator.multinomial(probabilities(logits, choice), 1)
    logits = await read(symbol)
    return symbol
  }
  for (let written = 0; written < unseen + PATIENCE; written++) {
    const symbol = await draw()
    if (written >= unseen && (lineEnd === undefined || symbol === lineEnd)) break
  }
  for (let k = 0; k < prompt.length; k++) logits = await read(prompt[k])
  for (;;) yield await draw()
}
