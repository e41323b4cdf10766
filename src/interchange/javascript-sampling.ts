/**
 * The part of a model's JavaScript file that samples: prompts become ids, ids become logits, and from these the next symbol is drawn, as
 * in src/sampling. Every option is checked, since pages call the file directly.
 */
/** A value as source text, without `<`, so that no label ends a script in a page, and without U+2028, where older engines end lines. */
export const literal = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )

/** `labels` and their numbers, for a model that is conditioned on them. */
export const labelling = (values: readonly string[], counts: readonly number[]) =>
  `/** The labels, and how often each occurs in the data. */
const labels = ${literal(values)}
const counts = ${literal(counts)}

/** The id of a label, in any of Unicode's forms. */
function numberOf(label) {
  const composed = String(label).normalize("NFC")
  const number = labels.findIndex((each) => each.normalize("NFC") === composed)
  if (number < 0) throw new RangeError(\`label \${told(label)}: give one of \${labels.slice(0, 20).map(told).join(", ")}\`)
  return number
}`

/** The function that samples items of a list. */
export const sampling = ({ labelled, listed }: { labelled: boolean; listed: boolean }) => `/**
 * Draws a sample. A temperature below 1 prefers likely symbols, above 1 unlikely ones, and 0 takes the likeliest; topK keeps only
 * that many of the likeliest symbols, topP only those that together have this probability. The sample begins with the prompt; the same
 * seed gives the same sample. With onlyNew it draws again while the sample is in the list, is not whole, or does not look like a line of the list.${labelled ? " Without a label, one is drawn by its frequency in the data." : ""}
 */
function sample(options = {}) {
  expect(Object(options) === options && !Array.isArray(options), "sample:", options, "an object, such as { temperature: 0.8 }")
  const { ${labelled ? "label, " : ""}temperature, topK, topP, prompt = "", onlyNew = false, seed = Math.floor(Math.random() * 2 ** 32), maximumLength = longest, ...others } = options
  const [unknown] = Object.keys(others)
  expect(unknown === undefined, "option", unknown, "${labelled ? "label, " : ""}temperature, topK, topP, prompt, onlyNew, seed or maximumLength")
  const choice = { temperature, topK, topP }
  checkChoice(choice)
  expect(typeof prompt === "string", "prompt", prompt, "a text")
  expect(Number.isSafeInteger(seed), "seed", seed, "a whole number below 2 ** 53")
  expectCount("maximumLength", maximumLength)
  expect(typeof onlyNew === "boolean", "onlyNew", onlyNew, "true or false")
${listed ? "" : '  expect(!onlyNew, "onlyNew", onlyNew, "false: this file does not know its list")\n'}  const start = encode(prompt)
  expect(start.length < maximumLength, "prompt", prompt, \`fewer than \${maximumLength} symbols, the length\`)
  const random = generator(seed)
${listed ? "  // One symbol more than the most tells what ends from what is cut.\n" : ""}  const most = maximumLength${listed ? " + Number(onlyNew)" : ""}
  for (let attempt = 0; attempt < attempts; attempt++) {
    const ids = start.slice()
${labelled ? "    const asked = label ?? labels[draw(counts, random())]\n" : ""}    while (ids.length < most) {
      const next = draw(probabilities(logits(ids${labelled ? ", asked" : ""}), choice), random())
      if (next === 0) break
      ids.push(next)
    }
    const text = ids.map((id) => symbols[id]).join("")
    if (!onlyNew${listed ? " || (ids.length <= maximumLength && isNew(text, { start: prompt, length: ids.length, most: maximumLength }))" : ""}) return text
  }
  throw new RangeError(\`onlyNew true: \${attempts} samples in a row are in the list or do not end within \${maximumLength} symbols: give a higher temperature, another prompt, a greater maximumLength, or false\`)
}

/** The most samples that are drawn to find a new one. */
const attempts = 500`

