/**
 * Exports a model as one self-contained JavaScript file: its weights, its symbols, and its graph as plain loops. The file samples in a
 * page, in a worker and in Node.
 */
import { requireOptions, told, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import { trace } from "../nn/trace.ts"
import { topological } from "../tensor/interpreter.ts"
import { show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { scriptOf } from "./javascript-graph.ts"
import { labelling, literal, logits, sampling } from "./javascript-sampling.ts"

export interface JavaScriptOptions {
  /** The symbol of each id, `symbols` of the vocabulary; id 0 is the stop symbol. */
  readonly symbols: readonly string[]
  /** The labels of a model that is conditioned on labels, and how often each occurs in the data. */
  readonly labels?: { readonly values: readonly string[]; readonly counts: readonly number[] }
  /**
   * Without it the file is a module that exports `sample`, `logits`, `probabilities`, `symbols`, and `labels` if there are any. With it
   * the file is a script for `<script src>`, which puts them into a global of this name: `names.sample()`.
   */
  readonly global?: string
}

/** Names that no script can use for a global of its own: reserved words, what the script itself needs, and globals that a page keeps. */
const taken = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
    "implements import in instanceof interface let new null package private protected public return static super switch this throw " +
    "true try typeof var void while with yield undefined NaN Infinity globalThis self Array Float32Array Math Object RangeError Uint8Array " +
    "atob caches closed cookieStore crypto customElements document frameElement history indexedDB isSecureContext localStorage location " +
    "name navigator sessionStorage speechSynthesis status top window"
  ).split(" "),
)

/** The text of the file. */
export function toJavaScript(model: Model, options: JavaScriptOptions): string {
  requireFinite(model, "toJavaScript")
  requireOptions("toJavaScript", options, ["symbols", "labels", "global"])
  const { symbols, labels, global } = options
  const { contextLength: T, vocabularySize: V } = model
  requireTexts("symbols", symbols, V)
  requireDifferent("symbols", symbols.slice(1))
  if (
    global !== undefined &&
    !(
      typeof global === "string" &&
      /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(global) &&
      !taken.has(global)
    )
  )
    throw new UserError(
      `${told(global)} is not a valid name for a global, or it is taken: use letters, such as names`,
    )

  const conditions = model.conditionInputs(1, T)
  if (conditions.series || conditions.label?.dtype === "float32")
    throw new UserError(
      "the model is conditioned on numbers, which a JavaScript file cannot supply: export it as ONNX",
    )
  if ((conditions.label === undefined) !== (labels === undefined))
    throw new UserError("toJavaScript: give labels if and only if the model is conditioned on labels")

  if (labels) {
    const { values, counts } = labels
    requireTexts("labels.values", values, model.conditionKinds(1, T).label?.count)
    requireDifferent("labels.values", values)
    if (
      counts?.length !== values.length ||
      !counts.every((n) => n >= 0 && n < Infinity) ||
      !counts.some(Boolean)
    )
      throw new UserError(
        `toJavaScript: labels.counts ${told(counts)}: give for each label how often the data has it`,
      )
  }

  const ids = Tensor.input("ids", [1, T], "int32")
  const output = trace(model, "evaluation", () => model.forward(ids, conditions)).result
  const reached = new Set(topological([output]))
  const variables = model.namedVariables().filter(([, variable]) => reached.has(variable))
  const script = scriptOf(output, {
    inputs: new Map(Object.entries({ ids, ...conditions }).map(([name, input]) => [input, name])),
    weights: new Map(variables.map(([name, variable]) => [variable, name])),
    read: (name) => `weights[${literal(name)}]`,
  })
  const weights = [...variables.map(([name, { data }]) => [name, data] as const), ...script.constants]
  const network = `/** ids ${show(ids.shape)}${labels ? ", label (1)" : ""} -> logits ${show(output.shape)} */
function network(ids${labels ? ", label" : ""}) {
${script.each.map((line) => `  ${line}\n`).join("")}  return ${script.output}
}`
  const exported = `sample, logits, probabilities, symbols${labels ? ", labels" : ""}`
  const parts = [
    `// ${model.constructor.name}, ${model.parameterCount.toLocaleString("en")} parameters, in plain JavaScript. Written by makewave.`,
    ...(global ? [`globalThis.${global} = (() => {`] : []),
    `/** The symbols by id. Id 0 marks start and end, and is no character. */
const symbols = ${literal(symbols)}
const contextLength = ${T}

/** The longest sample${model.reads === "sequences" ? ", limited by the context of the model" : ""}. */
const longest = ${model.reads === "sequences" ? T - 1 : 1000}`,
    ...(labels ? [labelling(labels.values, labels.counts)] : []),
    sampling(labels !== undefined),
    logits[model.reads](labels !== undefined),
    network,
    ...script.functions.map((text) => text.trim()),
    unpacking,
    `const weights = unpack(
  ${literal(Object.fromEntries(weights.map(([name, { length }]) => [name, length])))},
  "${base64Of(weights.map(([, numbers]) => numbers))}",
)`,
    ...(script.once.length > 0 ? [script.once.join("\n")] : []),
    global ? `return { ${exported} }\n})()` : `export { ${exported} }`,
  ]
  return `${parts.join("\n\n")}\n`
}

function requireTexts(name: string, texts: readonly string[], count?: number): void {
  const wrong = !Array.isArray(texts) || !texts.every((text) => typeof text === "string")
  if (wrong) throw new UserError(`toJavaScript: ${name}: give a list of texts`)
  if (texts.length !== (count ?? texts.length))
    throw new UserError(`toJavaScript: ${texts.length} ${name} for a model of ${count}: give one for each id`)
}

function requireDifferent(name: string, texts: readonly string[]): void {
  const seen = new Set<string>()
  const twice = texts.find((text) => seen.size === seen.add(text).size)
  if (twice !== undefined)
    throw new UserError(`toJavaScript: ${name} has ${told(twice)} twice: give each once`)
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
