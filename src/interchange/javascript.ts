/**
 * Exports a model as one self-contained JavaScript file: its weights, its symbols, and its graph as plain loops. The file samples in a
 * page, in a worker and in Node.
 */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { topological } from "../tensor/interpreter.ts"
import { show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { scriptOf } from "./javascript-graph.ts"

export interface JavaScriptOptions {
  /** The symbol of each id, `symbols` of the vocabulary; id 0 is the stop symbol. */
  readonly symbols: readonly string[]
  /** The labels of a model that is conditioned on labels, and how often each occurs in the data. */
  readonly labels?: { readonly values: readonly string[]; readonly counts: readonly number[] }
  /**
   * Without it the file is a module that exports `sample`, `logits`, `symbols`, and `labels` if there are any. With it the file is
   * a script for `<script src>`, which puts them into a global of this name: `names.sample()`.
   */
  readonly global?: string
}

/** The text of the file. */
export function toJavaScript(model: Model, { symbols, labels, global }: JavaScriptOptions): string {
  const { contextLength: T, vocabularySize: V } = model
  if (symbols.length !== V)
    throw new RangeError(`toJavaScript: ${symbols.length} symbols for a model of ${V}: give one for each id`)
  if (global !== undefined && !/^[A-Za-z_$][\w$]*$/.test(global))
    throw new UserError(
      `${JSON.stringify(global)} is not a valid name for a global: use letters, such as names`,
    )

  const conditions = model.conditionInputs(1, T)
  if (conditions.series || conditions.label?.dtype === "float32")
    throw new UserError(
      "the model is conditioned on numbers, which a JavaScript file cannot supply: export it as ONNX",
    )
  if ((conditions.label === undefined) !== (labels === undefined))
    throw new RangeError("toJavaScript: give labels if and only if the model is conditioned on labels")

  const ids = Tensor.input("ids", [1, T], "int32")
  const output = trace(model, "evaluation", () => model.forward(ids, conditions)).result
  const reached = new Set(topological([output]))
  const variables = model.namedVariables().filter(([, variable]) => reached.has(variable))
  const script = scriptOf(output, {
    inputs: new Map(Object.entries({ ids, ...conditions }).map(([name, input]) => [input, name])),
    weights: new Map(variables.map(([name, variable]) => [variable, name])),
    read: (name) => `weights[${JSON.stringify(name)}]`,
  })
  const weights = [...variables.map(([name, { data }]) => [name, data] as const), ...script.constants]
  const network = `/** ids ${show(ids.shape)}${labels ? ", label (1)" : ""} -> logits ${show(output.shape)} */
function network(ids${labels ? ", label" : ""}) {
${script.each.map((line) => `  ${line}\n`).join("")}  return ${script.output}
}`
  const exported = `sample, logits, symbols${labels ? ", labels" : ""}`
  const parts = [
    `// ${model.constructor.name}, ${model.parameterCount.toLocaleString("en")} parameters, in plain JavaScript. Written by makewave.`,
    ...(global ? [`globalThis.${global} = (() => {`] : []),
    `/** The symbols by id. Id 0 marks start and end, and is no character. */
const symbols = ${JSON.stringify(symbols)}
const contextLength = ${T}

/** The longest sample${model.reads === "sequences" ? ", limited by the context of the model" : ""}. */
const longest = ${model.reads === "sequences" ? T - 1 : 1000}`,
    ...(labels ? [labelling(labels)] : []),
    sampling(labels !== undefined),
    logits[model.reads](labels !== undefined),
    network,
    ...script.functions.map((text) => text.trim()),
    unpacking,
    `const weights = unpack(
  ${JSON.stringify(Object.fromEntries(weights.map(([name, { length }]) => [name, length])))},
  "${base64Of(weights.map(([, numbers]) => numbers))}",
)`,
    ...(script.once.length > 0 ? [script.once.join("\n")] : []),
    global ? `return { ${exported} }\n})()` : `export { ${exported} }`,
  ]
  return `${parts.join("\n\n")}\n`
}

const labelling = ({ values, counts }: NonNullable<JavaScriptOptions["labels"]>) =>
  `/** The labels, and how often each occurs in the data. */
const labels = ${JSON.stringify(values)}
const counts = ${JSON.stringify(counts)}

/** The id of a label. */
function numberOf(label) {
  const number = labels.indexOf(label)
  if (number < 0) throw new RangeError(\`"\${label}" is not one of the labels \${labels.join(", ")}\`)
  return number
}`

const sampling = (labelled: boolean) => `/**
 * Draws a sample. A temperature below 1 prefers likely symbols, above 1 unlikely ones; the sample begins with the prompt; the same
 * seed gives the same sample.${labelled ? " Without a label, one is drawn by its frequency in the data." : ""}
 */
function sample({ ${labelled ? "label, " : ""}temperature = 1, prompt = "", seed = Math.random() * 2 ** 32, maximumLength = longest } = {}) {
  const random = generator(seed)
${labelled ? "  label ??= labels[draw(counts.map(Math.log), 1, random())]\n" : ""}  const ids = encode(prompt)
  while (ids.length < maximumLength) {
    const next = draw(logits(ids${labelled ? ", label" : ""}), temperature, random())
    if (next === 0) break
    ids.push(next)
  }
  return ids.map((id) => symbols[id]).join("")
}

/** Draws an id from the softmax of the logits. */
function draw(logits, temperature, random) {
  const most = Math.max(...logits)
  const weights = Array.from(logits, (logit) => Math.exp((logit - most) / temperature))
  let left = random * weights.reduce((a, b) => a + b)
  let id = 0
  while (left >= weights[id] && id < weights.length - 1) left -= weights[id++]
  return id
}

/** A generator of numbers in [0, 1), by mixing the bits of a counter. */
function generator(seed) {
  let counter = seed | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let bits = Math.imul(counter ^ (counter >>> 16), 0x7feb352d)
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32
  }
}

/** The ids of a text, one for each grapheme. */
function encode(text) {
  const characters = new Intl.Segmenter("und", { granularity: "grapheme" }).segment(text.normalize("NFC"))
  return Array.from(characters, ({ segment }) => {
    const id = symbols.indexOf(segment, 1)
    if (id < 0) throw new RangeError(\`"\${segment}" is not one of the symbols \${symbols.slice(1).join(" ")}\`)
    return id
  })
}`

/** How the model is fed while sampling, as in src/sampling. */
const logits: Record<Model["reads"], (labelled: boolean) => string> = {
  windows: (labelled) => `/** The logits of the symbol that follows these ids. */
function logits(ids${labelled ? ", label" : ""}) {
  const seen = ids.slice(-contextLength)
  return network([...new Array(contextLength - seen.length).fill(0), ...seen]${labelled ? ", [numberOf(label)]" : ""})
}`,
  sequences: (labelled) => `/** The logits of the symbol that follows these ids. */
function logits(ids${labelled ? ", label" : ""}) {
  const seen = ids.length < contextLength ? [0, ...ids] : ids.slice(-contextLength)
  const all = network([...seen, ...new Array(contextLength - seen.length).fill(0)]${labelled ? ", [numberOf(label)]" : ""})
  return all.subarray((seen.length - 1) * symbols.length, seen.length * symbols.length)
}`,
}

const unpacking = `/** Arrays of these sizes, from consecutive 32-bit floats. */
function unpack(sizes, base64) {
  const { buffer } = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const arrays = {}
  let at = 0
  for (const [name, size] of Object.entries(sizes)) {
    arrays[name] = new Float32Array(buffer, at, size)
    at += arrays[name].byteLength
  }
  return arrays
}`

/** Consecutive 32-bit floats in base64. */
function base64Of(arrays: readonly ArrayLike<number>[]): string {
  const numbers = Float32Array.from(arrays.flatMap((array) => Array.from(array)))
  const bytes = new Uint8Array(numbers.buffer)
  const piece = 3 * 2 ** 12 // three bytes are four letters
  let letters = ""
  for (let at = 0; at < bytes.length; at += piece)
    letters += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)))
  return letters
}
