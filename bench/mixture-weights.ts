/**
 * Whether a mixture of networks and Kneser-Ney gets better when its weight depends on the context: a weight for each bucket of contexts,
 * as Jelinek & Mercer 1980 and Bengio et al. 2003 (section 4.2) have it, against one weight for all. Weights are fitted on every second
 * line of the validation part and measured on the others, and the other way round. The result is in docs/ensembles.md.
 *
 *     node bench/mixture-weights.ts runs/a,runs/b runs/c    the mean of a and b with 6-grams, then c with 6-grams
 */
import { table } from "../src/charts/table.ts"
import { averaged, type Member } from "../src/counting/ensemble.ts"
import type { Sequence } from "../src/counting/gram-table.ts"
import { fittedWeight, mixedLogProbability } from "../src/counting/mixture.ts"
import { NGram } from "../src/counting/ngram.ts"
import { openText } from "../src/runs/corpora/text-corpus.ts"
import { logProbabilitiesOf, meanLoss } from "../src/runs/log-probabilities.ts"
import { openAnyModel } from "../src/runs/open-model.ts"

const ORDER = 6

/** Fewer symbols of a bucket than this have the weight of all. */
const LEAST = 20

/** A symbol of the validation part: what stands before it, as far as the counts know it. */
interface Place {
  /** ln p of the networks and of the counts. */
  readonly ofNetworks: number
  readonly ofCounts: number
  /** The length of the longest context that was counted, and how often it was. */
  readonly length: number
  readonly count: number
  readonly half: 0 | 1
}

const doublings = (count: number): number => Math.floor(Math.log2(count))

const bucketings: Readonly<Record<string, (place: Place) => number>> = {
  "one weight": () => 0,
  "by count of the longest context": ({ count }) => doublings(count),
  "by its length": ({ length }) => length,
  "by both": ({ length, count }) => 100 * length + doublings(count),
  "by count, where it is 5 symbols long": ({ length, count }) => (length < ORDER - 1 ? -1 : doublings(count)),
}

/** From a line and a place in it to the longest context before it that was counted, and how often. */
function contextsOf(counts: NGram): (line: Sequence, at: number) => { length: number; count: number } {
  const state = counts.stateDict()
  const levels = Array.from({ length: ORDER }, (_, length) => {
    const of = (name: string) => state[`tables.${length}.${name}`].data as Int32Array
    const [starts, numbers] = [of("starts"), of("counts")]
    const total = (context: number) =>
      numbers.subarray(starts[context], starts[context + 1]).reduce((a, b) => a + b, 0)
    return { total, children: of("children"), oldest: of("oldest") }
  })
  return (line, at) => {
    let [length, context] = [0, 0]
    while (length < ORDER - 1) {
      const { children, oldest } = levels[length]
      const before = length < at ? line[at - length - 1] : 0
      const place = oldest.subarray(children[context], children[context + 1]).indexOf(before)
      if (place < 0) break
      context = children[context] + place
      length++
    }
    return { length, count: levels[length].total(context) }
  }
}

async function placesOf(runs: readonly string[]): Promise<Place[]> {
  const opened = await Promise.all(runs.map((run) => openAnyModel(run)))
  const corpus = await openText(opened[0].config.recipe)
  const counts = new NGram({ order: ORDER, vocabularySize: corpus.vocabulary.size }).fit(
    corpus.sequences("train"),
  )
  const sequences = corpus.sequences("validation")
  const lines = {
    rows: (network: Parameters<typeof corpus.rows>[0]) => corpus.rows(network, "validation"),
    sequences,
  }
  const each = []
  for (const { model } of opened) each.push(await logProbabilitiesOf(model as Member, lines))
  const ofNetworks = averaged(
    each.map(() => 1 / each.length),
    each,
  )
  const ofCounts = await logProbabilitiesOf(counts, lines)
  const contextAt = contextsOf(counts)
  const contexts = sequences.flatMap((line, k) =>
    Array.from({ length: line.length + 1 }, (_, at) => ({ ...contextAt(line, at), half: (k % 2) as 0 | 1 })),
  )
  return contexts.map((context, k) => ({ ...context, ofNetworks: ofNetworks[k], ofCounts: ofCounts[k] }))
}

const weightOf = (places: readonly Place[]): number =>
  fittedWeight(
    places.map(({ ofNetworks }) => ofNetworks),
    places.map(({ ofCounts }) => ofCounts),
  )

/** The mean loss of places with weights that were fitted on others. */
function lossOf(places: readonly Place[], bucketOf: (place: Place) => number): number {
  const logs = ([0, 1] as const).flatMap((half) => {
    const [fitted, measured] = [
      places.filter((each) => each.half !== half),
      places.filter((each) => each.half === half),
    ]
    const ofAll = weightOf(fitted)
    const weights = new Map(
      Array.from(Map.groupBy(fitted, bucketOf), ([bucket, own]) => [
        bucket,
        own.length < LEAST ? ofAll : weightOf(own),
      ]),
    )
    return measured.map((place) =>
      mixedLogProbability(weights.get(bucketOf(place)) ?? ofAll, place.ofNetworks, place.ofCounts),
    )
  })
  return meanLoss(Float64Array.from(logs))
}

const names = process.argv.slice(2)
const columns = await Promise.all(names.map((runs) => placesOf(runs.split(","))))
const row = (name: string, lossOf: (places: readonly Place[]) => number) => [
  name,
  ...columns.map((places) => lossOf(places).toFixed(4)),
]
const rows = [
  row("networks alone", (places) => meanLoss(Float64Array.from(places, ({ ofNetworks }) => ofNetworks))),
  row(`${ORDER}-grams alone`, (places) => meanLoss(Float64Array.from(places, ({ ofCounts }) => ofCounts))),
  ...Object.entries(bucketings).map(([name, bucketOf]) => row(name, (places) => lossOf(places, bucketOf))),
]
console.log(table([["validation loss", ...names], ...rows], { markdown: true }))
