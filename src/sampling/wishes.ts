/**
 * What a person wishes of the lines that are sampled, beyond the model's probabilities: a filter. `sampler-with-wishes.ts` makes lines
 * that pass it.
 */
import { CAPITALIZED } from "../data/characters.ts"
import { asWritten, type Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { requireOptions, told, UserError } from "../errors.ts"

export interface Wishes {
  /**
   * Lines that must not come out in upper or lower case, such as all of the data: what is sampled is new. It also looks like a line of
   * theirs: without stray spaces; unless a length is wished for, not shorter than the shortest; and, where all of them begin with a
   * capital letter and no start is given, with one too.
   */
  readonly known?: Iterable<string>
  /** Names that must not come out, in upper or lower case. */
  readonly avoid?: Iterable<string>
  readonly noRepeats?: boolean
  /** In symbols, the start included. A limit that is left out is none. */
  readonly length?: Partial<LengthRange>
  readonly endsWith?: string
  readonly contains?: string
}

export interface LengthRange {
  readonly least: number
  /** Infinity for no limit. */
  readonly most: number
}

/** The names of the wishes. */
const names = [
  "known",
  "avoid",
  "noRepeats",
  "length",
  "endsWith",
  "contains",
] as const satisfies (keyof Wishes)[]

/** A wish by its flag, and whether a line satisfies it. */
export interface Check {
  readonly flag: string
  /** Of a list of lines that must not come out: what its lines are, such as "in the data". */
  readonly listed?: string
  met(ids: readonly number[], text: string): boolean
}

export interface CheckedWishes {
  /** The wishes that say of which symbols a line consists, for which there is a search. */
  readonly shape: readonly Check[]
  /** All others but `noRepeats` and `capitalized`, which depend on the lines before and on the start. */
  readonly others: readonly Check[]
  /** Whether a line of which no start is given must begin with a capital letter. */
  readonly capitalized: boolean
  readonly length: LengthRange
  readonly endsWith: readonly number[]
  readonly contains: readonly number[]
  /** Whether a line must have ended with a stop: with any of the checks. */
  readonly whole: boolean
  readonly noRepeats: boolean
}

/** @throws UserError for unknown wishes, symbols that the model does not have, and wishes that exclude each other. */
export function checkWishes(wishes: Wishes, vocabulary: Tokenizer): CheckedWishes {
  requireOptions("wishes", wishes, names)
  const { noRepeats = false } = wishes
  const [known, avoid] = (["known", "avoid"] as const).map((name) =>
    textsOf(name, wishes[name])?.map((line) => asWritten(line, vocabulary)),
  )
  const length = wishes.length === undefined ? undefined : requireLength(wishes.length)
  for (const name of ["endsWith", "contains"] as const)
    if (wishes[name] !== undefined) requireText(name, wishes[name])
  const endsWith = Array.from(vocabulary.encode(wishes.endsWith ?? ""))
  const contains = Array.from(vocabulary.encode(wishes.contains ?? ""))
  for (const [flag, text, ids] of [
    ["--ends-with", wishes.endsWith, endsWith],
    ["--contains", wishes.contains, contains],
  ] as const) {
    if (ids.some((id) => id === vocabulary.unknown))
      throw new UserError(
        `${flag} ${told(text)}: the model does not know each of its words: give words of the data`,
      )
    if (length && ids.length > length.most)
      throw new UserError(
        `${flag} ${told(text)}: it has ${ids.length} symbols, more than --length ${written(length)} allows: allow more, or leave one out`,
      )
  }
  const shape: Check[] = []
  if (length)
    shape.push({
      flag: `--length ${written(length)}`,
      met: (ids) => ids.length >= length.least && ids.length <= length.most,
    })
  if (endsWith.length > 0)
    shape.push({
      flag: `--ends-with ${wishes.endsWith}`,
      met: (ids) => hasAt(ids, endsWith, ids.length - endsWith.length),
    })
  if (contains.length > 0)
    shape.push({ flag: `--contains ${wishes.contains}`, met: (ids) => indexOf(ids, contains) >= 0 })
  const others: Check[] = []
  if (known) {
    const folded = new Set(known.map(withoutCase))
    const shortest = length ? 1 : shortestOf(known, vocabulary)
    const spaced = known.some((line) => gap.test(line))
    const isNeat = (text: string) => text === text.trim() && (spaced || !gap.test(text))
    const flag = "--only-new"
    others.push(
      { flag, met: (ids, text) => ids.length >= shortest && isNeat(text) },
      { flag, listed: "in the data", met: (_, text) => !folded.has(withoutCase(text)) },
    )
  }
  if (avoid) {
    const lines = new Set(avoid.map(withoutCase))
    others.push({ flag: "--avoid", listed: "to be avoided", met: (_, text) => !lines.has(withoutCase(text)) })
  }
  return {
    shape,
    others,
    capitalized: known !== undefined && known.length > 0 && known.every((line) => CAPITALIZED.test(line)),
    length: length ?? { least: 0, most: Infinity },
    endsWith,
    contains,
    whole: shape.length + others.length > 0,
    noRepeats,
  }
}

/** Throws a UserError unless an option is a text. */
export function requireText(name: string, value: unknown): void {
  if (typeof value !== "string") throw new UserError(`${name} ${told(value)}: give a text, or leave it out`)
}

function textsOf(name: string, value: Iterable<string> | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  const texts =
    typeof value === "object" && value !== null && Symbol.iterator in value ? [...value] : undefined
  if (!texts?.every((each) => typeof each === "string"))
    throw new UserError(`${name} ${told(texts ?? value)}: give a list of texts, or leave it out`)
  return texts
}

function requireLength(given: Partial<LengthRange>): LengthRange {
  if (typeof given !== "object" || given === null)
    throw new UserError(`length ${told(given)}: give the least and the most, such as { least: 4, most: 8 }`)
  requireOptions("length", given, ["least", "most"])
  const { least = 0, most = Infinity } = given
  if (!isLength({ least, most }))
    throw new UserError(`length from ${told(least)} to ${told(most)}: give whole numbers, the least first`)
  return { least, most }
}

/** As the lines of a text are read. */
const bare = (text: string): string => text.trim().normalize("NFC")

const withoutCase = (text: string): string => bare(text.toLowerCase())

const gap = /\s\s/

/** The number of symbols of the shortest line; 1 without lines. */
const shortestOf = (lines: readonly string[], vocabulary: Tokenizer): number =>
  lines.length === 0 ? 1 : lines.reduce((least, line) => Math.min(least, vocabulary.lengthOf(line)), Infinity)

/** Where one sequence of symbols is first in another; -1 if it is not. */
export function indexOf(ids: readonly number[], wanted: readonly number[]): number {
  for (let at = 0; at + wanted.length <= ids.length; at++) if (hasAt(ids, wanted, at)) return at
  return -1
}

/** Whether a sequence has these symbols at this index. */
export const hasAt = (ids: readonly number[], wanted: readonly number[], at: number): boolean =>
  at >= 0 && wanted.every((id, k) => ids[at + k] === id)

/** A length as a person writes it: 5, 4-8, 4-, or -8 for 1 to 8. Throws a UserError for anything else. */
export function lengthRange(text: string): LengthRange {
  const [, exact, least, most] = /^(?:(\d+)|(?!-$)(\d*)-(\d*))$/.exec(text) ?? []
  const range = exact === undefined ? { least, most } : { least: exact, most: exact }
  const length = { least: Number(range.least || 1), most: Number(range.most || Infinity) }
  if (range.least === undefined || !isLength(length)) throw new UserError(`--length ${text}: ${wantedLength}`)
  return length
}

export const wantedLength = "give a number of symbols such as 5, or a range such as 4-8, 4- or -8"

const isLength = ({ least, most }: LengthRange): boolean =>
  Number.isSafeInteger(least) &&
  least >= 0 &&
  (Number.isSafeInteger(most) || most === Infinity) &&
  most >= Math.max(1, least)

/** A length as its flag has it. */
export const written = ({ least, most }: LengthRange): string =>
  least === most ? `${least}` : `${least <= 1 ? "" : least}-${most === Infinity ? "" : most}`
