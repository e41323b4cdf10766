/**
 * Runs a chapter as a program, on the code in `src`.
 *
 *   npm run -s chapter                               the list of chapters
 *   npm run -s chapter 6                             chapter 6
 *   npm run -s chapter 8 makemore-names 200000       with its arguments
 */
import "../../examples/errors.ts"
import { globSync, readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { UserError } from "../../src/index.ts"
import { cellsOf } from "./cells.ts"

const lecture = resolve(import.meta.dirname, "..")
const files = globSync("*.ts", { cwd: lecture }).sort()
const [number, ...rest] = process.argv.slice(2)
if (number === undefined)
  for (const file of files) {
    const [first] = cellsOf(readFileSync(resolve(lecture, file), "utf8"))
    console.log(/^# (.*)$/m.exec(first.source)?.[1] ?? basename(file))
  }
else {
  const file = files.find((name) => Number.parseInt(name, 10) === Number(number))
  if (!file) throw new UserError(`chapter ${number}: there are chapters 1 to ${files.length}`)
  process.argv.splice(1, process.argv.length, resolve(lecture, file), ...rest)
  await import(pathToFileURL(process.argv[1]).href)
}
