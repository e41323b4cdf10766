/** The parts of split data: their sizes, which of them an evaluation reports on, losses in another unit, and unknown words. */
import type { Sequence } from "../../counting/gram-table.ts"
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts"
import { UserError } from "../../errors.ts"
import type { Corpus, Part, UnknownWords } from "./corpus.ts"

export const sizesOf = <P>(
  parts: Readonly<Record<Part, P>>,
  sizeOf: (part: P) => number,
): Corpus["sizes"] => ({
  train: sizeOf(parts.train),
  validation: sizeOf(parts.validation),
  test: sizeOf(parts.test),
})

/** The parts asked for, by default the training part and, if there is one, the validation part. A UserError for one that is empty. */
export function partsToEvaluate(
  asked: readonly Part[] | undefined,
  { sizes, split }: { sizes: Corpus["sizes"]; split: string },
): readonly Part[] {
  const empty = asked?.find((part) => sizes[part] === 0)
  if (empty !== undefined) {
    const others = (Object.keys(sizes) as Part[]).filter((part) => sizes[part] > 0)
    throw new UserError(
      `--part ${empty}: the run has none (--split ${split}): give ${others.join(" or ")}, or other lines with --data`,
    )
  }
  return asked ?? (["train", "validation"] as const).filter((part) => sizes[part] > 0)
}

/** Losses of parts of a running text, in nats per symbol, as bits per character; undefined for other data. */
export function bitsPerCharacter(
  { characters, sizes }: Pick<Corpus, "characters" | "sizes">,
  losses: Readonly<Partial<Record<Part, number>>>,
): Partial<Record<Part, number>> | undefined {
  if (!characters) return undefined
  const parts = (Object.keys(characters) as Part[]).filter((part) => losses[part] !== undefined)
  return Object.fromEntries(
    parts.map((part) => [part, (losses[part]! * sizes[part]) / characters[part] / Math.LN2]),
  )
}

/** Undefined where no symbol is unknown, as of characters. */
export function unknownIn(
  sequences: Iterable<Sequence>,
  { unknown: id }: Pick<Tokenizer, "unknown">,
): UnknownWords | undefined {
  if (id === undefined) return undefined
  let [unknown, words] = [0, 0]
  for (const sequence of sequences)
    for (let k = 0; k < sequence.length; k++, words++) if (sequence[k] === id) unknown++
  return { unknown, words }
}
