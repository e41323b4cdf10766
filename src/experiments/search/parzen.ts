/**
 * A density over a space, estimated from points of it: a mixture of a kernel around each point and of the prior, from which `draw` draws.
 * A kernel is a product over the parameters. Where its point lacks a parameter, as one under a condition may, it is the prior's.
 * Source: Bergstra et al. 2011, https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization; kernels of all parameters
 * together and their widths as in Optuna's TPESampler with `multivariate`.
 */
import type { Generator } from "../../random/torch.ts"
import {
  type Choice,
  type Chosen,
  type Distribution,
  isRange,
  isSame,
  type Range,
  sample,
  scaleOf,
} from "../distribution.ts"
import { type Point, pointOf, type Space } from "../space.ts"

export interface Density {
  draw(random: Generator): Point
  /** p(point), relative to that of other densities over the same space. */
  at(point: Point): number
}

export function parzen(space: Space, points: readonly Point[]): Density {
  const centers: readonly Point[] = [...points, {}]
  const n = centers.length
  // Scott's rule: the more points, the narrower; the more dimensions, the more slowly so.
  const width = 0.2 * points.length ** (-1 / (space.parameters.length + 4))
  const around = (distribution: Distribution, center: Chosen | undefined): Kernel => {
    if (center === undefined) return prior(distribution)
    return isRange(distribution)
      ? bell(distribution, center as number, width)
      : preference(distribution, center, 1 / n)
  }
  const kernels = new Map(
    space.parameters.map(({ name, distribution }) => [
      name,
      centers.map((center) => around(distribution, center[name])),
    ]),
  )
  return {
    draw(random) {
      const k = Math.floor(random.nextUniform() * n)
      return pointOf(space, ({ name }) => kernels.get(name)![k].draw(random))
    },
    at(point) {
      const products = centers.map(() => 1 / n)
      for (const [name, value] of Object.entries(point))
        for (const [k, kernel] of kernels.get(name)!.entries()) products[k] *= kernel.at(value)
      return products.reduce((sum, product) => sum + product, 0)
    },
  }
}

/** Of one parameter. For a range of real numbers the probability is a density on its scale. */
interface Kernel {
  draw(random: Generator): Chosen
  at(value: Chosen): number
}

function prior(distribution: Distribution): Kernel {
  const draw = (random: Generator) => sample(distribution, random)
  if (!isRange(distribution)) return { draw, at: () => 1 / distribution.values.length }
  const { low, high, positionsOf } = scaleOf(distribution)
  return {
    draw,
    at(value) {
      const [from, to] = positionsOf(value as number)
      return (to - from || 1) / (high - low)
    },
  }
}

/** Each value has the weight `others`, and the center that of 1 besides. */
function preference({ values }: Choice, center: Chosen, others: number): Kernel {
  const total = 1 + others * values.length
  return {
    draw: (random) => (random.nextUniform() * total < 1 ? center : sample({ values }, random)),
    at: (value) => ((isSame(value, center) ? 1 : 0) + others) / total,
  }
}

/**
 * The logistic distribution around the center, cut off at the ends of the range. It is a bell like the normal distribution, but both its
 * cumulative distribution function and the inverse of that are elementary: F(x) = 1 / (1 + e^-x).
 *
 * @param width Its standard deviation, before the cut, as a part of the range.
 */
function bell(range: Range, center: number, width: number): Kernel {
  const { low, high, valueAt, positionsOf } = scaleOf(range)
  const [from, to] = positionsOf(center)
  const middle = (from + to) / 2
  // e^-x / (1 + e^-x)² has the variance π²/3.
  const scale = (width * (high - low) * Math.sqrt(3)) / Math.PI
  const cumulative = (position: number) => 1 / (1 + Math.exp((middle - position) / scale))
  const [bottom, top] = [cumulative(low), cumulative(high)]
  return {
    draw(random) {
      const p = bottom + random.nextUniform() * (top - bottom)
      return valueAt(middle + scale * Math.log(p / (1 - p)))
    },
    at(value) {
      const [from, to] = positionsOf(value as number)
      const p = cumulative(from)
      return (from < to ? cumulative(to) - p : (p * (1 - p)) / scale) / (top - bottom)
    },
  }
}
