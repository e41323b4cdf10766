/**
 * A mixture of a network and n-grams. Both predict the next symbol, and a weight that is fitted on held-out text says how much each counts:
 *
 *     p(next | sequence) = w softmax(logits)(next) + (1 - w) p_counts(next | the last symbols)
 *
 * The weight is the same everywhere, or depends on how often the last symbols were counted.
 * Sources: Jelinek & Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data"; Bengio et al. 2003, section 3
 */
import type { ConditionKinds, Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import { fittedWeightsByBin } from "./fitted-weights.ts"
import type { Sequence } from "./gram-table.ts"
import type { NGram } from "./ngram.ts"

/** The names in a state that are not the network's. */
const WEIGHT = "networkWeight"
const WEIGHTS = "networkWeights"
const COUNTS = "counts."

export class Mixture {
  readonly network: Model
  readonly counts: NGram
  /**
   * w, from 0 to 1: the part of the network. 1, the network alone, until it is fitted or set. With `weightsByBin`, the mean of those over
   * the symbols that they were fitted on.
   */
  weight: number
  /** w in each of the counts' `contextBins`, in place of the one weight. */
  weightsByBin?: readonly number[]

  /** A RangeError if the two have different numbers of symbols. */
  constructor({ network, counts, weight = 1 }: { network: Model; counts: NGram; weight?: number }) {
    if (network.vocabularySize !== counts.vocabularySize)
      throw new RangeError(
        `Mixture: a network of ${network.vocabularySize} symbols and counts of ${counts.vocabularySize}: give both the same vocabulary`,
      )
    if (!(weight >= 0 && weight <= 1))
      throw new RangeError(`Mixture: weight = ${weight}: give a number from 0 to 1`)
    this.network = network
    this.counts = counts
    this.weight = weight
  }

  /** "windows" or "sequences", as the network reads. */
  get reads(): Model["reads"] {
    return this.network.reads
  }

  get contextLength(): number {
    return this.network.contextLength
  }

  get vocabularySize(): number {
    return this.network.vocabularySize
  }

  conditionKinds(B: number, T: number): ConditionKinds {
    return this.network.conditionKinds(B, T)
  }

  /** The numbers of the network and of the counts. */
  get parameterCount(): number {
    return this.network.parameterCount + this.counts.parameterCount
  }

  /** w of a symbol whose context is in this bin. */
  weightIn(bin: number): number {
    return this.weightsByBin?.[bin] ?? this.weight
  }

  /** w of the symbol after `context`, a sequence from its start, of which only `length` symbols count. */
  weightAfter(context: Sequence, length = context.length): number {
    return this.weightsByBin ? this.weightIn(this.counts.binAfter(context, length)) : this.weight
  }

  /** ln p, in nats, from those of the network and of the counts for the same symbol, and the bin of its context. */
  logProbability(ofNetwork: number, ofCounts: number, bin = 0): number {
    return mixedLogProbability(this.weightIn(bin), ofNetwork, ofCounts)
  }

  /** Sets the weight to `fittedWeight` of these. */
  fitWeight(ofNetwork: ArrayLike<number>, ofCounts: ArrayLike<number>): this {
    this.weight = fittedWeight(ofNetwork, ofCounts)
    this.weightsByBin = undefined
    return this
  }

  /** Sets the weights to those under which these symbols, with contexts in these bins, are the most probable. */
  fitWeightsByBin(ofNetwork: Float64Array, ofCounts: Float64Array, bins: Int32Array): this {
    const weights = fittedWeightsByBin([ofNetwork, ofCounts], bins, this.counts.contextBins.count)
    const kept = weights.map(([weight]) => Math.fround(weight)) // as a checkpoint keeps them
    this.weightsByBin = kept
    this.weight = Math.fround(bins.reduce((sum, bin) => sum + kept[bin], 0) / bins.length)
    return this
  }

  /** The network's state under its own names, and what the mixture adds to it. */
  stateDict(): StateDict {
    return { ...this.network.stateDict(), ...this.addedState() }
  }

  /** The counts' tables, such as `counts.tables.2.symbols`, and the weights. */
  addedState(): StateDict {
    const tables = Object.entries(this.counts.stateDict()).map(([name, table]) => [COUNTS + name, table])
    const weight = { shape: [], data: Float32Array.of(this.weight) }
    const { weightsByBin } = this
    return {
      [WEIGHT]: weight,
      ...(weightsByBin && {
        [WEIGHTS]: { shape: [weightsByBin.length], data: Float32Array.from(weightsByBin) },
      }),
      ...Object.fromEntries(tables),
    }
  }

  /** Loads a `stateDict`. That of the network alone, as before counts and weight are known, gives the network all of the weight. */
  loadStateDict(state: StateDict): this {
    const entries = Object.entries(state)
    const isAdded = (name: string) => [WEIGHT, WEIGHTS].includes(name) || name.startsWith(COUNTS)
    this.network.loadStateDict(Object.fromEntries(entries.filter(([name]) => !isAdded(name))))
    const weight = state[WEIGHT]
    if (weight) {
      const tables = entries.filter(([name]) => name.startsWith(COUNTS))
      this.counts.loadStateDict(
        Object.fromEntries(
          tables.map(([name, { data }]) => [name.slice(COUNTS.length), { data: data as Int32Array }]),
        ),
      )
    }
    this.weight = weight?.data[0] ?? 1
    this.weightsByBin = state[WEIGHTS] && Array.from(state[WEIGHTS].data)
    return this
  }
}

/** ln(w e^ofNetwork + (1 - w) e^ofCounts), in nats, without underflow. */
export function mixedLogProbability(weight: number, ofNetwork: number, ofCounts: number): number {
  const larger = Math.max(ofNetwork, ofCounts)
  return larger + Math.log(weight * Math.exp(ofNetwork - larger) + (1 - weight) * Math.exp(ofCounts - larger))
}

/** The network of a mixture, or the network itself. */
export const networkOf = (model: Model | Mixture): Model => (model instanceof Mixture ? model.network : model)

/**
 * The weight of the network of the lowest mean of -ln p, given ln p of each held-out symbol by the network and by the counts. The mean
 * is convex in the weight, so the sign of its slope says on which side the lowest lies.
 */
export function fittedWeight(ofNetwork: ArrayLike<number>, ofCounts: ArrayLike<number>): number {
  if (ofNetwork.length !== ofCounts.length || ofNetwork.length === 0)
    throw new RangeError(
      `fitWeight: ${ofNetwork.length} symbols of the network and ${ofCounts.length} of the counts: give both of at least one symbol`,
    )
  const larger = Float64Array.from(ofNetwork, (log, k) => Math.max(log, ofCounts[k]))
  const p = larger.map((log, k) => Math.exp(ofNetwork[k] - log))
  const q = larger.map((log, k) => Math.exp(ofCounts[k] - log))
  if (slope(0, p, q) <= 0) return 0
  if (slope(1, p, q) >= 0) return 1
  let [low, high] = [0, 1]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (slope(middle, p, q) > 0) low = middle
    else high = middle
  }
  return Math.fround((low + high) / 2) // as a checkpoint keeps it
}

/** More than the bits of a float32. */
const HALVINGS = 30

/** How the sum of ln(w p + (1 - w) q) grows with w. */
function slope(weight: number, p: Float64Array, q: Float64Array): number {
  let sum = 0
  for (let k = 0; k < p.length; k++) sum += (p[k] - q[k]) / (weight * p[k] + (1 - weight) * q[k])
  return sum
}
