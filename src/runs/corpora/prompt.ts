/** The prompt of a sample as the ids that a model reads. */
import { plural } from "../../data/text.ts"
import { told, UserError } from "../../errors.ts"
import type { TrainedModel } from "../trained-model.ts"

/** A prompt as ids. A notice names its words that are unknown to the model; a UserError if it knows none. */
export function promptOf(
  prompt: string,
  { folder, vocabulary }: Pick<TrainedModel<unknown>, "folder" | "vocabulary">,
  notice: (sentence: string) => void,
): number[] {
  const ids = Array.from(vocabulary.encode(prompt))
  const unknown = ids.filter((id) => id === vocabulary.unknown).length
  if (unknown === 0) return ids
  if (unknown === ids.length)
    throw new UserError(
      `--prompt ${told(prompt)}: ${folder} knows no word of it: give one that is in its data`,
    )
  notice(
    `--prompt ${told(prompt)}: ${plural(unknown, "word")} of it, which ${folder} does not know, ${unknown === 1 ? "is" : "are"} read as ${vocabulary.symbols[vocabulary.unknown!]}`,
  )
  return ids
}
