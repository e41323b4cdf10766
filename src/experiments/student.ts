/**
 * Student's t distribution, by the incomplete beta function, for any number of degrees of freedom: Welch's test has broken ones.
 * Sources: Student 1908, "The probable error of a mean"; Abramowitz & Stegun 1964, Handbook of Mathematical Functions, 26.7.1 and 26.5.8
 */

/** The probability that |t| is above `bound` ≥ 0, for at least one degree of freedom. */
export function studentTails(bound: number, degrees: number): number {
  if (!(bound >= 0 && degrees >= 1))
    throw new RangeError(
      `studentTails: bound ${bound}, degrees ${degrees}: give a bound of at least 0, and at least one degree`,
    )
  if (bound === Infinity) return 0
  const x = degrees / (degrees + bound ** 2)
  const y = bound ** 2 / (degrees + bound ** 2)
  const [a, b] = [degrees / 2, 0.5]
  // Each fraction converges fast on its side of the mean.
  return x < (a + 1) / (a + b + 2) ? incompleteBeta(x, y, a, b) : 1 - incompleteBeta(y, x, b, a)
}

/** The bound between whose negative and itself t lies with the probability `level`: its quantile of (1 + level) / 2. */
export function studentBound(level: number, degrees: number): number {
  if (!(level > 0 && level < 1 && degrees >= 1))
    throw new RangeError(
      `studentBound: level ${level}, degrees ${degrees}: give a level between 0 and 1, and at least one degree`,
    )
  let [low, high] = [0, 1]
  while (1 - studentTails(high, degrees) < level) high *= 2
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (1 - studentTails(middle, degrees) < level) low = middle
    else high = middle
  }
}

/** The regularized I_x(a, b), where y = 1 - x: the continued fraction of 26.5.8, from its end. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x === 0) return 0
  let fraction = 1
  for (let m = TERMS; m >= 1; m--) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1))
    fraction = 1 + odd / (1 + even / fraction)
  }
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
  return Math.exp(a * Math.log(x) + b * Math.log(y) - logBeta) / (a * fraction)
}

/** So many pairs are exact to the last digits up to a million degrees. */
const TERMS = 400

/** ln Γ(z) for z > 0: Stirling's series, 6.1.41, where it is exact, and recurrence below. */
function logGamma(z: number): number {
  if (z < 20) return logGamma(z + 1) - Math.log(z)
  const series = 1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / z ** 2) / z ** 2) / z ** 2
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series / z
}
