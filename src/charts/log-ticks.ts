/** Round numbers for a logarithmic axis, and the range of many numbers. */

const tenths = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]

/** The least and the greatest number. `Math.min(...numbers)` overflows the stack with about 100,000 of them. */
export const extent = (numbers: readonly number[]): [number, number] => [
  numbers.reduce((a, b) => Math.min(a, b), Infinity),
  numbers.reduce((a, b) => Math.max(a, b), -Infinity),
]

/** Powers of ten in the range of the positive finite numbers; in a narrow range also round numbers between them. */
export function logTicks(numbers: readonly number[]): number[] {
  const [low, high] = extent(numbers.filter((number) => number > 0 && number < Infinity))
  if (low > high) return []
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const decades = Math.log10(high / low)
  const digits = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : tenths
  return Array.from({ length: last - first + 1 }, (_, k) =>
    digits.map((digit) => Number(`${digit}e${first + k}`)),
  )
    .flat()
    .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
}
