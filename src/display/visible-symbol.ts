/** A symbol as it is visible alone: spaces, tabs and combining marks are not. */

export const visibleSymbol = (symbol: string): string =>
  symbol
    .replace(/^ *$/, (spaces) => "␣".repeat(spaces.length || 1))
    .replaceAll("\t", "⇥")
    .replaceAll("\n", "⏎")
    .replace(/^\p{M}/u, "◌$&")
