/** What is asked of a sample, as the ids that a model reads and those that it never draws. */
import { neverDrawn } from "../../data/tokenizers/tokenizer.ts"
import { bare, tokensOf } from "../../data/tokenizers/words-and-marks.ts"
import { told, UserError } from "../../errors.ts"
import type { TrainedModel } from "../trained-model.ts"

/** A prompt as ids. A notice names its words that are unknown to the model; a UserError if it knows none. */
export function promptOf(
  prompt: string,
  { folder, vocabulary }: Pick<TrainedModel<unknown>, "folder" | "vocabulary">,
  notice: (sentence: string) => void,
): number[] {
  const ids = Array.from(vocabulary.encode(prompt))
  if (vocabulary.unknown === undefined) return ids
  const words = [...tokensOf(prompt.normalize("NFC"))].map(bare)
  const unknown = words.filter((_, k) => ids[k] === vocabulary.unknown)
  if (unknown.length === 0) return ids
  if (unknown.length === ids.length)
    throw new UserError(
      `--prompt ${told(prompt)}: ${folder} knows no word of it: give one that is in its data`,
    )
  notice(
    `--prompt ${told(prompt)}: unknown to ${folder}, and read as ${vocabulary.symbols[vocabulary.unknown]}: ${[...new Set(unknown)].join(", ")}`,
  )
  return ids
}

/** The ids that are never drawn: that of the unknown word, unless it is asked for. A UserError where there is none to ask for. */
export function neverOf(
  unknown: boolean | undefined,
  { folder, vocabulary }: Pick<TrainedModel<unknown>, "folder" | "vocabulary">,
): number[] {
  if (!unknown) return neverDrawn(vocabulary)
  if (vocabulary.unknown === undefined)
    throw new UserError(`--unknown: ${folder} reads ${vocabulary.tokens} and knows all: leave it out`)
  return []
}
