/**
 * Shuffles lines in groups that stay whole: the copies of a line stand together, in the place that the shuffle gives to the line. So
 * lines that all differ are shuffled as CPython's `random.shuffle` does. `split.ts` and `folds.ts` cut the result.
 */
import { told, UserError } from "../errors.ts"
import { PythonRandom } from "../random/python.ts"
import { copiesOf } from "./copies.ts"
import type { Lines } from "./text.ts"

/** What becomes of equal lines: they are one group, "together", or each is its own, "apart". */
export type Duplicates = "together" | "apart"

interface Shuffled {
  /** The index of the first line of each group, shuffled. */
  readonly order: number[]
  /** All lines of some groups, with their labels. */
  linesOf(groups: readonly number[]): Lines
}

/** `method` is the name of the caller in errors. */
export function shuffledGroups(
  method: string,
  text: Lines,
  { seed, duplicates = text?.duplicates ?? "together" }: { seed: number; duplicates?: Duplicates },
): Shuffled {
  if (!Array.isArray(text?.lines))
    throw new UserError(`${method}: ${told(text)} in place of a text: give what loadText loads, or { lines }`)
  if (duplicates !== "together" && duplicates !== "apart")
    throw new UserError(`${method}: duplicates = ${told(duplicates)}: give "together" or "apart"`)
  const { lines, labels } = text
  const copies = duplicates === "together" ? copiesOf(lines) : new Map<number, number[]>()
  const isLater = new Set([...copies.values()].flatMap(([, ...later]) => later))
  const order = Array.from(lines.keys()).filter((index) => !isLater.has(index))
  new PythonRandom(seed).shuffle(order)
  return {
    order,
    linesOf(groups) {
      const indices = groups.flatMap((first) => copies.get(first) ?? first)
      const at = (all: readonly string[]) => indices.map((index) => all[index])
      const labelled = Object.entries(labels ?? {}).map(([name, each]) => [name, at(each)])
      return { lines: at(lines), ...(labels && { labels: Object.fromEntries(labelled) }) }
    },
  }
}
