/** The chapters of the lecture: the files `NN-name.ts` in this folder's parent, in their order. */
import { globSync, readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { UserError } from "../../src/index.ts"
import { type Cell, cellsOf } from "./cells.ts"

export interface Chapter {
  readonly number: number
  /** "06-hierarchical-network". */
  readonly name: string
  readonly file: string
  readonly source: string
  readonly cells: readonly Cell[]
  /** The heading of its first cell. */
  readonly title: string
  /** What its arguments are if none are given: `const [data = "names", steps = "3000"] = process.argv.slice(2)`. */
  readonly defaults: { readonly data?: string; readonly steps?: string }
}

const folder = resolve(import.meta.dirname, "..")

export const chapters: readonly Chapter[] = globSync("*.ts", { cwd: folder })
  .sort()
  .map((name) => {
    const file = resolve(folder, name)
    const source = readFileSync(file, "utf8")
    const cells = cellsOf(source)
    const value = (name: string) =>
      new RegExp(`\\[.*\\b${name} = "([^"]*)".*process\\.argv`).exec(source)?.[1]
    return {
      number: Number.parseInt(name, 10),
      name: basename(name, ".ts"),
      file,
      source,
      cells,
      title: /^# (.*)$/m.exec(cells[0]?.source ?? "")?.[1] ?? name,
      defaults: { data: value("data"), steps: value("steps") },
    }
  })

/** The chapters of these numbers; all of them if there are none. */
export function chosen(numbers: readonly string[]): readonly Chapter[] {
  const found = numbers.map((number) => {
    const chapter = chapters.find((each) => each.number === Number(number))
    if (!chapter) throw new UserError(`chapter ${number}: there are chapters 1 to ${chapters.length}`)
    return chapter
  })
  return found.length > 0 ? found : chapters
}

/** Refuses steps that would be NaN in the middle of a chapter. */
export function requireSteps(steps: string | undefined): void {
  if (steps !== undefined && !/^[1-9]\d*$/.test(steps))
    throw new UserError(`steps ${steps}: give a whole number of at least 1, such as 1000`)
}
