/**
 * Exports a model as one self-contained JavaScript file: its weights, its symbols, and its graph as plain loops. The file samples in a
 * page, in a worker and in Node.
 */
import { Mixture } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { requireFinite } from "../nn/finite.ts"
import { countsPart, requireCounted } from "./javascript-counts.ts"
import { listPart } from "./javascript-list.ts"
import { networkParts } from "./javascript-network.ts"
import { drawing, labelling, literal, logits, sampling } from "./javascript-sampling.ts"
import { readers, requireBits } from "./javascript-weights.ts"
import { writing } from "./javascript-writing.ts"

export interface JavaScriptOptions {
  /** The symbol of each id, `symbols` of the vocabulary; id 0 is the stop symbol. */
  readonly symbols: readonly string[]
  /** The labels of a model that is conditioned on labels, and how often each occurs in the data. */
  readonly labels?: { readonly values: readonly string[]; readonly counts: readonly number[] }
  /**
   * How the numbers of a network are rounded: 32 (the default) not at all, 16 as floats, 8 as whole numbers with a scale for each row; fewer
   * bits, 2 to 8 and also between, make a smaller file that is less like the model. `roundedState` tells what the numbers become.
   */
  readonly bits?: number
  /** The list that the model learned, so that `onlyNew` knows it. */
  readonly lines?: readonly string[]
  /** The lines that an n-gram model counted, which are written in place of its counts. */
  readonly counted?: readonly string[]
  /** For a model of one running text: how many symbols it writes unseen before a text. `sample` then writes on without a stop. */
  readonly unseen?: number
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

/** A model that a file can hold: a network, counts, or both. */
export type Written = Model | NGram | Mixture

/**
 * The text of the file. Throws a UserError for a model that it cannot hold, such as one conditioned on numbers, and for counts of other
 * lines than those given.
 */
export function toJavaScript(model: Written, options: JavaScriptOptions): string {
  const { network, ngram, weight } = partsOf(model)
  if (ngram && ngram.smoothing !== "kneser-ney")
    throw new UserError(
      "toJavaScript: the script smooths counts by kneser-ney, and this model interpolates: train one with kneser-ney, or choose safetensors",
    )
  if (model instanceof Mixture && model.weightsByBin)
    throw new UserError(
      "toJavaScript: the script mixes with one weight, and this model by frequency: train it on with a number as --mix-weight, or choose safetensors",
    )
  if (!(model instanceof NGram)) requireFinite(network!, "toJavaScript")
  requireOptions("toJavaScript", options, [
    "symbols",
    "labels",
    "bits",
    "lines",
    "counted",
    "unseen",
    "global",
  ])
  const { symbols, labels, bits = 32, unseen, global } = options
  const isRunning = unseen !== undefined
  requireBits(bits)
  requireTexts("symbols", symbols, model.vocabularySize)
  requireDifferent("symbols", symbols.slice(1))
  const [lines, counted] = (["lines", "counted"] as const).map((name) => {
    if (options[name] !== undefined) requireTexts(name, options[name])
    return options[name]?.map((line) => line.normalize("NFC"))
  })
  if (isRunning && (ngram || labels || options.lines))
    throw new UserError(
      "toJavaScript: unseen: only a network alone writes running text: leave it out, or give no counts, labels and lines",
    )
  if (ngram) requireCounted(ngram, symbols, counted)
  else if (counted)
    throw new UserError("toJavaScript: counted: this model counts nothing: leave it out, or give lines")
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
  if (labels && !network)
    throw new UserError("toJavaScript: give labels if and only if the model is conditioned on labels")
  if (labels) {
    const { values, counts } = labels
    requireTexts("labels.values", values, network?.conditionKinds(1, 1).label?.count)
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
  const labelled = labels !== undefined
  const list = listPart(lines, ngram && counted)
  const numbers = [
    ...(network ? networkParts(network, { bits, labelled, isRunning }) : []),
    ...(ngram ? [countsPart(ngram.order, counted!)] : []),
    ...(list === undefined ? [] : [list]),
  ]
  const exported = `sample, logits, probabilities, symbols${labels ? ", labels" : ""}`
  const longest = network?.reads === "sequences" ? network.contextLength - 1 : 1000
  const parts = [
    `// ${model.constructor.name}, ${model.parameterCount.toLocaleString("en")} parameters, in plain JavaScript. Written by makewave.`,
    ...(global ? [`globalThis.${global} = (() => {`] : []),
    `/** The symbols by id. Id 0 marks start and end, and is no character. */
const symbols = ${literal(symbols)}`,
    ...(isRunning
      ? []
      : [
          `/** The longest sample${network?.reads === "sequences" ? ", limited by the context of the model" : ""}. */
const longest = ${longest}`,
        ]),
    ...(labels ? [labelling(labels.values, labels.counts)] : []),
    isRunning ? writing(unseen) : sampling({ labelled, listed: list !== undefined }),
    drawing,
    logits({ labelled, network: network !== undefined, counts: ngram !== undefined, weight }),
    ...readers(numbers),
    ...numbers,
    global ? `return { ${exported} }\n})()` : `export { ${exported} }`,
  ]
  const text = `${parts.join("\n\n")}\n`
  // A page may read a script in another encoding than UTF-8, a module never.
  return global
    ? text.replace(/[^\0-~]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
    : text
}

function partsOf(model: Written): { network?: Model; ngram?: NGram; weight?: number } {
  if (model instanceof NGram) return { ngram: model }
  if (!(model instanceof Mixture)) return { network: model }
  const { network, counts, weight } = model
  return { network, ngram: counts, weight }
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
