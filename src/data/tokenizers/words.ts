/**
 * The tokenizer of words: words, numbers, punctuation marks and line ends have ids by how often they occur. Those that are too rare are one
 * token, the unknown word. What a text loses is how much white space it has, and a capital letter where nearly all words of its place have
 * the other form (capitals.ts).
 * Sources: Bengio et al. 2003, https://www.jmlr.org/papers/v3/bengio03a.html, section 4.1, for rare words; words-and-marks.ts for the rest.
 */
import { inspect, jupyterDisplay, type Media } from "../../display/contract.ts"
import { told, UserError } from "../../errors.ts"
import { byCodePoints } from "../by-code-points.ts"
import { quoteStart } from "../characters.ts"
import { capitalized, Place, placesOfCapitals, small } from "./capitals.ts"
import { symbolsInWords, symbolsMedia } from "./symbols-shown.ts"
import { requireId, requireTexts, STOP, type Tokenizer } from "./tokenizer.ts"
import { bare, isWord, textOf, tokensOf, UNKNOWN } from "./words-and-marks.ts"

export interface WordsOptions {
  /** Words that occur less often are the unknown word. */
  readonly minCount?: number
  /** The most words that have an id of their own: the most frequent. */
  readonly vocabulary?: number
}

interface WordsJSON {
  readonly tokens: "words"
  readonly capitals: readonly string[]
  readonly words: readonly string[]
}

export class Words implements Tokenizer {
  readonly tokens = "words"
  readonly unknown = 1
  /** By id, for display. Id 0 is shown as "."; a "." in the data has an id of its own. */
  readonly symbols: readonly string[]
  readonly #ids: ReadonlyMap<string, number>
  /** The id of each mark in its most frequent form. */
  readonly #marks = new Map<string, number>()
  /** The places where words begin with a capital letter (capitals.ts). */
  readonly #capitals: ReadonlySet<string>

