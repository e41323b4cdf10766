/**
 * Many numbers a thing become few: the directions along which the things differ most, found one after the other by power iteration.
 * Source: Pearson 1901, On lines and planes of closest fit; Golub & Van Loan, Matrix Computations, section 8.2.
 */

export interface Components {
  /** (N, count): each thing's place along each direction; their mean is 0. */
  readonly points: readonly (readonly number[])[]
  /** Of all variance the part that each direction has. */
  readonly explained: readonly number[]
}

const ITERATIONS = 1000
const STILL = 1e-12

/** Of N things with D numbers each. Equal things give equal pictures: nothing is drawn at random. */
export function principalComponents(things: readonly (readonly number[])[], count: number): Components {
  const N = things.length
  const D = things[0]?.length ?? 0
  const means = Array.from({ length: D }, (_, d) => things.reduce((sum, thing) => sum + thing[d], 0) / N)
  /** What the directions so far do not tell of each thing. */
  let rest = things.map((thing) => thing.map((number, d) => number - means[d]))
  const whole = variance(rest)
  const points: number[][] = things.map(() => [])
  const explained: number[] = []
  for (let k = 0; k < count; k++) {
    const direction = strongest(
      means.map((_, a) => means.map((_, b) => rest.reduce((sum, thing) => sum + thing[a] * thing[b], 0))),
    )
    const before = variance(rest)
    rest = rest.map((thing, n) => {
      const place = dot(thing, direction)
      points[n].push(place)
      return thing.map((number, d) => number - place * direction[d])
    })
    explained.push(whole > 0 ? (before - variance(rest)) / whole : 0)
  }
  return { points, explained }
}

/** The direction that a symmetric matrix stretches most, of length 1; the search begins at its longest row. */
function strongest(matrix: readonly (readonly number[])[]): number[] {
  const lengths = matrix.map((row) => Math.hypot(...row))
  let direction = unit(matrix[lengths.indexOf(Math.max(...lengths))] ?? [])
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = unit(matrix.map((row) => dot(row, direction)))
    const moved = Math.hypot(...next.map((number, d) => number - direction[d]))
    direction = next
    if (moved < STILL) break
  }
  return direction
}

/** N times the variance, of all numbers together. */
const variance = (things: readonly (readonly number[])[]): number =>
  things.reduce((sum, thing) => sum + dot(thing, thing), 0)

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, number, k) => sum + number * b[k], 0)

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((number) => (length > 0 ? number / length : 0))
}
