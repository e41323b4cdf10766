/** The pace of a training: steps a second, or seconds a step where a step takes longer. */

interface StepRate {
  /** With a decimal where it is small. */
  readonly number: string
  readonly unit: "steps/s" | "step/s" | "s/step"
}

export function stepRate(perSecond: number): StepRate {
  const tenths = Math.round(10 * perSecond) / 10
  if (tenths === 1) return { number: "1", unit: "step/s" }
  if (perSecond > 0 && tenths < 1) return { number: formatRate(1 / perSecond), unit: "s/step" }
  return { number: formatRate(perSecond), unit: "steps/s" }
}

/** With a decimal where it is small. */
export const formatRate = (number: number): string =>
  number < 9.95 ? number.toFixed(1) : Math.round(number).toLocaleString("en")