  /** `words` are those with ids 2, 3, ... */
  private constructor(words: readonly string[], capitals: readonly string[] = []) {
    this.symbols = [".", UNKNOWN, ...words]
    this.#ids = new Map(this.symbols.map((word, id) => [word, id]).slice(1) as [string, number][])
    for (const [word, id] of this.#ids)
      if (!isWord(word) && !this.#marks.has(bare(word))) this.#marks.set(bare(word), id)
    this.#capitals = new Set(capitals)
  }

  /** The words of lines, or of one whole text. Throws a UserError if they have none, or none that occurs often enough. */
  static from(texts: Iterable<string>, options: WordsOptions = {}): Words {
    requireTexts("Words.from", texts)
    const byPlace = new Map<string, Map<string, number>>()
    for (const text of texts) {
      const place = new Place()
      for (const token of tokensOf(text.normalize("NFC"))) {
        const counts = byPlace.get(place.name) ?? new Map<string, number>()
        if (counts.size === 0) byPlace.set(place.name, counts)
        counts.set(token, (counts.get(token) ?? 0) + 1)
        place.pass(token)
      }
    }
    const capitals = placesOfCapitals(byPlace)
    const counts = new Map<string, number>()
    const add = (token: string, count: number) => counts.set(token, (counts.get(token) ?? 0) + count)
    for (const [place, each] of byPlace)
      if (!capitals.includes(place)) for (const [token, count] of each) add(token, count)
    const elsewhere = new Map(counts)
    for (const place of capitals)
      for (const [token, count] of byPlace.get(place)!) {
        const other = small(token)
        const isSmall = (elsewhere.get(other) ?? 0) > (elsewhere.get(token) ?? 0)
        add(isSmall ? other : token, count)
      }
    return new Words(frequent(counts, options), capitals.sort(byCodePoints))
  }

  /** Of a corpus that is cut into words already: they are read and written as they are, capital letters too. */
  static fromTokens(tokens: Iterable<string>, options: WordsOptions = {}): Words {
    requireTexts("Words.fromTokens", tokens)
    const counts = new Map<string, number>()
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    return new Words(frequent(counts, options))
  }

  /** The number of symbols, the stop and the unknown word included. */
  get size(): number {
    return this.symbols.length
  }

  toString(): string {
    return symbolsInWords(this.symbols)
  }

  [inspect](): string {
    return `Words, ${this}`
  }

  [jupyterDisplay](): Promise<Media> {
    return symbolsMedia(this[inspect](), this.symbols)
  }

  /** A text of L words, marks and line ends -> their ids (L). */
  encode(text: string): Int32Array {
    if (typeof text !== "string") throw new UserError(`encode: ${told(text)}: give a text`)
    const composed = text.normalize("NFC")
    const ids = new Int32Array(composed.length)
    let length = 0
    const place = new Place()
    for (const token of tokensOf(composed)) {
      ids[length++] = this.#idAt(place, token)
      place.pass(token)
    }
    return ids.slice(0, length)
  }

  /** The ids (L) of L words that are cut already. */
  encodeTokens(tokens: Iterable<string>): Int32Array {
    return Int32Array.from(tokens, (token) => this.#ids.get(token) ?? this.unknown)
  }

  lengthOf(text: string): number {
    return this.encode(text).length
  }

  missing(): string[] {
    return []
  }

  #idAt(place: Place, token: string): number {
    const id = this.#ids.get(token)
    if (!isWord(token)) return id ?? this.#marks.get(bare(token)) ?? this.unknown
    const ofSmall = this.#ids.get(small(token))
    // Ids are in the order of frequency: of two forms the word has the more frequent one.
    const isOther = id === undefined || (place.isIn(this.#capitals) && ofSmall !== undefined && ofSmall < id)
    return (isOther ? ofSmall : id) ?? this.unknown
  }

  /** The text of these words, with spaces and capitals where they belong; stops are dropped. */
  decode(ids: Iterable<number>): string {
    return textOf(this.#tokens(ids))
  }

  *#tokens(ids: Iterable<number>): Generator<string> {
    const place = new Place()
    for (const id of ids) {
      requireId(id, this.size)
      if (id === STOP) continue
      const token = this.symbols[id]
      const isCapital = isWord(token) && place.isIn(this.#capitals)
      yield isCapital ? capitalized(token) : token
      place.pass(token)
    }
  }

  toJSON(): WordsJSON {
    return { tokens: this.tokens, capitals: [...this.#capitals], words: this.symbols.slice(2) }
  }

  /** `name` is the value's name in errors, such as the path of a file. */
  static fromJSON(value: unknown, { name = "the vocabulary" } = {}): Words {
    const { words, capitals } = Object(value) as { words?: unknown; capitals?: unknown }
    const areTexts = (list: unknown): list is string[] =>
      Array.isArray(list) && list.every((each) => typeof each === "string" && each !== "")
    if (!areTexts(words) || !areTexts(capitals) || new Set([UNKNOWN, ...words]).size <= words.length)
      throw new UserError(
        `${name}: not a vocabulary of words: give { "tokens": "words", "capitals": [], "words": ["the", "of"] }, with each word once`,
      )
    return new Words(words, capitals)
  }
}

/** The words that are kept, the most frequent first. */
function frequent(
  counts: ReadonlyMap<string, number>,
  { minCount = 1, vocabulary = Infinity }: WordsOptions,
): string[] {
  const all = [...counts].filter(([word]) => word !== UNKNOWN)
  all.sort(([a, left], [b, right]) => right - left || byCodePoints(a, b))
  if (all.length === 0) throw new UserError("A vocabulary without words: give texts that have some")
  const kept = all.filter(([, count]) => count >= minCount).slice(0, vocabulary)
  const [[first, most]] = all
  if (kept.length === 0)
    throw new UserError(
      `--min-count ${minCount}: no word occurs so often; the most frequent, ${quoteStart(first)}, occurs ${most.toLocaleString("en")} times: give ${most.toLocaleString("en")} or less`,
    )
  return kept.map(([word]) => word)
}
