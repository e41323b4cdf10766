/**
 * The n-grams in a model's JavaScript file: the lines that were counted, which are the shortest form of their counts, and the counting and
 * smoothing of src/counting, on a tree of contexts.
 */
import { NGram } from "../counting/ngram.ts"
import { Vocabulary } from "../data/vocabulary.ts"
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
  tree ??= count(${order})
  const p = new Float64Array(symbols.length).fill(1 / symbols.length)
  for (let context = tree, length = 1; context; length++) {
    const { following, total, discounts, backoff } = context
    for (let id = 0; id < p.length; id++) p[id] *= backoff
    for (const [id, times] of following) p[id] += (times - discounts[Math.min(times, 3)]) / total
    context = context.longer.get(ids[ids.length - length] ?? 0)
  }
  return p
}

let tree

/**
 * A tree of the contexts of less than \`order\` symbols: from each to those with one older symbol. Its counts are smoothed by modified
 * Kneser-Ney: https://doi.org/10.1006/csla.1999.0128
 */
function count(order) {
  const context = () => ({ following: new Map(), longer: new Map() })
  const root = context()
  for (const line of lines) {
    const ids = [...encode(line), 0]
    for (const [at, id] of ids.entries()) {
      const path = [root]
      for (let length = 1; length < order; length++) {
        const { longer } = path[length - 1]
        const older = ids[at - length] ?? 0
        if (!longer.has(older)) longer.set(older, context())
        path.push(longer.get(older))
      }
      // Shorter contexts count how many different symbols precede them and this one.
      for (const { following } of path.reverse()) {
        const times = following.get(id) ?? 0
        following.set(id, times + 1)
        if (times > 0) break
      }
    }
  }
  for (let contexts = [root]; contexts.length > 0; contexts = contexts.flatMap(({ longer }) => [...longer.values()])) {
    const discounts = discountsOf(contexts)
    for (const context of contexts) {
      const times = [...context.following.values()]
      context.total = sum(times)
      context.discounts = discounts
      context.backoff = sum(times.map((each) => discounts[Math.min(each, 3)])) / context.total
    }
  }
  return root
}

/** What is taken from counts of 0, 1, 2, and 3 or more. */
function discountsOf(contexts) {
  const n = [0, 0, 0, 0, 0]
  for (const { following } of contexts) for (const times of following.values()) if (times <= 4) n[times]++
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
