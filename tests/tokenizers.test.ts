import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { Vocabulary } from "../src/data/index.ts"
import { Bytes } from "../src/data/tokenizers/bytes.ts"
import { capitalized, small } from "../src/data/tokenizers/capitals.ts"
import { makeTokenizer, tokenizerFromJSON, tokenizers } from "../src/data/tokenizers/index.ts"
import { STOP, type Tokenizer } from "../src/data/tokenizers/tokenizer.ts"
import { Words } from "../src/data/tokenizers/words.ts"
import { textOf, tokensOf } from "../src/data/tokenizers/words-and-marks.ts"
import { UserError } from "../src/errors.ts"

/** Texts that come back as they are from every tokenizer. */
const texts = {
  English: `The jury said, "We don't know." Then — after a while — it left (quietly); a well-known 3.5% of $5... wait--what?! He said: "Go!" and she went.`,
  "an older English":
    "'Tis not so sweet now, the dogs' 'o'er-grown' bones; th' ambitious ocean, o' Saturdays.",
  German: "„Guten Tag“, sagte er; »ja« – nein. Die Übergröße (z. B. 5 km/h) kostet 3,50 €.",
  French: "Qu'est-ce que c'est ? — Rien ! L’homme dit : « Bonjour », aujourd'hui.",
  Spanish: "¿Qué pasa? ¡Nada! «Sí», dijo él.",
  Japanese: "私は東京に行きます。「こんにちは」と言った、3月5日。",
  Thai: "ภาษาไทยเป็นภาษาที่มีระดับเสียง",
  Russian: "Он сказал: «Да» — и ушёл…",
  "a poem": "The rain falls down,\nAnd “so” it goes…\n\n\nIt goes,\nAnd goes.\n",
  code: `for (let i = 0; i < n; i++) { a[i] = f(x)(y)[0]; } // it's #1 <b>"x"</b> foo_bar a.b.c != 'q' x="a"`,
  emoji: "I ❤️ tea 🎉🎉! lol😂😂 🇩🇪🇫🇷 (👍🏽 👍🏽) 🍵🍵a\n🎉 🎉, yes!🎉 no 😂😂 😂😂.",
  symbols: "Hi 😀👍🏽 foo😀! ... !!! --- a,b ,c , d ( e ) [f]: 10:30 1,000 50 % @me #tag ☃ e=mc² ␣ a￭b",
}

/** What the table makes of the texts. */
const made = (tokens: string): Tokenizer => makeTokenizer({ tokens }, Object.values(texts))

describe.each(Object.keys(tokenizers))("%s", (tokens) => {
  test.each(Object.entries(texts))("%s comes back as it is", (_, text) => {
    const tokenizer = made(tokens)
    const ids = tokenizer.encode(text)
    expect(tokenizer.decode(ids)).toBe(text)
    expect(tokenizer.lengthOf(text)).toBe(ids.length)
    expect(tokenizer.missing(text)).toEqual([])
    expect(Math.min(...ids)).toBeGreaterThan(STOP)
    expect(Math.max(...ids)).toBeLessThan(tokenizer.size)
  })

  test("keeps to the contract", () => {
    const tokenizer = made(tokens)
    expect(tokenizer.tokens).toBe(tokens)
    expect(tokenizer.symbols).toHaveLength(tokenizer.size)
    expect(new Set(tokenizer.symbols.slice(1)).size).toBe(tokenizer.size - 1)
    expect(tokenizer.encode("")).toEqual(new Int32Array())
    expect(tokenizer.decode([STOP, ...tokenizer.encode("The dogs"), STOP])).toBe("The dogs")
    for (const id of [-1, 1.5, tokenizer.size, "1" as never])
      expect(() => tokenizer.decode([id])).toThrow(`give ids from 0 to ${tokenizer.size - 1}`)
    expect(() => tokenizer.encode(5 as never)).toThrow("encode: 5: give a text")
    expect(inspect(tokenizer)).toContain(`${tokenizer.size} symbols`)
  })

  test("to JSON and back", () => {
    const tokenizer = made(tokens)
    const copy = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)))
    expect(copy.symbols).toEqual(tokenizer.symbols)
    expect(copy.unknown).toBe(tokenizer.unknown)
    for (const text of Object.values(texts)) {
      const ids = tokenizer.encode(text)
      expect(copy.encode(text)).toEqual(ids)
      expect(copy.decode(ids)).toBe(tokenizer.decode(ids))
    }
  })
})

