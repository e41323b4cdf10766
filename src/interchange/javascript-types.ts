/** The types of a model's JavaScript file, for TypeScript: NAME.d.ts beside NAME.js, NAME.d.mts beside NAME.mjs. */
import type { JavaScriptOptions } from "./javascript.ts"
import { literal } from "./javascript-sampling.ts"

/** Up to this many labels are typed as a union of them, more as string. */
const MAX_NAMED = 200

/** The declarations, as text, of the file that `toJavaScript` makes with the same options. */
export function javaScriptTypes({
  labels,
  unseen,
  global,
}: Pick<JavaScriptOptions, "labels" | "unseen" | "global">): string {
  const named = labels && labels.values.length <= MAX_NAMED
  const [label, list] = named
    ? ["(typeof labels)[number]", `readonly [${labels.values.map(literal).join(", ")}]`]
    : ["string", "readonly string[]"]
  const declared = [
    `interface Choice {
  /** Below 1 prefers likely symbols, above 1 unlikely ones; 0 takes the likeliest. By default 1. */
  temperature?: number | undefined
  /** Only that many of the likeliest symbols. */
  topK?: number | undefined
  /** Only the likeliest symbols that together have this probability. */
  topP?: number | undefined
}`,
    ...(unseen === undefined ? ofLines(labels !== undefined, label) : ofText),
    `/** The logits (V) of the symbol that follows these ids. */
function logits(ids: readonly number[]${labels ? `, label: ${label}` : ""}): Float32Array | Float64Array`,
    `/** The probabilities (V) of the next symbol from its logits. */
function probabilities(logits: Float32Array | Float64Array | number[], choice?: Choice): Float32Array`,
    `/** The symbols by id. Id 0 marks start and end, and is no character. */
const symbols: readonly string[]`,
    ...(labels ? [`const labels: ${list}`] : []),
  ]
  const opening = "// The types of a model in plain JavaScript. Written by makewave.\n\n"
  if (global !== undefined) {
    const inside = declared.join("\n\n").replace(/^(?=.)/gm, "  ")
    return `${opening}declare namespace ${global} {\n${inside}\n}\n`
  }
  const exported = declared.map((text) =>
    text.replace(
      /^(interface|function|const)/m,
      (word) => `export ${word === "interface" ? "" : "declare "}${word}`,
    ),
  )
  return `${opening}${exported.join("\n\n")}\n`
}

/** How items of a list are sampled. */
const ofLines = (labelled: boolean, label: string): string[] => [
  `interface SampleOptions extends Choice {${
    labelled
      ? `
  /** By default one is drawn by its frequency in the data. */
  label?: ${label} | undefined`
      : ""
  }
  /** The start of the sample. */
  prompt?: string | undefined
  /** Whether to draw again while the sample is in the list that the model learned, in upper or lower case, is not whole, or does not look like a line of it. */
  onlyNew?: boolean | undefined
  /** A whole number. The same seed gives the same sample. */
  seed?: number | undefined
  maximumLength?: number | undefined
}`,
  `/** Draws a sample. Throws a RangeError for an option that does not fit, and if onlyNew finds nothing new. */
function sample(options?: SampleOptions): string`,
]

/** How running text is written. */
const ofText = [
  `interface SampleOptions extends Choice {
  /** What the text begins with. */
  prompt?: string | undefined
  /** The symbols that follow the prompt; 500. */
  length?: number | undefined
  /** Where the text ends, if that is before its length. */
  until?: "line" | "paragraph" | undefined
  /** A whole number. The same seed writes the same text. */
  seed?: number | undefined
}`,
  `/** Writes a text. Throws a RangeError for an option that does not fit. */
function sample(options?: SampleOptions): string`,
]
