/**
 * Turns labels into parts of file names. A label is any text, and its run may come from anywhere. So a part names no other folder, is no
 * longer than file systems allow, and stays distinct where file names ignore case.
 */

/** The whole name, with what a temporary file adds to it, stays below the 255 bytes of common file systems. */
const MOST_BYTES = 100

/** A distinct part of a file name for each label. */
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

/** As many whole characters of a name as fit. */
function shortened(name: string): string {
  let bytes = 0
  const characters = [...name]
  const end = characters.findIndex((character) => {
    bytes += new TextEncoder().encode(character).length
    return bytes > MOST_BYTES
  })
  return end < 0 ? name : characters.slice(0, end).join("")
}
