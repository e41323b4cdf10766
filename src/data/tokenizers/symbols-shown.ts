/** The symbols of a tokenizer in a console and in a notebook: how many there are, and the first of them. */
import type { Media } from "../../display/contract.ts"
import { visibleSymbol } from "../../display/visible-symbol.ts"

/** How many symbols are shown. */
const FIRST = 100

const first = (symbols: readonly string[]): string[] => symbols.slice(0, FIRST).map(visibleSymbol)
const more = (symbols: readonly string[]): string => (symbols.length > FIRST ? " …" : "")

export const symbolsInWords = (symbols: readonly string[]): string =>
  `${symbols.length} symbols: ${first(symbols).join(" ")}${more(symbols)}`

export async function symbolsMedia(text: string, symbols: readonly string[]): Promise<Media> {
  const { code, joined, paragraph } = await import("../../display/html.ts")
  const shown = joined(first(symbols).map(code), " ")
  return {
    "text/plain": text,
    "text/html": paragraph(`${symbols.length} symbols, with ids from 0: `, shown, more(symbols)),
  }
}
