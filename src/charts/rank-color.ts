/** The color of a run by its rank: blue for the best, orange for the worst, both legible on white and on black. */
import { colors } from "./svg-chart.ts"

/** `part` is 0 for the best and 1 for the worst. */
export function rankColor(part: number): string {
  const [best, worst] = [colors[0], colors[1]].map((color) =>
    color.match(/[0-9a-f]{2}/g)!.map((hex) => Number.parseInt(hex, 16)),
  )
  const mixed = best.map((from, k) => Math.round(from + part * (worst[k] - from)))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`
}

/** How opaque each of so many marks is that lie over each other. */
export const opacityOf = (marks: number): number => Math.max(0.25, Math.min(1, 100 / marks))
