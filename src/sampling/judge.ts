/**
 * Whether what a model makes for a label is taken for it, by a judge that only counts: an n-gram model of each label in the training
 * part. What it makes of real things is the bar, for a judge errs, and some things are of several labels.
 */
import { NGramClassifier } from "../counting/classifier.ts"
import type { Sequence } from "../counting/gram-table.ts"
import { type Labels, labelNumbers } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import type { Vocabulary } from "../data/vocabulary.ts"

export interface Judge {
  /** Symbols of a gram. */
  readonly order: number
  /** The part of the sequences that it takes for this label, by its number. */
  taken(sequences: readonly Sequence[], label: number): number
  /** The part of the lines that it takes for what they are, of all and of those of each label. */
  right(lines: Lines): { readonly all: number; readonly byLabel: readonly number[] }
}

/** Counts the lines of the training part. Of the orders 2 to 7, 3 tells the sex of makemore's names best. */
export function openJudge(
  training: Lines,
  { vocabulary, labels, order = 3 }: { vocabulary: Vocabulary; labels: Labels; order?: number },
): Judge {
  const encoded = ({ lines }: Lines) => lines.map((line) => vocabulary.encode(line))
  const classifier = new NGramClassifier(encoded(training), labelNumbers(training, labels), {
    labels: labels.values.length,
    order,
    vocabularySize: vocabulary.size,
  })
  const taken = (sequences: readonly Sequence[], label: number) =>
    sequences.filter((sequence) => classifier.classify(sequence) === label).length / sequences.length
  return {
    order,
    taken,
    right(lines) {
      const numbers = labelNumbers(lines, labels)
      const byLabel = Map.groupBy(encoded(lines), (_, k) => numbers[k])
      const parts = labels.values.map((_, label) => taken(byLabel.get(label) ?? [], label))
      const counted = parts.map((part, label) => (byLabel.has(label) ? part * byLabel.get(label)!.length : 0))
      return { all: counted.reduce((a, b) => a + b, 0) / numbers.length, byLabel: parts }
    },
  }
}