/** What draws symbols and checks options. */
export const drawing = `/** The probabilities of the next symbol from its logits, by id. */
function probabilities(logits, choice = {}) {
  checkChoice(choice)
  const most = Object(logits).length === symbols.length ? Array.from(logits).reduce((a, b) => Math.max(a, b)) : NaN
  expect(Number.isFinite(most), "logits", logits, \`\${symbols.length} numbers, one for each symbol\`)
  const { temperature = 1, topK = logits.length, topP = 1 } = choice
  if (Math.fround(temperature) === 0) {
    const first = logits.indexOf(most)
    return Float32Array.from(logits, (_, id) => Number(id === first))
  }
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / temperature))
  if (topK < weights.length) {
    const least = weights.slice().sort()[weights.length - topK]
    for (let id = 0; id < weights.length; id++) if (weights[id] < least) weights[id] = 0
  }
  if (topP < 1) {
    const wanted = topP * sum(weights)
    let sofar = 0
    for (const id of Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a])) {
      if (sofar >= wanted) weights[id] = 0
      else sofar += weights[id]
    }
  }
  const total = sum(weights)
  return Float32Array.from(weights, (weight) => weight / total)
}

const sum = (numbers) => numbers.reduce((a, b) => a + b)

function checkChoice({ temperature = 1, topK = 1, topP = 1 }) {
  expect(Number.isFinite(temperature) && temperature >= 0, "temperature", temperature, "a number of at least 0, such as 0.8")
  expectCount("topK", topK)
  expect(Number.isFinite(topP) && topP > 0 && topP <= 1, "topP", topP, "a number above 0 and at most 1, such as 0.9")
}

/** Throws unless a value fits. */
function expect(fits, name, value, wanted) {
  if (!fits) throw new RangeError(\`\${name} \${told(value)}: give \${wanted}\`)
}

const expectCount = (name, value) => expect(Number.isSafeInteger(value) && value >= 1, name, value, "a whole number above 0")

/** A value as a message shows it: a text in quotes, a list in brackets. */
function told(value) {
  if (typeof value === "string") return JSON.stringify(value)
  return Symbol.iterator in Object(value) ? \`[\${Array.from(value).slice(0, 20).join(", ")}]\` : String(value)
}

/** Draws an id in proportion to the weights. */
function draw(weights, random) {
  let left = random * sum(weights)
  let id = 0
  while (left >= weights[id] && id < weights.length - 1) left -= weights[id++]
  return id
}

/** A generator of numbers in [0, 1), by mixing the bits of a counter. The high bits of a seed choose another mixture. */
function generator(seed) {
  const high = Math.floor(seed / 2 ** 32) | 0
  let counter = seed | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let bits = Math.imul(counter ^ (counter >>> 16), 0x7feb352d) ^ high
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32
  }
}

/** The ids of a text, one for each grapheme. */
function encode(text) {
  return Array.from(graphemes.segment(text.normalize("NFC")), ({ segment }) => {
    const id = idOf.get(segment)
    if (id === undefined) throw new RangeError(\`prompt: "\${segment}" is not one of the symbols \${symbols.slice(1, 101).map((symbol) => symbol.trim() === "" ? told(symbol) : symbol).join(" ")}\`)
    return id
  })
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" })
const idOf = new Map(symbols.slice(1).map((symbol, k) => [symbol, k + 1]))

function checkIds(ids) {
  expect(Array.isArray(ids) && ids.every((id) => Number.isInteger(id) && id in symbols), "ids", ids, \`a list of ids from 0 to \${symbols.length - 1}\`)
}`

/** The part of the file that computes `logits`, by a network, by counts, or by both. Those of counts and mixtures are ln p. */
export function logits({
  labelled,
  network,
  counts,
  weight = 1,
}: {
  readonly labelled: boolean
  readonly network: boolean
  readonly counts: boolean
  /** That of the network in a mixture. */
  readonly weight?: number
}): string {
  const ofNetwork = `network(ids${labelled ? ", numberOf(label)" : ""})`
  const head = `/** The logits of the symbol that follows these ids${counts ? ", ln p" : ""}. */
function logits(ids${labelled ? ", label" : ""}) {
  checkIds(ids)
`
  if (!counts) return `${head}  return ${ofNetwork}\n}`
  if (!network) return `${head}  return counted(ids).map(Math.log)\n}`
  return `${head}  const scores = ${ofNetwork}
  const most = scores.reduce((a, b) => Math.max(a, b))
  const weights = scores.map((score) => Math.exp(score - most))
  const total = sum(weights)
  return counted(ids).map((p, id) => Math.log((${weight} * weights[id]) / total + ${1 - weight} * p))
}`
}
