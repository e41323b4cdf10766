/** A running text that a corpus gives as tokens, such as Brown, in place of characters. */

export interface TokenText {
  readonly name: string
  /** As they are written, in order. */
  readonly tokens: readonly string[]
  /** Where sentences, paragraphs and texts end: the number of tokens up to each end. */
  readonly sentenceEnds: Int32Array
  readonly paragraphEnds: Int32Array
  readonly textEnds: Int32Array
  /** Where the validation and the test part begin. */
  readonly cuts: readonly [number, number]
  /** Words that occur less often in the whole text are one. */
  readonly minCount: number
}

/** The sentences in order, with spaces between their tokens. */
export const sentencesOf = ({ tokens, sentenceEnds }: TokenText): string[] =>
  Array.from(sentenceEnds, (end, k) => tokens.slice(sentenceEnds[k - 1] ?? 0, end).join(" "))
