/** What a list consists of, collected in one pass, since a long one takes seconds to read through. */
import { characters } from "./characters.ts"
import { Vocabulary } from "./tokenizers/characters.ts"

export interface Inventory {
  /** How many of the lines differ. */
  readonly different: number
  /** The number of symbols of each line. */
  readonly lengths: Int32Array
  readonly longest: number
  /** How often each symbol occurs. */
  readonly symbols: ReadonlyMap<string, number>
  readonly vocabulary: Vocabulary
}

/** Throws a UserError for lines without a character. */
export function inventoryOf(lines: readonly string[]): Inventory {
  const symbols = new Map<string, number>()
  const lengths = new Int32Array(lines.length)
  for (const [k, line] of lines.entries()) {
    const read = characters(line)
    lengths[k] = read.length
    for (const symbol of read) symbols.set(symbol, (symbols.get(symbol) ?? 0) + 1)
  }
  return {
    different: new Set(lines).size,
    lengths,
    longest: lengths.reduce((a, b) => Math.max(a, b), 0),
    symbols,
    vocabulary: Vocabulary.from(symbols.keys()),
  }
}
