/**
 * First names labelled by sex, from a package installed with this one: the English ones are the default data set, those of six
 * languages another.
 * Source: https://www.npmjs.com/package/gender-detection-from-name, `names`
 */
import { nothingCleaned, type Text } from "./text.ts"

/** Loaded on demand: each is slow to parse. */
const lists = {
  english: () => import("gender-detection-from-name/names/en.js"),
  french: () => import("gender-detection-from-name/names/fr.js"),
  german: () => import("gender-detection-from-name/names/de.js"),
  italian: () => import("gender-detection-from-name/names/it.js"),
  spanish: () => import("gender-detection-from-name/names/es.js"),
  turkish: () => import("gender-detection-from-name/names/tr.js"),
}

/** Labels: `sex`, "female" or "male". */
export async function loadNames(): Promise<Text> {
  const { default: sexes } = await lists.english()
  const labels = { sex: [...sexes.values()] }
  return { name: "names", lines: [...sexes.keys()], labels, report: nothingCleaned }
}

/** The lists in a row; a name in two languages occurs twice. Labels: `sex`, and `language`, such as "english". */
export async function loadLanguages(): Promise<Text> {
  const lines: string[] = []
  const labels: { sex: string[]; language: string[] } = { sex: [], language: [] }
  for (const [language, load] of Object.entries(lists))
    for (const [line, sex] of (await load()).default) {
      if (line.includes("\uFFFD")) continue // the source lost its accent
      lines.push(line)
      labels.sex.push(sex)
      labels.language.push(language)
    }
  return { name: "languages", lines, labels, report: nothingCleaned }
}
