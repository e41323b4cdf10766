/**
 * What an example or a chapter of the lecture says when it cannot go on: of a UserError the sentence alone, which tells what to do; of
 * any other error all there is.
 */
import { UserError } from "../src/index.ts"

process.on("uncaughtException", (error) => {
  console.error(error instanceof UserError ? `error: ${error.message}` : error)
  process.exit(1)
})