test("what is no tokenizer is a sentence", () => {
  for (const value of [undefined, {}, { tokens: "syllables" }, { tokens: "constructor" }, [1]])
    expect(() => tokenizerFromJSON(value, { name: "run/config.json" })).toThrow(
      /^run\/config\.json: not a vocabulary: /,
    )
})

test("a vocabulary of characters is the list of strings that it was before there were others", () => {
  expect(JSON.stringify(Vocabulary.from(["ba"]))).toBe('["a","b"]')
  expect(tokenizerFromJSON(["a", "b"])).toBeInstanceOf(Vocabulary)
  expect(made("characters").missing("aqЖ☂")).toEqual(["Ж", "☂"])
  expect(made("characters").lengthOf("aqЖ☂")).toBe(4)
})

describe("bytes", () => {
  test("are those of UTF-8, whatever the data", () => {
    expect(Array.from(new Bytes().encode("aé😀\uFEFF"))).toEqual([
      0x62, 0xc4, 0xaa, 0xf1, 0xa0, 0x99, 0x81, 0xf0, 0xbc, 0xc0,
    ])
    expect(new Bytes().decode(new Bytes().encode("\uFEFFé\u0301"))).toBe("\uFEFFé\u0301")
    const { symbols } = new Bytes()
    expect([0x41, 0xc3, 0x0a, 0x00].map((byte) => symbols[byte + 1])).toEqual(["A", "<0xC3>", "\n", "<0x00>"])
  })

  test("that are no UTF-8 are replaced: a model may stop within a character", () => {
    const bytes = new Bytes()
    expect(bytes.decode(bytes.encode("né😀").subarray(0, 2))).toBe("n\uFFFD")
    expect(bytes.decode(bytes.encode("né😀").subarray(0, 6))).toBe("né\uFFFD")
    expect(bytes.decode([0xff + 1, 0x61 + 1])).toBe("\uFFFDa")
  })
})

const shown = (text: string) => [...tokensOf(text)].join(" ")

