/**
 * A judge of samples that are conditioned on a label: a classifier of n-gram counts of the training part. Its accuracy on real data is
 * the bar, for it errs, and some lines belong to several labels.
 */
import { NGramClassifier } from "../counting/classifier.ts"
import type { Sequence } from "../counting/gram-table.ts"
import { type Labels, labelNumbers } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"

export type Judge = ReturnType<typeof openJudge>

/** Counts the lines of the training part. Of the orders 2 to 7, 3 classifies the sex of makemore's names best. */
export function openJudge(
  training: Lines,
  { vocabulary, labels, order = 3 }: { vocabulary: Tokenizer; labels: Labels; order?: number },
) {
  const encoded = ({ lines }: Lines) => lines.map((line) => vocabulary.encode(line))
  const classifier = new NGramClassifier(encoded(training), labelNumbers(training, labels), {
    labels: labels.values.length,
    order,
    vocabularySize: vocabulary.size,
  })
  const taken = (sequences: readonly Sequence[], label: number) =>
    sequences.filter((sequence) => classifier.classify(sequence) === label).length / sequences.length
  return {
    /** Symbols of a gram. */
    order,
    /** The fraction of the sequences that it classifies as this label, by its number. */
    taken,
    /** The fraction of the lines that it classifies right, of all and of those of each label. */
    right(lines: Lines): { readonly all: number; readonly byLabel: readonly number[] } {
      const numbers = labelNumbers(lines, labels)
      const byLabel = Map.groupBy(encoded(lines), (_, k) => numbers[k])
      const parts = labels.values.map((_, label) => taken(byLabel.get(label) ?? [], label))
      const counted = parts.map((part, label) => (byLabel.has(label) ? part * byLabel.get(label)!.length : 0))
      return { all: counted.reduce((a, b) => a + b, 0) / numbers.length, byLabel: parts }
    },
  }
}
