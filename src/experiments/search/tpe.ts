/**
 * The tree-structured Parzen estimator: of some points drawn near the good ones, proposes the one where good ones are most likely
 * relative to all others.
 * Source: Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for Hyper-Parameter Optimization",
 * https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization; the numbers are those of Optuna's TPESampler.
 */
import type { Space } from "../space.ts"
import { parzen } from "./parzen.ts"
import { randomSearch } from "./random.ts"
import type { Search, Told } from "./search.ts"
import { firstUntold } from "./untold.ts"

/** So many points are drawn at random first. */
const STARTUP = 10

const CANDIDATES = 24

/** How many of n points are the good ones. */
const countGood = (n: number): number => Math.min(Math.ceil(0.1 * n), 25)

export const tpeSearch = (space: Space): Search => ({
  ask(told, random) {
    const ranked = told.filter(({ value = Infinity }) => value < Infinity).sort(byRank)
    if (ranked.length < STARTUP) return randomSearch(space).ask(told, random)
    const good = ranked.slice(0, countGood(ranked.length))
    // What still runs counts as bad, so that another worker tries something else.
    const others = told.filter((each) => !good.includes(each))
    const [ofGood, ofOthers] = [good, others].map((some) =>
      parzen(
        space,
        some.map(({ point }) => point),
      ),
    )
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const point = ofGood.draw(random)
      return { point, gain: ofGood.at(point) / ofOthers.at(point) }
    }).sort((a, b) => b.gain - a.gain)
    const points = candidates.map(({ point }) => point)
    return firstUntold(told, points) ?? randomSearch(space).ask(told, random)
  },
})

/** A trial that got further was better than those that were stopped before. */
const byRank = (a: Told, b: Told): number => (b.steps ?? 0) - (a.steps ?? 0) || a.value! - b.value!
