/** The range of most of some numbers, for an axis that a few very high ones would squeeze. */
import { extent } from "./log-ticks.ts"

/** From the least number to the greatest, but no further above the median than three times as far as it is above the least. */
export function usualExtent(numbers: readonly number[]): [number, number] {
  const [low, high] = extent(numbers)
  const median = numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
  const end = low < median ? Math.min(high, median + 3 * (median - low)) : high
  return low < end ? [low, end] : [low - 0.01, low + 0.01]
}
