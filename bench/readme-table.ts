/** A generated table in README.md, between two comments that mark its place. */
import { UserError } from "../src/errors.ts"

/** The page with the table between the comments `begin` and `end` replaced. A UserError if they are missing. */
export function withTable(page: string, { begin, end, table }: Record<"begin" | "end" | "table", string>) {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)]
  if (before < 0 || after < before)
    throw new UserError(`README.md: the comments around the table are missing: restore\n${begin}\n${end}`)
  return `${page.slice(0, before + begin.length)}\n\n${table}\n\n${page.slice(after)}`
}
