/** How a command ends when it does not end well: what is said, and with which exit code. */
import { UserError } from "../errors.ts"
import { Interrupted } from "../runs/interrupted.ts"
import { commandLine } from "./output.ts"

/** Says what went wrong, and sets the exit code. */
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
  } else if (isOfCommander(error)) {
    process.exitCode = error.exitCode // it has said what it has to say
  } else {
    const trace = error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${trace}\nThis is a bug in makewave: please report it with the lines above.\n`)
    process.exitCode = 2
  }
}

/** `makewave ... | head` closes the pipe when it has enough, and wants to hear nothing of that. */
export function quitOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0)
      throw error
    })
}

/** Its class would have to be loaded to ask. */
const isOfCommander = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && /^Commander|^InvalidArgument/.test(error.name) && "exitCode" in error
