/** Models that only count: n-grams, the bar for every network. */

export { NGramClassifier } from "./classifier.ts"
export type { Sequence } from "./gram-table.ts"
export { NGram, type NGramState } from "./ngram.ts"
