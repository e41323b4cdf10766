/**
 * What a model's JavaScript file knows of the list that the model learned, to tell what is new: the lines themselves if they are in the
 * file anyway, else a filter of a byte a line. A line of the list is always recognized, in upper or lower case; of other texts about 2 %
 * are taken for one.
 * Source: Bloom 1970, "Space/time trade-offs in hash coding with allowable errors".
 */
import { CAPITALIZED, characters } from "../data/characters.ts"
import { written } from "./javascript-weights.ts"

/** The bits of the filter for each line, and how many of them a line sets: 2 % of other texts have theirs set. */
const [BITS, HASHES] = [8, 6]

/** The part of the file that computes `known(text)` and `isNew(text)`; undefined if the file knows no list. */
export function listPart(lines: readonly string[] = [], counted: readonly string[] = []): string | undefined {
  const exactly = new Set(counted.map(caseless))
  const others = [...new Set(lines.map(caseless))].filter((line) => !exactly.has(line))
  const [exact, filtered] = [counted.length > 0, others.length > 0]
  const tests = [...(exact ? ["listed(folded)"] : []), ...(filtered ? ["passes(folded)"] : [])]
  if (tests.length === 0) return undefined
  const all = [...lines, ...counted]
  const shortest = all.reduce((least, line) => Math.min(least, characters(line).length), Infinity)
  const capitalized = all.every((line) => CAPITALIZED.test(line))
  const spaced = all.some((line) => /\s\s/.test(line))
  return [
    `/** Whether a text looks like those of the list and is not there: without stray spaces, no shorter than the shortest, or than the most${capitalized ? ", and with a capital letter first unless a start is given" : ""}. */
const isNew = (text, { start, length, most }) => ${capitalized ? `(start !== "" || ${CAPITALIZED}.test(text)) && ` : ""}length >= Math.min(${shortest}, most) && text === text.trim() && ${spaced ? "" : "!/\\s\\s/.test(text) && "}!known(text)

/** Whether the list has a text, in upper or lower case. Nothing at all is not new either. */
function known(text) {
  const folded = caseless(text)
  return folded === "" || ${tests.join(" || ")}
}

const caseless = (text) => text.toLowerCase().normalize("NFC")`,
    ...(exact
      ? ["const listed = (text) => (list ??= new Set(lines.map(caseless))).has(text)\nlet list"]
      : []),
    ...(filtered ? [filterOf(others)] : []),
  ].join("\n\n")
}

/** The same as in the file. */
const caseless = (text: string): string => text.toLowerCase().normalize("NFC")

function filterOf(lines: readonly string[]): string {
  const size = lines.length * BITS
  const filter = new Uint8Array(lines.length)
  for (const line of lines) for (const place of places(line, size)) filter[place >> 3] |= 1 << (place & 7)
  return `/** True of all ${lines.length.toLocaleString("en")} texts of a list, and of 2 % of others. */
const passes = (text) => places(text).every((place) => (filter[place >> 3] >> (place & 7)) & 1)
const filter = numbersOf("${written(Array.from(filter))}", 256)

/** The bits of the filter that a text sets. */
function places(text) {
  let [first, step] = [0x811c9dc5, 1]
  for (let i = 0; i < text.length; i++) {
    first = Math.imul(first ^ text.charCodeAt(i), 0x01000193)
    step = Math.imul(step + text.charCodeAt(i), 0x85ebca6b) ^ (step >>> 13)
  }
  return Array.from({ length: ${HASHES} }, (_, k) => ((first ^ (first >>> 15)) + Math.imul(step | 1, k)) >>> 0).map((place) => place % ${size})
}`
}

/** The same places as in the file. */
function places(text: string, size: number): number[] {
  let [first, step] = [0x811c9dc5, 1]
  for (let i = 0; i < text.length; i++) {
    first = Math.imul(first ^ text.charCodeAt(i), 0x01000193)
    step = Math.imul(step + text.charCodeAt(i), 0x85ebca6b) ^ (step >>> 13)
  }
  return Array.from(
    { length: HASHES },
    (_, k) => ((first ^ (first >>> 15)) + Math.imul(step | 1, k)) >>> 0,
  ).map((place) => place % size)
}
