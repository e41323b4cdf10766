/**
 * Standard output that can no longer be written: the reader of a pipe has gone, as in `makewave ... | head`, a disk is full, a terminal
 * was closed. A training stops with a checkpoint, as at Ctrl-C; any other command ends at its next line.
 */
import { UserError } from "../errors.ts"

class LostOutput extends UserError {
  /** Whether the reader closed the pipe, which is no fault. */
  readonly isClosedPipe: boolean

  constructor(cause: NodeJS.ErrnoException) {
    super(`standard output: not written: ${sentences[cause.code ?? ""] ?? cause.message}`, { cause })
    this.isClosedPipe = cause.code === "EPIPE"
  }
}

const full = "the disk is full: make room, or write to another disk"
const sentences: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: "the file is larger than the limit on file sizes: raise the limit (ulimit -f)",
  EIO: "the terminal is gone: write to a file, or run in tmux or screen",
}

let lost: LostOutput | undefined
const listeners = new Set<() => void>()

/** Watches for the first write that fails. A failed write to standard error is ignored: nobody is left to tell. */
export function watchOutput(): void {
  process.stdout.on("error", (error) => {
    lost ??= new LostOutput(error)
    for (const listener of listeners) listener()
  })
  process.stderr.on("error", () => {})
}

/** Why standard output was lost; undefined if it was not. */
export const lostOutput = (): LostOutput | undefined => lost

/** Calls the listener when standard output is lost, or at once if it already is. Returns a function that ends that. */
export function onLostOutput(listener: () => void): () => void {
  listeners.add(listener)
  if (lost) listener()
  return () => listeners.delete(listener)
}

/** Throws if standard output is lost, unless a listener ends the command in another way. */
export function requireOutput(): void {
  if (lost && listeners.size === 0) throw lost
}
