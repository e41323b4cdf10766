/** Models fitted by counting: n-grams, the baseline for every network, and averages of both kinds. */

export { NGramClassifier } from "./classifier.ts"
export { Ensemble, type Member } from "./ensemble.ts"
export type { Sequence } from "./gram-table.ts"
export { Mixture } from "./mixture.ts"
export { NGram, type NGramState } from "./ngram.ts"
