/**
 * makemore's names.txt, the lecture's data: 32,033 names, downloaded once. It is the very file behind the lecture's numbers.
 * Source: https://github.com/karpathy/makemore
 */
import { isKnownFile, type KnownFile, loadKnownFile } from "./kept-download.ts"
import type { LoadOptions } from "./load-options.ts"
import { parseLines, type Text } from "./text.ts"

const namesFile: KnownFile = {
  dataSet: "makemore-names",
  what: "makemore's names.txt",
  fileName: "names.txt",
  url: "https://raw.githubusercontent.com/karpathy/makemore/master/names.txt",
  totalBytes: 228_145,
  sha256: "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
}

/** The file is two lists, each ordered by births in the USA in 2018; the second begins with "liam". */
const femaleNames = 18_029

/** Labels: `sex`, "female" or "male". Many names occur with both. */
export async function loadMakemoreNames(options: LoadOptions): Promise<Text> {
  return asInTheLecture(parseLines(await loadKnownFile(namesFile, options), { name: "makemore-names" }))
}

/** Whether a user's file is a copy of names.txt. */
export const isMakemoreNames = (bytes: Uint8Array<ArrayBuffer>): Promise<boolean> =>
  isKnownFile(bytes, namesFile)

export const asInTheLecture = (text: Text): Text => ({
  ...text,
  duplicates: "apart",
  labels: { sex: text.lines.map((_, row) => (row < femaleNames ? "female" : "male")) },
})
