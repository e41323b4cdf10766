/**
 * Runs a chapter as a program, on the code in `src`.
 *
 *   npm run -s chapter                               the list of chapters
 *   npm run -s chapter 6                             chapter 6
 *   npm run -s chapter 8 makemore-names 200000       with its arguments
 */
import "../../examples/errors.ts"
import { pathToFileURL } from "node:url"
import { UserError } from "../../src/index.ts"
import { chapters, chosen, requireSteps } from "./chapters.ts"

const [number, ...rest] = process.argv.slice(2)
if (number === undefined) for (const { title } of chapters) console.log(title)
else {
  const [{ file, defaults }] = chosen([number])
  const [, steps] = rest
  const takes = Object.entries(defaults).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (rest.length > takes.length)
    throw new UserError(
      `chapter ${number} takes ${takes.join(" and ") || "nothing"} after its number: not "${rest[takes.length]}"`,
    )
  requireSteps(steps)
  process.argv.splice(1, process.argv.length, file, ...rest)
  await import(pathToFileURL(file).href)
}
