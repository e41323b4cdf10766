/**
 * Runs a chapter as a program, on the code in `src`.
 *
 *   npm run -s chapter                               the list of chapters
 *   npm run -s chapter 6                             chapter 6
 *   npm run -s chapter 8 makemore-names 200000       with its arguments
 */
import "../../examples/errors.ts"
import { pathToFileURL } from "node:url"
import { chapters, chosen } from "./chapters.ts"

const [number, ...rest] = process.argv.slice(2)
if (number === undefined) for (const { title } of chapters) console.log(title)
else {
  const [{ file }] = chosen([number])
  process.argv.splice(1, process.argv.length, file, ...rest)
  await import(pathToFileURL(file).href)
}
