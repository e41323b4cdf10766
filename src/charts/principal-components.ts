/**
 * Principal component analysis by power iteration with deflation.
 * Source: Pearson 1901, On lines and planes of closest fit; Golub & Van Loan, Matrix Computations, section 8.2.
 *
 * N rows of D numbers, K components
 */

export interface Components {
  /** (N, K): each row's coordinate along each component; their mean is 0. */
  readonly points: readonly (readonly number[])[]
  /** (K): each component's fraction of the total variance. */
  readonly explained: readonly number[]
}

const ITERATIONS = 1000
const CONVERGED = 1e-12

/** The first K components of `rows` (N, D). Deterministic: the iteration starts from the data, not at random. */
export function principalComponents(rows: readonly (readonly number[])[], K: number): Components {
  const N = rows.length
  const D = rows[0]?.length ?? 0
  const means = Array.from({ length: D }, (_, d) => rows.reduce((sum, row) => sum + row[d], 0) / N)
  let residuals = rows.map((row) => row.map((number, d) => number - means[d]))
  const total = variance(residuals)
  const points: number[][] = rows.map(() => [])
  const explained: number[] = []
  for (let k = 0; k < K; k++) {
    const direction = dominantEigenvector(
      means.map((_, a) => means.map((_, b) => residuals.reduce((sum, row) => sum + row[a] * row[b], 0))),
    )
    const before = variance(residuals)
    residuals = residuals.map((row, n) => {
      const coordinate = dot(row, direction)
      points[n].push(coordinate)
      return row.map((number, d) => number - coordinate * direction[d])
    })
    explained.push(total > 0 ? (before - variance(residuals)) / total : 0)
  }
  return { points, explained }
}

/** The eigenvector of a symmetric matrix with the largest eigenvalue, of length 1, starting from the longest row. */
function dominantEigenvector(matrix: readonly (readonly number[])[]): number[] {
  const lengths = matrix.map((row) => Math.hypot(...row))
  let direction = unit(matrix[lengths.indexOf(Math.max(...lengths))] ?? [])
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = unit(matrix.map((row) => dot(row, direction)))
    const moved = Math.hypot(...next.map((number, d) => number - direction[d]))
    direction = next
    if (moved < CONVERGED) break
  }
  return direction
}

/** N times the total variance of centered rows. */
const variance = (rows: readonly (readonly number[])[]): number =>
  rows.reduce((sum, row) => sum + dot(row, row), 0)

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, number, k) => sum + number * b[k], 0)

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((number) => (length > 0 ? number / length : 0))
}
