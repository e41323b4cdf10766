/** The parts of split data: their sizes, and which of them an evaluation reports on. */
import { UserError } from "../../errors.ts"
import type { Corpus, Part } from "./corpus.ts"

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