describe("words", () => {
  test.each([
    ["Don't stop, o'er there: it's 3.5 or 1,000.", "Don't stop , o'er there : it's 3.5 or 1,000 ."],
    ["a well-known foo_bar", "a well - known foo_bar"],
    ['said, "Yes," and', 'said , ␣"￭ Yes , " and'],
    ["(a) [b] {c}", "( a ) [ b ] { c }"],
    ["f(x)", "f ￭(￭ x )"],
    ["wait... what?! a--b ((c))", "wait ... what ? ! a -- b ( ( c ) )"],
    ["I ❤️ tea 🎉🎉🎉!", "I ❤️ tea 🎉 🎉 🎉 !"],
    ["🎉 🎉 and lol😂😂 🍵🍵a", "␣🎉␣ 🎉 and lol ￭😂￭ ￭😂␣ 🍵 ￭🍵￭ a"],
    ["Rien ! « Oui »", "Rien ␣!␣ ␣«␣ Oui ␣»␣"],
    ["東京に、行く。", "東京 に 、 行く 。"],
    ["Tokyo、Osaka。」", "Tokyo 、 Osaka 。 」"],
    ["a <unk>, b", "a <unk> , b"],
    ["one\ntwo\r\n\r\nthree", "one \n two \n \n three"],
    ["  one \t two  ", "one two"],
    ["", ""],
    [" ", ""],
  ])("%j is %j", (text, tokens) => expect(shown(text)).toBe(tokens))

  test("what is lost: how much white space there is, and a space between words of scripts that have none", () => {
    expect(textOf(tokensOf("  for i:\n\tprint  (i) \n"))).toBe("for i:\nprint (i)\n")
    expect(textOf(tokensOf("東京 Tokyo に"))).toBe("東京Tokyoに")
  })

  test("ids are in the order of frequency, equally frequent ones by code points", () => {
    const words = Words.from(["b a c b 😀 \uFF5A a b"])
    expect(words.symbols).toEqual([".", "<unk>", "b", "a", "c", "\uFF5A", "😀"])
    expect(Array.from(words.encode("a c"))).toEqual([3, 4])
  })

  test("rare words are the unknown word", () => {
    const words = Words.from(["a a a b b c", "<unk> <unk> <unk> <unk>"], { minCount: 2 })
    expect(words.symbols).toEqual([".", "<unk>", "a", "b"])
    expect(Array.from(words.encode("c a x <unk>"))).toEqual([1, 2, 1, 1])
    expect(words.decode([1, 2])).toBe("<unk> a")
    expect(words.unknown).toBe(1)
    const most = Words.from(["a a a b b c"], { vocabulary: 1 })
    expect(most.symbols).toEqual([".", "<unk>", "a"])
  })

  test("a mark with rare sides is the mark as it mostly is", () => {
    const words = Words.from(['a, b, c "d" e,f'], { minCount: 2 })
    expect(words.symbols).toEqual([".", "<unk>", ","])
    expect(words.decode(words.encode("x,x"))).toBe("<unk>, <unk>")
    const quotes = Words.from([`"a" "b" 'c`])
    const ids = quotes.encode(`a"b`)
    expect(quotes.decode(ids)).toBe(`a" b`)
  })

  const sentences = "The cat sat. A dog saw the cat. The dog ran to a man, and the man laughed. Anna fed it."

  test("a word that begins a sentence is the same word as elsewhere, and is written with a capital again", () => {
    const words = Words.from(Array.from({ length: 10 }, () => sentences))
    expect(words.symbols).toContain("the")
    expect(words.symbols).toContain("Anna")
    for (const word of ["The", "anna", "A"]) expect(words.symbols).not.toContain(word)
    expect(words.decode(words.encode(sentences))).toBe(sentences)
    expect(words.decode(words.encode("The dog saw Anna. The man ran."))).toBe(
      "The dog saw Anna. The man ran.",
    )
    expect(words.encode("The dog")).toEqual(words.encode("the dog"))
    expect(words.decode(words.encode("<unk> the. <unk>"))).toBe("<unk> the. <unk>")
  })

  test("of two forms a word has, where it begins a sentence, the one that is more frequent elsewhere", () => {
    const lines = ["A mark and a mark, Mark", "By Rose, Rose and a rose", "Mark it", "Rose it"]
    const words = Words.from([...lines, ...lines, ...lines])
    expect(words.toJSON()).toMatchObject({ capitals: ["\n\n"] })
    const symbolOf = (line: string) => words.symbols[words.encode(line)[0]]
    expect([symbolOf("Mark it"), symbolOf("Rose it"), symbolOf("rose it")]).toEqual(["mark", "Rose", "rose"])
    for (const line of lines) expect(words.decode(words.encode(line))).toBe(line)
  })

  test("a place has capitals if nine in ten words begin so there, counting one more that does not; between words there is none", () => {
    const capitalsOf = (capital: number, small: number) =>
      Words.from([...Array(capital).fill("Anna Maria"), ...Array(small).fill("anna Maria")]).toJSON().capitals
    expect([capitalsOf(8, 0), capitalsOf(9, 0), capitalsOf(17, 1), capitalsOf(18, 1)]).toEqual([
      [],
      ["\n\n"],
      [],
      ["\n\n"],
    ])
  })

  test("a first letter whose capital is two letters stays small", () => {
    expect(["ßen", "éa", "ǆ", "3a", "𐐨"].map(capitalized)).toEqual(["ßen", "Éa", "Ǆ", "3a", "𐐀"])
    expect(["The", "ÉA", "THE", "𐐀"].map(small)).toEqual(["the", "éA", "tHE", "𐐨"])
  })

  test("capitals are of the places that have them: not of lines that break anywhere, nor of lists in small letters", () => {
    const broken = "The cat saw the\ndog and\nthe man. So the\ncat ran to\nAnna. ".repeat(10)
    const words = Words.from([broken])
    expect(words.toJSON()).toMatchObject({ capitals: ["."] })
    expect(words.decode(words.encode(broken))).toBe(broken.trim())
    const list = ["apple pie", "pie with apple", "Anna's pie"]
    const ofList = Words.from([...list, ...list, ...list])
    expect(ofList.toJSON()).toMatchObject({ capitals: [] })
    for (const line of list) expect(ofList.decode(ofList.encode(line))).toBe(line)
    const upper = Words.from(Array.from({ length: 20 }, (_, k) => ["Apple pie", "Pie of apple"][k % 2]))
    expect(upper.symbols).toEqual([".", "<unk>", "apple", "pie", "of"])
    expect(upper.decode(upper.encode("Apple pie"))).toBe("Apple pie")
  })

  test("a text begins where a line begins, also with a blank line or a quote, though the data has no blank lines", () => {
    const verses = 'The dog saw the cat\nAnd "the cat" ran\nAnna saw the dog\n'.repeat(10)
    const words = Words.from([verses])
    expect(words.toJSON()).toMatchObject({ capitals: ["\n"] })
    for (const text of ["The cat ran\nAnd", "\nThe cat", "\n\n\nThe cat", verses.trimEnd()])
      expect(words.decode(words.encode(text))).toBe(text)
    expect(words.encode("The")).toEqual(words.encode("the"))
    const sentences = Words.from(["The dog saw the cat.\nThe cat ran!\n".repeat(20)])
    expect(sentences.toJSON()).toMatchObject({ capitals: ["!\n", ".\n"] })
    expect(sentences.decode(sentences.encode("Cat ran."))).toBe("Cat ran.")
  })

  test("a word that is only there in small letters is known with a capital too", () => {
    const words = Words.from(["the dog saw Anna"])
    expect(words.decode(words.encode("The Dog saw anna"))).toBe("the dog saw <unk>")
  })

  test("of a corpus that is cut already, they come out as they are", () => {
    const tokens = ["The", "jury", "said", ",", "``", "The", "jury", "'s", "A.M.", "''", ".", "$10", "the"]
    const words = Words.fromTokens([...tokens, ...tokens], { minCount: 2 })
    expect(words.size).toBe(2 + new Set(tokens).size)
    const ids = words.encodeTokens([...tokens, "judge"])
    expect(Array.from(ids, (id) => words.symbols[id])).toEqual([...tokens, "<unk>"])
    const copy = tokenizerFromJSON(JSON.parse(JSON.stringify(words)))
    expect(copy.decode(ids)).toBe("The jury said, ``The jury 's A.M.''. $10 the <unk>")
    expect(Array.from(copy.encode("The jury said"))).toEqual(Array.from(ids.subarray(0, 3)))
  })

  test("long texts of one kind take no time that grows with their square", () => {
    const words = Words.from(["a a - ( 私 は\n"])
    for (const part of ["-", "(", "a", "a ", "\n", "私は", "'", ". "]) {
      const ids = words.encode(part.repeat(300_000))
      expect(ids.length).toBeGreaterThan(0)
    }
  })

  test("10 million of one mark are a token", () => {
    const text = "-".repeat(1e7)
    const words = Words.from([text])
    expect(words.decode(words.encode(text)) === text).toBe(true)
    expect(Array.from(words.encode(`${text}-`))).toEqual([words.unknown])
  })

  test.each<[string, () => unknown, RegExp]>([
    ["no words", () => Words.from([""]), /^A vocabulary without words: give texts that have some$/],
    [
      "none often enough",
      () => Words.from(["a b a"], { minCount: 3 }),
      /^--min-count 3: no word occurs so often; the most frequent, "a", occurs 2 times: give 2 or less$/,
    ],
    [
      "a text in place of texts",
      () => Words.from("a b"),
      /^Words\.from: "a b" in place of lines: give a list/,
    ],
    ["tokens that are none", () => Words.fromTokens(5 as never), /^Words\.fromTokens: 5 in place of lines/],
    ...[
      {},
      { words: "ab" },
      { words: ["a"] },
      { words: ["a", "a"], capitals: [] },
      { words: [""], capitals: [] },
    ].map((value): [string, () => unknown, RegExp] => [
      `${JSON.stringify(value)} for a vocabulary`,
      () => tokenizerFromJSON({ tokens: "words", ...value }, { name: "config.json" }),
      /^config\.json: not a vocabulary of words: give /,
    ]),
  ])("%s: a sentence", (_, make, message) => {
    expect(make).toThrow(UserError)
    expect(make).toThrow(message)
  })
})
