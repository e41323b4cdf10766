/**
 * The default data set: 32,513 English first names with their sex, out of a package that is installed with this one.
 * Source: https://www.npmjs.com/package/gender-detection-from-name, `names/en.js`
 */

import type { Text } from "./text.ts"

/** Labels: "female" or "male". The package is large to parse, so it is loaded when it is asked for. */
export async function loadNames(): Promise<Text> {
  const { default: sexes } = await import("gender-detection-from-name/names/en.js")
  return {
    name: "names",
    lines: [...sexes.keys()],
    labels: [...sexes.values()],
    report: { byteOrderMark: false, carriageReturns: 0, blank: 0, trimmed: 0, composed: 0 },
  }
}
