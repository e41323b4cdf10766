/** Finds the lines of a list that occur more than once. */

/** The indices of each line that occurs more than once, by the first of them. */
export function copiesOf(lines: readonly string[]): Map<number, number[]> {
  const firsts = new Map<string, number>()
  const copies = new Map<number, number[]>()
  for (const [index, line] of lines.entries()) {
    const first = firsts.get(line)
    if (first === undefined) firsts.set(line, index)
    else if (copies.has(first)) copies.get(first)!.push(index)
    else copies.set(first, [first, index])
  }
  return copies
}
