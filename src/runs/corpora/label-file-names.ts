/**
 * Parts of file names made from labels. A label is any text, out of a run that may come from anywhere: it must name no other folder, be
 * no longer than file systems allow, and differ from the other labels' where letters have no case.
 */

/** So that the whole name, with what a temporary file adds, stays below the 255 bytes of common file systems. */
const MOST_BYTES = 100

/** For each label its own part of a file name. */
export function labelFileNames(labels: readonly string[]): string[] {
  const taken = new Set<string>()
  return labels.map((label) => {
    const name = shortened(label.normalize("NFC").replaceAll(/[^\p{L}\p{M}\p{N} _.-]/gu, "_"))
    let distinct = name
    for (let count = 2; taken.has(distinct.toLowerCase()); count++) distinct = `${name}-${count}`
    taken.add(distinct.toLowerCase())
    return distinct
  })
}

/** As many whole characters as fit. */
function shortened(name: string): string {
  let bytes = 0
  const characters = [...name]
  const end = characters.findIndex((character) => {
    bytes += new TextEncoder().encode(character).length
    return bytes > MOST_BYTES
  })
  return end < 0 ? name : characters.slice(0, end).join("")
}
