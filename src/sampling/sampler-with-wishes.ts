/**
 * A sampler of lines that satisfy all wishes. It draws lines from the model and keeps those that do, which leaves the model's own
 * distribution, restricted to such lines. Where too few have the symbols that are wished for, it searches (`search.ts`).
 *
 *   lines of the model ─> those that satisfy the wishes ─> no repeats
 *            └─ too few ─> search ─┘
 */
import { CAPITALIZED } from "../data/characters.ts"
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { told, UserError } from "../errors.ts"
import { defaultGenerator } from "../random/default-generator.ts"
import { type Label, requireWhole, type SampleOptions, type Sampler } from "./sampler.ts"
import { isGreedy, type ScoreOfLine, searchLines } from "./search.ts"
import { type Check, checkWishes, type LengthRange, type Wishes, written } from "./wishes.ts"

export interface WishOptions {
  readonly vocabulary: Tokenizer
  /**
   * The model's losses of whole lines, of which the search makes weights; undefined for a line that the model cannot read. Without, rare
   * lines are not searched for.
   */
  readonly score?: (
    lines: readonly (readonly number[])[],
    label: Label | undefined,
  ) => Promise<readonly (ScoreOfLine | undefined)[]>
  /** The most symbols of a line that the model reads: one less than the context of a model of sequences; by default 1000. */
  readonly longest?: number
  /** Receives how many lines were made, and how many were asked for. */
  readonly onProgress?: (made: number, wanted: number) => void
}

/** Fewer lines than were asked for. */
export interface Shortage {
  readonly wanted: number
  readonly made: number
  /** All lines that were drawn to find them. */
  readonly drawn: number
  /** The wish that the fewest lines satisfied, as a flag. */
  readonly rarest: string
  /** All of it, and what would help, as a sentence. */
  readonly sentence: string
}

export interface SamplerWithWishes extends Sampler {
  /** Undefined if all lines that were asked for so far were made. */
  shortage(): Shortage | undefined
}

/** Lines drawn before it is decided whether to search, and the part of them that must satisfy the wishes. */
const [TRIAL, RARE] = [256, 0.02]
/** The most lines drawn without one that satisfies the wishes; the most of all, beyond these for each that is wanted. */
const [LIMIT, LIMIT_FOR_EACH] = [5000, 100]
/** Lines drawn at a time. */
const [LEAST_AT_ONCE, MOST_AT_ONCE] = [64, 512]

/**
 *   const sampler = samplerWithWishes(await openSampler(model), { known: lines, noRepeats: true }, { vocabulary })
 *
 * Lines of `sampler` that satisfy all of `wishes`; the prompt of `sample` is what they start with. No line is drawn twice from one call
 * to the next where there are to be no repeats. It ends early where it finds too few: see `shortage`.
 */
