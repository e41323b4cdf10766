/** The table of the tokenizers, by the value of the setting `tokens`. */
import { Bytes } from "./bytes.ts"
import { Vocabulary } from "./characters.ts"
import type { Tokenizer } from "./tokenizer.ts"
import { Words } from "./words.ts"

export interface TokenizerSettings {
  /** Default: characters. */
  readonly tokens?: string
  /** Of words: those that occur less often in the texts are the unknown word. */
  readonly minCount?: number
  /** Of words: the most that have a symbol of their own. */
  readonly vocabulary?: number
}

interface TokenizerKind {
  /** The tokenizer of these texts: lines, or one whole text. */
  make(texts: Iterable<string>, settings: TokenizerSettings): Tokenizer
  fromJSON(value: unknown, options: { name: string }): Tokenizer
}

export const tokenizers = {
  characters: { make: (texts) => Vocabulary.from(texts), fromJSON: Vocabulary.fromJSON },
  bytes: { make: () => new Bytes(), fromJSON: () => new Bytes() },
  words: { make: Words.from, fromJSON: Words.fromJSON },
} satisfies Readonly<Record<string, TokenizerKind>>

/** The tokenizer of these settings for texts: lines, or one whole text. */
export const makeTokenizer = (
  { tokens = "characters", ...settings }: TokenizerSettings,
  texts: Iterable<string>,
): Tokenizer => (tokenizers as Readonly<Record<string, TokenizerKind>>)[tokens].make(texts, settings)

/** The tokenizer in a parsed JSON value. `name` is the value's name in errors, such as the path of a file. */
export function tokenizerFromJSON(value: unknown, { name = "the vocabulary" } = {}): Tokenizer {
  const { tokens } = Object(value) as { tokens?: unknown }
  const kinds: Readonly<Record<string, TokenizerKind>> = tokenizers
  const kind = typeof tokens === "string" && Object.hasOwn(kinds, tokens) ? tokens : "characters"
  return kinds[kind].fromJSON(value, { name })
}
