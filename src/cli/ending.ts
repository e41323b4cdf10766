/** How a command fails: the message it prints, and its exit code. */
import { UserError } from "../errors.ts"
import { Interrupted } from "../runs/interrupted.ts"
import { lostOutput, watchOutput } from "./lost-output.ts"
import { commandLine, notice } from "./output.ts"
import { clearStatus } from "./status-line.ts"

/** Prints the error and sets the exit code. */
export function fail(error: unknown): void {
  clearStatus()
  const lost = lostOutput()
  if (error instanceof Interrupted) {
    const command = error.lecture ? "lecture" : "train"
    if (lost && !lost.isClosedPipe) notice(`error: ${lost.message}`)
    notice(`${error.message}. Resume with:\n  ${commandLine([command, "--resume", error.folder])}`)
    process.exitCode = lost && !lost.isClosedPipe ? 1 : 130
  } else if (error === lost && lost?.isClosedPipe) {
    process.exitCode = 0 // the reader has what it wanted
  } else if (error instanceof UserError) {
    notice(`error: ${error.message}`)
    process.exitCode = 1
  } else if (isOutOfFiles(error)) {
    notice("error: too many files are open: raise the limit (ulimit -n), or close some")
    process.exitCode = 1
  } else if (isCommanderError(error)) {
    process.exitCode = error.exitCode // commander has printed it
  } else {
    const trace = error instanceof Error ? error.stack : String(error)
    notice(`${trace}\nThis is a bug in makewave: please report it with the lines above.`)
    process.exitCode = 2
  }
}

/** At the exit, clears the status line, and makes the command fail if its last lines could not be written. */
export function requireWrittenOutput(): void {
  watchOutput()
  process.once("exit", () => {
    clearStatus()
    if (lostOutput() && !process.exitCode) fail(lostOutput())
  })
}

/** This can happen anywhere: Node opens files of its own, too. */
const isOutOfFiles = (error: unknown): boolean =>
  error instanceof Error && "code" in error && ["EMFILE", "ENFILE"].includes(String(error.code))

/** By name, because `instanceof` would need commander to be loaded. */
const isCommanderError = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && /^Commander|^InvalidArgument/.test(error.name) && "exitCode" in error
