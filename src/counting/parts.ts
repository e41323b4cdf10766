/** What a model that predicts symbols consists of: networks and n-grams, each with the weight of its probabilities. */
import type { Model } from "../models/model.ts"
import { Mixture } from "./mixture.ts"
import type { NGram } from "./ngram.ts"

export interface Part {
  readonly model: Model | NGram
  readonly weight: number
}

/** The parts of a model, whose weights are together `weight`. */
export function partsOf(model: Model | NGram | Mixture, weight = 1): Part[] {
  if (!(model instanceof Mixture)) return [{ model, weight }]
  return [
    { model: model.network, weight: weight * model.weight },
    { model: model.counts, weight: weight * (1 - model.weight) },
  ]
}
