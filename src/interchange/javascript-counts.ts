/**
 * The n-grams in a model's JavaScript file: the lines that were counted, which are the shortest form of their counts, and the counting and
 * smoothing of src/counting, on a tree of contexts.
 */
import { NGram } from "../counting/ngram.ts"
import { Vocabulary } from "../data/tokenizers/characters.ts"
import { UserError } from "../errors.ts"
import { literal } from "./javascript-sampling.ts"

/** The part of the file that computes `counted(ids)`: the probabilities (V) of the symbol that follows. */
export const countsPart = (
  order: number,
  lines: readonly string[],
): string => `/** The lines that were counted. */
const lines = ${literal(lines.toSorted().join("\n"))}.split("\\n")

/** The probabilities of the symbol that follows these ids, by how often it followed the last ${order - 1} of them. */
function counted(ids) {
  contexts ??= count(${order})
  const p = new Float64Array(symbols.length).fill(1 / symbols.length)
  let context = contexts.shortest
  for (let length = 1; context; length++) {
    const { following, times } = context
    const discounts = contexts.discounts[length - 1]
    const total = sum(times)
    const backoff = sum(times.map((each) => discounts[Math.min(each, 3)])) / total
    for (let id = 0; id < p.length; id++) p[id] *= backoff
    following.forEach((id, k) => { p[id] += (times[k] - discounts[Math.min(times[k], 3)]) / total })
    context = context.longer[context.older.indexOf(ids[ids.length - length] ?? 0)]
  }
  return p
}

let contexts

/**
 * A tree of contexts: from each to those with one older symbol, down to \`order\` - 1 symbols; and the discounts of each length.
 * Modified Kneser-Ney smoothing: https://doi.org/10.1006/csla.1999.0128
 */
function count(order) {
  const create = () => ({ following: [], times: [], older: [], longer: [] })
  const shortest = create()
  /** For each length the number of counts of 0 to 4, and of more. */
  const counts = Array.from({ length: order }, () => [0, 0, 0, 0, 0, 0])
  const path = [shortest]
  for (const line of lines) {
    const ids = [...encode(line), 0]
    for (let at = 0; at < ids.length; at++) {
      for (let length = 1; length < order; length++) {
        const { older, longer } = path[length - 1]
        const id = ids[at - length] ?? 0
        let k = older.indexOf(id)
        if (k < 0) {
          k = older.push(id) - 1
          longer.push(create())
        }
        path[length] = longer[k]
      }
      // Shorter contexts count how many different symbols precede them and this one.
      for (let length = order - 1; length >= 0; length--) {
        const { following, times } = path[length]
        let k = following.indexOf(ids[at])
        if (k < 0) k = following.push(ids[at]) - 1
        const before = times[k] ?? 0
        times[k] = before + 1
        counts[length][Math.min(before, 5)]--
        counts[length][Math.min(before + 1, 5)]++
        if (before > 0) break
      }
    }
  }
  return { shortest, discounts: counts.map(discountsOf) }
}

/** What is taken from counts of 0, 1, 2, and 3 or more, from how many counts there are of each. */
function discountsOf(n) {
  const y = n[1] / (n[1] + 2 * n[2])
  const estimated = [1, 2, 3].map((k) => k - (k + 1) * y * (n[k + 1] / n[k]))
  return [0, ...(estimated.every((discount, i) => discount > 0 && discount < i + 1) ? estimated : [0.5, 1, 1.5])]
}`

/** Throws a UserError unless counting these lines gives the model's counts. */
export function requireCounted(
  model: NGram,
  symbols: readonly string[],
  lines: readonly string[] | undefined,
): void {
  if (lines === undefined)
    throw new UserError(
      "toJavaScript: a model that counts is written as the lines that it counted: give them as counted",
    )
  const vocabulary = Vocabulary.fromJSON(symbols.slice(1), { name: "symbols" })
  const { order, vocabularySize } = model
  const again = new NGram({ order, vocabularySize }).fit(lines.map((line) => vocabulary.encode(line)))
  const [own, others] = [model, again].map((each) => each.stateDict())
  for (const [name, { data }] of Object.entries(own))
    if (data.length !== others[name].data.length || data.some((number, i) => number !== others[name].data[i]))
      throw new UserError(
        "toJavaScript: counted: the model has other counts than these lines: give those that it was fitted to",
      )
}
