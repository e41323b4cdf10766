/** Wraps help to the width of a terminal, between words. The text beside a flag or a command stays in its column. */

/** Text goes below its flag if the column beside it is narrower than this, or than its longest word. */
const NARROWEST = 24

/** The text in lines of at most `width`. Lines that are not indented are one paragraph, until an empty line. */
export function fitHelp(text: string, width: number): string {
  const lines: string[] = []
  for (const line of text.split("\n")) {
    const before = lines.at(-1)
    if (before && isProse(before) && isProse(line) && !before.endsWith(":"))
      lines[lines.length - 1] += ` ${line}`
    else lines.push(line)
  }
  return lines.flatMap((line) => fitLine(line, width)).join("\n")
}

const isProse = (line: string): boolean => /^\S/.test(line)

/** Wraps a line such as `  --out <folder>   the run's folder`, of which the second part stays in its column. */
function fitLine(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const [, indent, term = "", rest] = /^( *)(?:(\S.*? {2,}))?(\S.*)$/.exec(line)!
  const column = indent.length + term.length
  const below = " ".repeat(indent.length > 0 ? 6 : 0)
  const longest = Math.max(...rest.split(" ").map(({ length }) => length))
  if (width - column < Math.max(NARROWEST, longest))
    return [...(term ? fill(term.trimEnd(), indent, below, width) : []), ...fill(rest, below, below, width)]
  // A wrapped command is indented more than the next command; the text beside one stays in its column.
  const further = term || column > below.length ? " ".repeat(column) : below
  return fill(rest, indent + term, further, width)
}

/** The words in lines of at most `width`, the first of which begins with `first` and the others with `further`. */
function fill(words: string, first: string, further: string, width: number): string[] {
  const lines: string[] = []
  let line = first
  for (const [k, word] of words.split(" ").entries()) {
    if (k > 0 && line.length + 1 + word.length > width) {
      lines.push(line)
      line = further + word
    } else line += k > 0 ? ` ${word}` : word
  }
  return [...lines, line]
}
