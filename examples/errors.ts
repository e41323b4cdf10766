/**
 * Prints the errors of the examples and of the lecture's chapters: of a UserError the sentence alone, which says what to do; of any other
 * error everything; nothing if the reader of the output is gone, as in `... | head`.
 */
import { UserError } from "../src/index.ts"

process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit()
  console.error(error instanceof UserError ? `error: ${error.message}` : error)
  process.exit(1)
})
