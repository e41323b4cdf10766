/**
 * The lines at the bottom of a terminal that show how far a command is, mostly one. Whatever is printed meanwhile goes above them, and they
 * follow the terminal's width. Without a terminal there are none.
 */

/** The line for a width in columns, or several, with line feeds between them. */
export type StatusLine = (width: number) => string

/** Left free at the right: two for the ^C that a terminal echoes, one for the cursor. */
const FREE_COLUMNS = 3

let line: StatusLine | undefined
/** The text of it that is on the terminal. */
let standing = ""

export function showStatus(shown: StatusLine): void {
  const { stderr } = process
  if (!stderr.isTTY) return
  if (!line) stderr.on("resize", redraw)
  line = shown
  redraw()
}

export function clearStatus(): void {
  process.stderr.off("resize", redraw)
  line = undefined
  redraw()
}

/** Lets `write` print above the line. */
export function aboveStatus(write: () => void): void {
  if (standing) process.stderr.write(erasing())
  standing = ""
  write()
  redraw()
}

function redraw(): void {
  const width = columnsOf(process.stderr) - FREE_COLUMNS
  const lines = line?.(width).split("\n") ?? []
  const next = lines.map((each) => each.slice(0, width)).join("\n")
  if (standing || next) process.stderr.write(erasing() + next)
  standing = next
}

/** The control sequence that erases the lines. A terminal that became narrower has wrapped them. */
function erasing(): string {
  const columns = columnsOf(process.stderr)
  const rows = standing
    .split("\n")
    .reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / columns)), 0)
  return rows > 1 ? `\x1b[${rows - 1}A\r\x1b[J` : "\r\x1b[K"
}

const columnsOf = ({ columns }: { columns?: number }): number => Math.max(columns || 80, 20)

/** In characters. A shorter bar shows nothing. */
const [SHORTEST, LONGEST] = [8, 40]

/** A bar that takes at most the `room` there is; empty if that is too little. */
export function barOf(done: number, room: number): string {
  const length = room < SHORTEST ? 0 : Math.min(room, LONGEST)
  const filled = Math.round(length * done)
  return "█".repeat(filled) + "░".repeat(length - filled)
}
