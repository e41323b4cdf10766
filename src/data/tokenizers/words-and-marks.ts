/**
 * Cuts a text into words, marks and line ends, and joins them again. A word has a letter or a digit; a mark is punctuation, a symbol or an
 * emoji. White space is no token: two tokens have a space between them or none. Most marks have the same sides in most places: a comma has
 * no space before it and one after it; emoji have spaces around them and none between them. Where a mark has others, its token says so,
 * with ␣ for a space and ￭ for none: a quote that ends is ", and one that begins is ␣"￭.
 * Sources: word boundaries of Unicode Standard Annex #29, https://unicode.org/reports/tr29/, through Intl.Segmenter; ￭ is the joiner of
 * OpenNMT's tokenizer, https://github.com/OpenNMT/Tokenizer
 */

export const LINE_END = "\n"

/** A word that has no token of its own, as the Penn Treebank of language models writes it. */
export const UNKNOWN = "<unk>"

const WORD = /[\p{L}\p{Nd}\p{Nl}]/u

export const isWord = (token: string): boolean => WORD.test(token)

/** A token as it stands in a text. Two neighbors have a space between them if both have one on that side, unless both are loose. */
interface Piece {
  text: string
  before: boolean
  after: boolean
  /** Whether it is a mark, whose token can say its sides. */
  readonly isMark: boolean
  /** Whether it is an emoji whose token does not say its sides. */
  isLoose: boolean
}

/** Scripts that put no spaces between words. */
const spaceless = "[\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}]"
const spacelessFirst = new RegExp(`^${spaceless}`, "u")
const spacelessLast = new RegExp(`${spaceless}$`, "u")

/** Punctuation as wide as an ideograph, which has its space within. */
const wide = /^[\u3000-\u303f\u30fb\uff00-\uffef]/
const opening = /^[\p{Ps}\p{Pi}\p{Sc}¿¡`#@]/u
const closing = /^[\p{Pe}\p{Pf}.,;:!?%°…"']/u
const joining = /^[-‐‑—/\\]/
// ©, ™ and ↔ have the property too.
const emoji = /^[\p{Extended_Pictographic}\p{Regional_Indicator}]/u

const noMark = (text: string, before: boolean, after: boolean): Piece => ({
  text,
  before,
  after,
  isMark: false,
  isLoose: false,
})

/** A text without white space, or a line end, with the sides that it usually has. */
function usual(text: string): Piece {
  if (isWord(text)) return noMark(text, !spacelessFirst.test(text), !spacelessLast.test(text))
  if (text === LINE_END) return noMark(text, true, true)
  if (wide.test(text)) return noMark(text, false, false)
  const joins = joining.test(text)
  const [before, after] = [!joins && !closing.test(text), !joins && !opening.test(text)]
  return { text, before, after, isMark: true, isLoose: emoji.test(text) }
}

const areApart = (left: Piece, right: Piece): boolean =>
  left.after && right.before && !(left.isLoose && right.isLoose)

/** Gives two neighbours the sides that they have in a text, as far as their tokens can say so. */
function meet(left: Piece, right: Piece, isSpaced: boolean): void {
  if (areApart(left, right) !== isSpaced) {
    const areLoose = left.isLoose && right.isLoose
    if (left.isMark && (areLoose || left.after !== isSpaced))
      Object.assign(left, { after: isSpaced, isLoose: false })
    if (right.isMark && right.before !== isSpaced && (isSpaced || !left.isMark))
      Object.assign(right, { before: isSpaced, isLoose: false })
  }
  if (right.isLoose) right.before = isSpaced // in case its token must say its sides for what follows
}

const [SPACE, NONE] = ["␣", "￭"]
const side = (isSpace: boolean): string => (isSpace ? SPACE : NONE)

function tokenOf({ text, before, after, isMark, isLoose }: Piece): string {
  if (!isMark || isLoose) return text
  const often = usual(text)
  const isUsual = before === often.before && after === often.after && !often.isLoose
  return isUsual ? text : `${side(before)}${text}${side(after)}`
}

function pieceOf(token: string): Piece {
  const sides = [token[0], token.at(-1)]
  const saysSides = token.length > 2 && sides.every((each) => each === SPACE || each === NONE)
  if (!saysSides || isWord(token)) return usual(token)
  const [before, after] = sides.map((each) => each === SPACE)
  return { text: token.slice(1, -1), before, after, isMark: true, isLoose: false }
}

/** The mark of a token that says its sides; any other token as it is. */
export const bare = (token: string): string => pieceOf(token).text

/** Marks of which several in a row are one token, such as "..." and "--". */
const repeating = /^[!#$%&'*+,\-./:;=?@\\^_`|~…]$/

/** The tokens of a text in NFC. A line begins and ends as if there were a space. */
export function* tokensOf(text: string): Generator<string> {
  let last: Piece | undefined
  let isSpaced = true
  let before = ""
  for (const segment of segmentsOf(text)) {
    const isRepeated = segment === before && repeating.test(segment)
    const isEnd = segment === LINE_END
    before = segment
    if (last && isRepeated) last.text += segment
    else if (!isEnd && segment.trim() === "") isSpaced = true
    else {
      const next = usual(segment)
      meet(last ?? usual(LINE_END), next, isSpaced || isEnd)
      if (last) yield tokenOf(last)
      last = next
      isSpaced = isEnd
    }
  }
  if (!last) return
  meet(last, usual(LINE_END), true)
  yield tokenOf(last)
}

const segmenter = new Intl.Segmenter("und", { granularity: "word" })

/** Words, marks, line ends and white space. */
function* segmentsOf(text: string): Generator<string> {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, LINE_END) : text
  for (const part of lines.includes(UNKNOWN) ? lines.split(/(<unk>)/) : [lines])
    if (part === UNKNOWN) yield part
    else for (const { segment } of segmenter.segment(part)) yield segment
}

/** The text of these tokens, with a space where both neighbours have one. */
export function textOf(tokens: Iterable<string>): string {
  let text = ""
  let last = usual(LINE_END)
  for (const token of tokens) {
    const next = pieceOf(token)
    const isSpaced = areApart(last, next) && last.text !== LINE_END && next.text !== LINE_END
    text += isSpaced ? ` ${next.text}` : next.text
    last = next
  }
  return text
}
