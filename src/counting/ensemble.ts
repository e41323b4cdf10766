/**
 * An ensemble: trained models, of which the probabilities are averaged. Each is a network, n-grams, or a mixture of the two.
 *
 *     p(next | sequence) = Σ w_k p_k(next | sequence)
 *
 * Sources: Hansen & Salamon 1990, "Neural network ensembles", https://doi.org/10.1109/34.58871; of fitted weights Jelinek & Mercer 1980,
 * "Interpolated estimation of Markov source parameters from sparse data".
 */
import { type ConditionKinds, Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import { text } from "../setting.ts"
import type { Sequence } from "./gram-table.ts"
import { Mixture } from "./mixture.ts"
import type { NGram } from "./ngram.ts"

export type Member = Model | NGram | Mixture

/** The name in a state that is no member's. */
const WEIGHTS = "weights"

/** The numbers in a list of weights, such as "0.5,0.3,0.2"; undefined unless they are at least 0, and one is above. */
export function weightsIn(list: string): number[] | undefined {
  const weights = list.split(",").map((word) => (word.trim() === "" ? Number.NaN : Number(word)))
  const fits =
    weights.every((weight) => weight >= 0 && weight < Infinity) && weights.some((weight) => weight > 0)
  return fits ? weights : undefined
}

export class Ensemble {
  static readonly description = "averages the predictions of trained runs, --members; no layers of its own"
  static readonly settings = {
    members: text(undefined, "the trained runs that it averages, such as runs/a,runs/b", {
      unit: "runs",
      wanted: "give the folders of runs, such as runs/a,runs/b",
    }),
    weights: {
      ...text("equal", "how much each of them counts: equal, fitted (on the validation part), or numbers", {
        unit: "weights",
        wanted: "give equal, fitted, or a number for each run, such as 0.5,0.3,0.2",
      }),
      accepts: (value: unknown): value is string =>
        typeof value === "string" &&
        (value === "equal" || value === "fitted" || weightsIn(value) !== undefined),
    },
  }

  readonly members: readonly Member[]
  /** w, one of each member, together 1; equal until they are set. */
  weights: readonly number[]

  /** A RangeError if there are no members, or they have different numbers of symbols. */
  constructor(members: readonly Member[]) {
    const sizes = new Set(members.map(({ vocabularySize }) => vocabularySize))
    if (sizes.size !== 1)
      throw new RangeError(
        `Ensemble: ${members.length} members, of ${[...sizes].join(" and ") || "no"} symbols: give at least one, all of the same vocabulary`,
      )
    this.members = members
    this.weights = members.map(() => 1 / members.length)
  }

  get vocabularySize(): number {
    return this.members[0].vocabularySize
  }

  /** "sequences" if a member reads them: then no more than its context. */
  get reads(): Model["reads"] {
    return this.networks.some(({ reads }) => reads === "sequences") ? "sequences" : "windows"
  }

  /** The number of symbols that all members look back on. */
  get contextLength(): number {
    const alike = this.networks.filter(({ reads }) => reads === this.reads)
    return Math.min(...alike.map(({ contextLength }) => contextLength))
  }

  /** The conditions for B rows of T symbols, which are those of its networks. */
  conditionKinds(B: number, T: number): ConditionKinds {
    return this.networks[0]?.conditionKinds(B, T) ?? {}
  }

  get parameterCount(): number {
    return this.members.reduce((sum, { parameterCount }) => sum + parameterCount, 0)
  }

  /** The states of the members, such as `1.embedding.weight`, and the weights (members). */
  stateDict(): StateDict {
    const states = this.members.flatMap((member, k) =>
      Object.entries(member.stateDict()).map(([name, state]) => [`${k}.${name}`, state]),
    )
    const weights = { shape: [this.members.length], data: Float32Array.from(this.weights) }
    return { [WEIGHTS]: weights, ...Object.fromEntries(states) }
  }

  loadStateDict(state: StateDict): this {
    for (const [k, member] of this.members.entries()) {
      const own = Object.entries(state).filter(([name]) => name.startsWith(`${k}.`))
      const unnumbered = own.map(([name, each]) => [name.slice(`${k}.`.length), each])
      member.loadStateDict(Object.fromEntries(unnumbered))
    }
    this.weights = [...(state[WEIGHTS].data as Float32Array)]
    return this
  }

  private get networks(): Model[] {
    return partsOf(this).flatMap(({ model }) => (model instanceof Model ? [model] : []))
  }
}

/** A network or n-grams, and the weight of their probabilities of the symbol after a sequence, or after `length` symbols of it. */
export interface Part {
  readonly model: Model | NGram
  weightAfter(sequence: Sequence, length?: number): number
}

/** What predicts in a model. The weights are together 1. */
export function partsOf(model: Member | Ensemble): Part[] {
  if (model instanceof Ensemble)
    return model.members.flatMap((member, k) =>
      partsOf(member).map((part) => ({
        ...part,
        weightAfter: (...context) => model.weights[k] * part.weightAfter(...context),
      })),
    )
  if (!(model instanceof Mixture)) return [{ model, weightAfter: () => 1 }]
  return [
    { model: model.network, weightAfter: (...context) => model.weightAfter(...context) },
    { model: model.counts, weightAfter: (...context) => 1 - model.weightAfter(...context) },
  ]
}

/** ln Σ w p of each symbol (M), given ln p by each model. */
export function averaged(
  weights: readonly number[],
  logProbabilities: readonly Float64Array[],
): Float64Array {
  const [first] = logProbabilities
  return first.map((_, m) => {
    const largest = logProbabilities.reduce((most, each) => Math.max(most, each[m]), -Infinity)
    const sum = logProbabilities.reduce((sum, each, k) => sum + weights[k] * Math.exp(each[m] - largest), 0)
    return largest + Math.log(sum)
  })
}