export function samplerWithWishes(
  sampler: Sampler,
  wishes: Wishes,
  { vocabulary, score, longest = 1000, onProgress }: WishOptions,
): SamplerWithWishes {
  const wished = checkWishes(wishes, vocabulary)
  const { shape, others, capitalized, length, whole, noRepeats } = wished
  if (length.least > longest)
    throw new UserError(
      `${shape[0].flag}: no line of more than ${longest.toLocaleString("en")} symbols is made: give a smaller length`,
    )
  const seen = new Set<string>()
  let bound = longest
  /** Of the last call of `sample`. */
  let [greedy, begins, cut] = [false, false, false]
  const ends = (ids: readonly number[]) => ids.length <= bound
  const checks: Check[] = [
    ...shape,
    ...(whole ? [{ flag: ENDS, met: ends }] : []),
    // Nothing can be said of the whole of a line that is cut.
    ...others.map((check) => ({
      ...check,
      met: (ids: readonly number[], text: string) => !ends(ids) || check.met(ids, text),
    })),
    ...(capitalized
      ? [{ flag: CAPITAL, met: (_: unknown, text: string) => begins || CAPITALIZED.test(text) }]
      : []),
    ...(noRepeats ? [{ flag: REPEATS, met: (_: unknown, text: string) => !seen.has(text) }] : []),
  ]
  /** What the lines are that satisfy everything else, but are listed. */
  const listedAs = new Map<string, string>()
  /** The wishes that a line does not satisfy. */
  const missed = (ids: readonly number[], text = vocabulary.decode(ids)): readonly Check[] => {
    const unmet = checks.filter((check) => !check.met(ids, text))
    if (unmet.length > 0 && unmet.every(({ listed }) => listed)) listedAs.set(text, unmet[0].listed!)
    return unmet
  }
  const searches = score !== undefined && shape.length > 0
  const total = { wanted: 0, made: 0, drawn: 0 }
  /** How many lines of the model satisfied each wish. */
  const satisfied = checks.map(() => 0)

  async function* sample(options: SampleOptions): AsyncGenerator<number[]> {
    const { count, generator = defaultGenerator, prompt = [], maximumLength = longest, ...choice } = options
    requireWhole("count", count, 0)
    requireWhole("maximumLength", maximumLength, 1)
    const longer = "allows: allow more, or leave one out"
    if (length.least > maximumLength)
      throw new UserError(`${shape[0].flag}: it is more than ${ENDS} ${maximumLength} ${longer}`)
    for (const [limit, symbols] of [
      [shape[0]?.flag, length.most],
      [`${ENDS} ${maximumLength}`, options.maximumLength ?? Infinity],
    ] as const)
      if (prompt.length > symbols)
        throw new UserError(
          `--starts-with ${told(vocabulary.decode(prompt))}: it has ${prompt.length} symbols, more than ${limit} ${longer}`,
        )
    const most = Math.min(maximumLength, longest, length.most)
    bound = most
    const limit = total.drawn + LIMIT + LIMIT_FOR_EACH * count
    greedy = isGreedy(choice)
    begins = prompt.length > 0
    cut = maximumLength < Math.min(longest, length.most)
    total.wanted += count
    const draw = async (count: number, prompt: readonly number[]): Promise<number[][]> => {
      // One symbol more than the most tells a line that ends from one that is cut.
      const bounded = { maximumLength: whole ? most + 1 : options.maximumLength }
      const lines = await listed(sampler.sample({ ...choice, ...bounded, prompt, count, generator }))
      total.drawn += lines.length
      return lines
    }
    let made = 0
    let trial = 0
    let symbols = 0
    let since = 0
    const make = (ids: number[]): number[] => {
      if (noRepeats) seen.add(vocabulary.decode(ids))
      made++
      total.made++
      since = 0
      return ids
    }
    while (made < count && total.drawn < limit && since < LIMIT) {
      const rate = trial === 0 ? 1 : Math.max(made / trial, 0.01)
      const wanted = Math.max((count - made) / rate, greedy ? 1 : LEAST_AT_ONCE)
      const lines = await draw(Math.min(Math.ceil(wanted), MOST_AT_ONCE), prompt)
      trial += lines.length
      since += lines.length
      // Short lines are finished first. In a random order, those that are left over are like the others.
      for (const k of generator.randperm(lines.length)) {
        const text = vocabulary.decode(lines[k])
        const unmet = missed(lines[k], text)
        for (const [c, check] of checks.entries()) if (!unmet.includes(check)) satisfied[c]++
        if (made < count && unmet.length === 0) yield make(lines[k])
      }
      symbols += lines.reduce((sum, ids) => sum + ids.length, 0)
      onProgress?.(made, count)
      if (greedy && (made === 0 || noRepeats)) break
      if (searches && trial >= TRIAL && made < RARE * trial) break
    }
    if (score && searches && made < count)
      for await (const ids of searchLines({
        ...wished,
        count: count - made,
        prompt,
        most,
        choice,
        meanLength: symbols / trial,
        generator,
        draw,
        score: (lines) => score(lines, options.label),
        fits: (ids) => missed(ids).length === 0,
      }))
        yield make(ids)
  }

  return {
    sample,
    release: sampler.release,
    shortage() {
      const { wanted, made, drawn } = total
      if (made >= wanted) return undefined
      const rarest = checks[satisfied.indexOf(Math.min(...satisfied))]?.flag ?? REPEATS
      return {
        ...total,
        rarest,
        sentence: sentenceOf(
          { wanted, made, drawn, rarest },
          {
            ...{ greedy, noRepeats },
            ...(cut && { bound: { ...length, most: bound } }),
            ...(searches || begins ? { listedAs } : {}),
          },
        ),
      }
    },
  }
}

const REPEATS = "--no-repeats"
const ENDS = "--maximum-length"
const CAPITAL = "a capital letter first"

interface Circumstances {
  readonly greedy: boolean
  readonly noRepeats: boolean
  /** The length to which lines were cut, if --maximum-length is what cut them. */
  readonly bound?: LengthRange
  /** Of certain symbols only: the lines that were found, and what they are instead of new. */
  readonly listedAs?: ReadonlyMap<string, string>
}

function sentenceOf(
  { wanted, made, drawn, rarest }: Omit<Shortage, "sentence">,
  { greedy, noRepeats, bound, listedAs = new Map() }: Circumstances,
): string {
  const number = (count: number) => count.toLocaleString("en")
  const found = `${made === 0 ? "none" : `only ${number(made)}`} of ${number(wanted)} ${noRepeats ? "different " : ""}lines found`
  if (greedy)
    return `${found}: the likeliest symbol is always the same, and so is the line: give a --temperature above 0`
  const smaller = made === 0 ? "" : ", or a smaller --count"
  const among = `${found} among ${number(drawn)} that were drawn`
  if (listedAs.size > made) {
    const [size, where] = [listedAs.size, [...new Set(listedAs.values())].join(" or ")]
    const such =
      made > 0
        ? `${number(size)} others`
        : size === 1
          ? "the only such line"
          : `all ${number(size)} such lines`
    return `${among}; ${such} that ${size === 1 ? "was found is" : "were found are"} ${where}: give a higher --temperature or fewer wishes${smaller}`
  }
  const reason =
    {
      "--only-new": "most are in the data, which the model knows by heart: give a higher --temperature",
      [ENDS]: bound
        ? `most are longer than ${ENDS} ${bound.most} allows: give --length ${written(bound)}, for which there is a search`
        : "most did not come to an end: train longer",
      [CAPITAL]:
        "all of the data begins with a capital letter, and most of these do not: say what else they begin with by --starts-with",
      [REPEATS]: "most are repeated: give a higher --temperature",
    }[rarest] ?? `the fewest satisfied ${rarest}: give a higher --temperature or fewer wishes`
  return `${among}; ${reason}${smaller}`
}

async function listed<T>(things: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const thing of things) list.push(thing)
  return list
}
