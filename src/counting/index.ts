/** Models fitted by counting: n-grams, the baseline for every network, and mixtures of the two. */

export { NGramClassifier } from "./classifier.ts"
export type { Sequence } from "./gram-table.ts"
export { Mixture } from "./mixture.ts"
export { NGram, type NGramState } from "./ngram.ts"
