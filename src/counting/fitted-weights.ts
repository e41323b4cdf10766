/**
 * The weights of distributions that are averaged, fitted on held-out symbols by expectation maximization: the same weights for all symbols,
 * or weights for each bin of contexts (context-bins.ts).
 *
 *     p(symbol | context) = Σ weight_k(bin) p_k(symbol | context)
 *
 * Source: Jelinek & Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data"
 */

/** Below this gain a pass, in nats a symbol, the weights are found. */
const LEAST_GAIN = 1e-9
const MOST_PASSES = 1000

/** What is known of weights without the symbols: as much as this number of symbols more, in which the models have these shares, would say. */
export interface Prior {
  readonly weights: readonly number[]
  readonly symbols: number
}

/**
 * The weights with the lowest mean of -ln Σ w p, given ln p of each held-out symbol by each model (M): each weight becomes the mean share
 * that its model has in the sum. The mean is convex in the weights, so there is no other minimum. A `prior` with weights above 0 keeps the
 * fitted ones above 0.
 */
export function fittedWeights(logProbabilities: readonly Float64Array[], prior?: Prior): number[] {
  const M = logProbabilities[0]?.length ?? 0
  if ((M === 0 && !prior) || logProbabilities.some(({ length }) => length !== M))
    throw new RangeError("fittedWeights: give ln p of the same symbols, at least one, by each model")
  const models = logProbabilities.length
  const ratios = ratiosOf(logProbabilities)
  const more = prior?.weights.map((weight) => prior.symbols * weight) ?? Array<number>(models).fill(0)
  const symbols = M + (prior?.symbols ?? 0)
  let weights = prior?.weights ?? Array<number>(models).fill(1 / models)
  let before = -Infinity
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const shares = [...more]
    let total = more.reduce((sum, each, k) => sum + (each > 0 ? each * Math.log(weights[k]) : 0), 0)
    for (let m = 0; m < M; m++) {
      let sum = 0
      for (let k = 0; k < models; k++) sum += weights[k] * ratios[k][m]
      for (let k = 0; k < models; k++) shares[k] += (weights[k] * ratios[k][m]) / sum
      total += Math.log(sum)
    }
    if (total / symbols - before < LEAST_GAIN) break
    before = total / symbols
    weights = shares.map((share) => share / symbols)
  }
  return [...weights]
}

/**
 * The weights of each model in each of `count` bins, (count, models), given the bin of each symbol (M). None is 0, so no other symbol is
 * impossible, and a bin of few symbols has about the weights of all.
 */
export function fittedWeightsByBin(
  logProbabilities: readonly Float64Array[],
  bins: Int32Array,
  count: number,
): number[][] {
  const equal = logProbabilities.map(() => 1 / logProbabilities.length)
  const ofAll = fittedWeights(logProbabilities, { weights: equal, symbols: 1 })
  const symbols = Array.from({ length: count }, () => [] as number[])
  for (const [m, bin] of bins.entries()) symbols[bin].push(m)
  return symbols.map((own) =>
    fittedWeights(
      logProbabilities.map((each) => Float64Array.from(own, (m) => each[m])),
      { weights: ofAll, symbols: 10 },
    ),
  )
}

/** Each p divided by the largest of its symbol, so that the smallest do not vanish. */
function ratiosOf(logProbabilities: readonly Float64Array[]): Float64Array[] {
  const largest = Float64Array.from(logProbabilities[0], (_, m) =>
    logProbabilities.reduce((most, each) => Math.max(most, each[m]), -Infinity),
  )
  return logProbabilities.map((each) => each.map((log, m) => Math.exp(log - largest[m])))
}
