/**
 * From logits to the probabilities of the next symbol: temperature, top-k and top-p.
 * Source: makemore.py's generate; top-p: Holtzman et al. 2020, https://arxiv.org/abs/1904.09751, section 3.1.
 */
import { requireOptions, told, UserError } from "../errors.ts"

export interface Choice {
  /** Divides the logits: below 1 likely symbols become likelier, above 1 all become more alike; 0 takes the likeliest. */
  readonly temperature?: number
  /** Only the k likeliest symbols, and those as likely as the k-th. */
  readonly topK?: number
  /** Only the likeliest symbols that together have this probability. */
  readonly topP?: number
}

/** The names of a choice. */
export const choices = ["temperature", "topK", "topP"] as const satisfies (keyof Choice)[]

/** Throws a UserError for a value out of range. */
export function requireChoice({ temperature = 1, topK = 1, topP = 1 }: Choice): void {
  const refuse = (name: string, value: unknown, wanted: string) => {
    throw new UserError(`${name} ${told(value)}: ${wanted}`)
  }
  if (!(Number.isFinite(temperature) && temperature >= 0))
    refuse("temperature", temperature, "give a number of at least 0, such as 0.8; 0 takes the likeliest")
  if (!(Number.isSafeInteger(topK) && topK >= 1)) refuse("topK", topK, "give a whole number of at least 1")
  if (!(Number.isFinite(topP) && topP > 0 && topP <= 1))
    refuse("topP", topP, "give a number above 0 and at most 1, such as 0.9")
}

/** Logits (V) -> probabilities (V), each rounded to float32 as in PyTorch's softmax. Throws a UserError for logits that are none. */
export function probabilities(logits: Float32Array, choice: Choice = {}): Float32Array {
  requireOptions("probabilities", choice, choices)
  requireChoice(choice)
  const { temperature = 1, topK, topP } = choice
  const isList = Array.isArray(logits) || ArrayBuffer.isView(logits)
  const largest = isList ? logits.reduce((a, b) => Math.max(a, b), -Infinity) : Number.NaN
  if (!Number.isFinite(largest))
    throw new UserError(`logits ${told(isList ? [...logits] : logits)}: give a number for each symbol`)
  if (Math.fround(temperature) === 0) {
    const first = logits.indexOf(largest)
    return logits.map((_, v) => Number(v === first))
  }
  const weights = new Float64Array(logits).map((logit) => Math.exp((logit - largest) / temperature))
  if (topK !== undefined && topK < weights.length) {
    const least = weights.toSorted()[weights.length - topK]
    for (let v = 0; v < weights.length; v++) if (weights[v] < least) weights[v] = 0
  }
  if (topP !== undefined && topP < 1) {
    const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a])
    const wanted = topP * total(weights)
    let sofar = 0
    for (const v of order) {
      if (sofar >= wanted) weights[v] = 0
      else sofar += weights[v]
    }
  }
  const sum = total(weights)
  return new Float32Array(weights.map((weight) => weight / sum))
}

const total = (numbers: Float64Array): number => numbers.reduce((a, b) => a + b, 0)
