/**
 * Cuts lines into training, validation and test parts. Equal lines stand in one part, so that no line is evaluated that was trained on.
 * Source: makemore part 5, cell 4, for lines that all differ.
 */
import { shownAs } from "../display/contract.ts"
import { UserError } from "../errors.ts"
import { type Duplicates, shuffledGroups } from "./shuffled-groups.ts"
import type { Lines } from "./text.ts"

export type Split = { readonly train: Lines; readonly validation: Lines; readonly test: Lines }

/** Fractions of the lines; the rest is the test part. */
export interface Fractions {
  readonly train: number
  readonly validation: number
}

interface SplitOptions extends Partial<Fractions> {
  readonly seed?: number
  /** Default: what the lines say, or else "together". */
  readonly duplicates?: Duplicates
}

/**
 * Shuffles the different lines, each with its copies, as CPython's `random.seed(seed); random.shuffle(words)` does, and cuts them at
 * trunc(`train` n) and trunc((`train` + `validation`) n) of n. A part that would be empty takes one from the largest, unless its fraction
 * is 0. Labels stay with their lines. Throws a UserError if there are fewer different lines than parts.
 */
export function split(
  text: Lines & { readonly name?: string },
  { train = 0.8, validation = 0.1, seed = 42, duplicates }: SplitOptions = {},
): Split {
  const { order, linesOf } = shuffledGroups("split", text, { seed, duplicates })
  const fractions = fractionsOf({ train, validation })
  const asked = fractions.filter((fraction) => fraction > 0).length
  if (order.length < asked) throw tooFew(text, order.length, asked)
  const ends = endsOf(order.length, fractions)
  const part = (k: number) => linesOf(order.slice(ends[k], ends[k + 1]))
  return shownSplit({ train: part(0), validation: part(1), test: part(2) })
}

/** How many lines of a part are shown, and how many letters of each. */
const [FIRST, LETTERS] = [3, 80]

const start = (line: string): string =>
  line.length > LETTERS ? `${line.slice(0, LETTERS).toWellFormed()}…` : line

/** The parts, which show themselves: how many lines each has, and the first of them. */
function shownSplit(parts: Split): Split {
  const rows = () =>
    Object.entries(parts).map(([name, { lines }]) => ({
      name,
      count: lines.length.toLocaleString("en"),
      first: `${lines.slice(0, FIRST).map(start).join(", ")}${lines.length > FIRST ? ", …" : ""}`,
    }))
  return shownAs(parts, {
    text: () =>
      rows()
        .map(({ name, count, first }) => `${name}: ${count} lines: ${first}`)
        .join("\n"),
    async html() {
      const { code, htmlTable } = await import("../display/html.ts")
      return htmlTable(
        [["part", "first", "lines"], ...rows().map(({ name, count, first }) => [name, code(first), count])],
        { left: 2 },
      )
    },
  })
}

/** The fractions of the training, validation and test parts. Throws a UserError unless they are that, and the first is above 0. */
export function fractionsOf({ train, validation }: Fractions): number[] {
  const both = withoutRoundingError(train + validation)
  const fractions = [train, validation, withoutRoundingError(1 - both)]
  if (train === 0 || !fractions.every((fraction) => fraction >= 0))
    throw new UserError(
      `A split with ${train} for training and ${validation} for validation: give fractions that add up to at most 1, ` +
        "such as 0.8 and 0.1",
    )
  return fractions
}

function tooFew(
  { name = "split", lines }: Parameters<typeof split>[0],
  different: number,
  parts: number,
): UserError {
  const count = (n: number) => (n === 1 ? "one line" : `${n} lines`)
  const found =
    different === 1 && lines.length > 1
      ? `all ${lines.length.toLocaleString("en")} lines are equal`
      : different < lines.length
        ? `${different} different lines`
        : count(lines.length)
  return new UserError(
    `${name}: ${found}, and a split into ${parts} part${parts === 1 ? "" : "s"} needs ${parts} different ones: give more, or fewer parts: ` +
      "--split 100,0,0 trains on every line",
  )
}

/** Where the parts of n things begin and end: 0, ..., n. There are enough for each part. */
function endsOf(n: number, fractions: readonly number[]): number[] {
  const [train, validation] = fractions
  const cuts = [0, Math.trunc(train * n), Math.trunc(withoutRoundingError(train + validation) * n), n]
  const sizes = fractions.map((_, k) => cuts[k + 1] - cuts[k])
  for (const [k, fraction] of fractions.entries())
    if (fraction > 0 && sizes[k] === 0) {
      sizes[sizes.indexOf(Math.max(...sizes))]--
      sizes[k]++
    }
  return [0, sizes[0], sizes[0] + sizes[1], n]
}

/** Fractions written as percent, such as "80,10,10"; undefined for a text that is none, or does not add up to 100. */
export function fractionsInPercent(text: string): Fractions | undefined {
  const written = text.split(",").map((each) => each.trim())
  const percents = written.map(Number)
  const isSplit =
    written.length === 3 &&
    written.every((each) => /^\d+(\.\d+)?$/.test(each)) &&
    percents[0] > 0 &&
    withoutRoundingError(percents[0] + percents[1] + percents[2]) === 100
  const [train, validation] = percents.map((percent) => withoutRoundingError(percent / 100))
  return isSplit ? { train, validation } : undefined
}

/** 0.7 + 0.2 is 0.8999999999999999, which would cut in the wrong place. */
export const withoutRoundingError = (fraction: number): number => Number(fraction.toFixed(9))
