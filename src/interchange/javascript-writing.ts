/**
 * The part of a model's JavaScript file that writes running text, as src/sampling/running-text.ts does: in place of the part that samples
 * items of a list.
 */

/** After so many more unseen symbols the text begins within a line. */
const PATIENCE = 500

/** @param unseen The least number of symbols that are written before a text and not shown, so that it begins as others do. */
export const writing = (unseen: number): string => `/**
 * Writes a text, which begins with the prompt, at the beginning of a line. It has \`length\` more symbols, or fewer: with \`until\`, "line" or
 * "paragraph", it ends where one of these does. A temperature below 1 prefers likely symbols, above 1 unlikely ones, and 0 takes the
 * likeliest; topK keeps only that many of the likeliest symbols, topP only those that together have this probability. The same seed writes
 * the same text.
 */
function sample(options = {}) {
  expect(Object(options) === options && !Array.isArray(options), "sample:", options, "an object, such as { length: 200 }")
  const { temperature, topK, topP, prompt = "", length = 500, until, seed = Math.floor(Math.random() * 2 ** 32), ...others } = options
  const [unknown] = Object.keys(others)
  expect(unknown === undefined, "option", unknown, "temperature, topK, topP, prompt, length, until or seed")
  const choice = { temperature, topK, topP }
  checkChoice(choice)
  expect(typeof prompt === "string", "prompt", prompt, "a text")
  expectCount("length", length)
  expect(until === undefined || until === "line" || until === "paragraph", "until", until, '"line" or "paragraph"')
  expect(Number.isSafeInteger(seed), "seed", seed, "a whole number below 2 ** 53")
  const start = encode(prompt)
  const random = generator(seed)
  const lineEnd = symbols.indexOf("\\n", 1)
  const ids = [Math.max(0, lineEnd)]
  const write = () => {
    const scores = logits(ids)
    scores[0] = -Infinity // there is no stop
    ids.push(draw(probabilities(scores, choice), random()))
    return ids[ids.length - 1]
  }
  // In the text that was learned something stands before nearly every line.
  for (let written = 0; written < ${unseen + PATIENCE}; written++) {
    const id = write()
    if (written >= ${unseen} && (lineEnd < 0 || id === lineEnd)) break
  }
  const begin = ids.length
  ids.push(...start)
  let isBlank = start.length === 0
  for (let written = 0; written < length; written++) {
    const before = ids[ids.length - 1]
    const id = write()
    if (id !== lineEnd) isBlank = false
    else if (!isBlank && (until === "line" || (until === "paragraph" && before === lineEnd))) break
  }
  return ids.slice(begin).map((id) => symbols[id]).join("")
}`
