/** The bars that a network has to pass, without any training: every symbol alike, and what follows a symbol by count. */
import { NGram } from "../counting/ngram.ts"
import type { PreparedData } from "../runs/prepare.ts"

/** Losses in nats. */
export interface Baseline {
  readonly name: string
  readonly train: number
  readonly validation: number
}

export function baselines(data: PreparedData): Baseline[] {
  const { vocabulary } = data
  const uniform = Math.log(vocabulary.size)
  if ("clips" in data)
    return [{ name: `uniform, ln ${vocabulary.size}`, train: uniform, validation: uniform }]
  const { parts } = data
  const [train, validation] = [parts.train, parts.validation].map(({ lines }) =>
    lines.map((line) => vocabulary.encode(line)),
  )
  const bigram = new NGram({ order: 2, vocabularySize: vocabulary.size }).fit(train)
  return [
    { name: "uniform", train: uniform, validation: uniform },
    { name: "bigram", train: bigram.loss(train), validation: bigram.loss(validation) },
  ]
}
