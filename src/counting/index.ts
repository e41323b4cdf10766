/** Models fitted by counting: n-grams, the baseline for every network. */

export { NGramClassifier } from "./classifier.ts"
export type { Sequence } from "./gram-table.ts"
export { NGram, type NGramState } from "./ngram.ts"
