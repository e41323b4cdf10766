/**
 * A model as one JavaScript file that needs nothing else: its numbers, its symbols, and its graph as plain loops. It samples in a
 * page, in a worker and in Node.
 */
import { UserError } from "../errors.ts"
import { conditionInputs } from "../models/condition-inputs.ts"
import type { Model } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import { topological } from "../tensor/interpreter.ts"
import { show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { scriptOf } from "./javascript-graph.ts"

export interface JavaScriptOptions {
  /** What each id stands for, id 0 for the end of a thing: `symbols` of the vocabulary. */
  readonly symbols: readonly string[]
  /** What each label stands for, and how often the data has it, of a model that goes by labels. */
  readonly labels?: { readonly values: readonly string[]; readonly counts: readonly number[] }
  /**
   * Without it the file is a module, which exports `sample`, `logits`, `symbols`, and `labels` where there are some. With it the
   * file is a script for `<script src>`, and they are in a global of this name: `names.sample()`.
   */
  readonly global?: string
}

/** The text of the file. */
export function toJavaScript(model: Model, { symbols, labels, global }: JavaScriptOptions): string {
  const { contextLength: T, vocabularySize: V } = model
  if (symbols.length !== V)
    throw new RangeError(`toJavaScript: ${symbols.length} symbols for a model of ${V}: give one for each id`)
  if (global !== undefined && !/^[A-Za-z_$][\w$]*$/.test(global))
    throw new UserError(`${JSON.stringify(global)} is no name of a global: give letters, such as names`)

  const conditions = conditionInputs(model, 1, T)
  if (conditions.series || conditions.label?.dtype === "float32")
    throw new UserError(
      "the model goes along with numbers, and a file has none to give it: export it as ONNX",
    )
  if ((conditions.label === undefined) !== (labels === undefined))
    throw new RangeError(
      "toJavaScript: labels for a model without, or none for one with: give them where it wants them",
    )

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
    `/** By id. Id 0 starts and stops a thing, and is no character. */
const symbols = ${JSON.stringify(symbols)}
const contextLength = ${T}

/** How long a thing may become${model.reads === "sequences" ? ", for the model can read no more" : ""}. */
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
  `/** What a thing can be asked to be, and how often the data has each. */
const labels = ${JSON.stringify(values)}
const counts = ${JSON.stringify(counts)}

/** The number of a label. */
function numberOf(label) {
  const number = labels.indexOf(label)
  if (number < 0) throw new RangeError(\`"\${label}" is none of the labels \${labels.join(", ")}\`)
  return number
}`

const sampling = (labelled: boolean) => `/**
 * A thing like those that the model was trained on. A temperature below 1 makes likelier ones, above 1 wilder ones; a prompt is
 * what it begins with; the same seed gives the same again.${labelled ? " Without a label, one is drawn as often as the data has it." : ""}
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

/** An id, each as probable as the softmax of the logits says. */
function draw(logits, temperature, random) {
  const most = Math.max(...logits)
  const weights = Array.from(logits, (logit) => Math.exp((logit - most) / temperature))
  let left = random * weights.reduce((a, b) => a + b)
  let id = 0
  while (left >= weights[id] && id < weights.length - 1) left -= weights[id++]
  return id
}

/** Numbers from 0 to below 1, out of a counter whose bits are mixed. */
function generator(seed) {
  let counter = seed | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let bits = Math.imul(counter ^ (counter >>> 16), 0x7feb352d)
    bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32
  }
}

/** A text's characters, as a reader counts them, as ids. */
function encode(text) {
  const characters = new Intl.Segmenter("und", { granularity: "grapheme" }).segment(text.normalize("NFC"))
  return Array.from(characters, ({ segment }) => {
    const id = symbols.indexOf(segment, 1)
    if (id < 0) throw new RangeError(\`"\${segment}" is none of the symbols \${symbols.slice(1).join(" ")}\`)
    return id
  })
}`

/** What a model is shown of a thing, as src/sampling shows it. */
const logits: Record<Model["reads"], (labelled: boolean) => string> = {
  windows: (labelled) => `/** What follows these ids: a number for each symbol, the larger the likelier. */
function logits(ids${labelled ? ", label" : ""}) {
  const seen = ids.slice(-contextLength)
  return network([...new Array(contextLength - seen.length).fill(0), ...seen]${labelled ? ", [numberOf(label)]" : ""})
}`,
  sequences: (labelled) => `/** What follows these ids: a number for each symbol, the larger the likelier. */
function logits(ids${labelled ? ", label" : ""}) {
  const seen = ids.length < contextLength ? [0, ...ids] : ids.slice(-contextLength)
  const all = network([...seen, ...new Array(contextLength - seen.length).fill(0)]${labelled ? ", [numberOf(label)]" : ""})
  return all.subarray((seen.length - 1) * symbols.length, seen.length * symbols.length)
}`,
}

const unpacking = `/** Arrays of these sizes, out of the bytes of 32-bit numbers one after the other. */
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

/** The bytes of 32-bit numbers, in letters. */
function base64Of(arrays: readonly ArrayLike<number>[]): string {
  const numbers = Float32Array.from(arrays.flatMap((array) => Array.from(array)))
  const bytes = new Uint8Array(numbers.buffer)
  const piece = 3 * 2 ** 12 // three bytes are four letters
  let letters = ""
  for (let at = 0; at < bytes.length; at += piece)
    letters += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)))
  return letters
}
