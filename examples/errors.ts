/**
 * What an example or a chapter of the lecture says when it cannot go on: of a UserError the sentence alone, which tells what to do; of
 * any other error all there is; nothing where the reader of its pipe has gone, as in `... | head`.
 */
import { UserError } from "../src/index.ts"

process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit()
  console.error(error instanceof UserError ? `error: ${error.message}` : error)
  process.exit(1)
})
