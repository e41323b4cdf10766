/** How a command fails: the message it prints, and its exit code. */
import { UserError } from "../errors.ts"
import { Interrupted } from "../runs/interrupted.ts"
import { commandLine } from "./output.ts"

/** Prints the error and sets the exit code. */
export function fail(error: unknown): void {
  if (error instanceof Interrupted) {
    const command = error.lecture ? "lecture" : "train"
    process.stderr.write(
      `${error.message}. Resume with:\n  ${commandLine(`${command} --resume ${error.folder}`)}\n`,
    )
    process.exitCode = 130
  } else if (error instanceof UserError) {
    process.stderr.write(`error: ${error.message}\n`)
    process.exitCode = 1
  } else if (isCommanderError(error)) {
    process.exitCode = error.exitCode // commander has printed it
  } else {
    const trace = error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${trace}\nThis is a bug in makewave: please report it with the lines above.\n`)
    process.exitCode = 2
  }
}

/** Exits quietly when the reader closes the pipe, as in `makewave ... | head`. */
export function quitOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0)
      throw error
    })
}

/** By name, because `instanceof` would need commander to be loaded. */
const isCommanderError = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && /^Commander|^InvalidArgument/.test(error.name) && "exitCode" in error
