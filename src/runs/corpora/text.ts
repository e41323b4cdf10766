/**
 * The corpus of lines: a text file, a column of a table, or a data set of the package, one item per line. Code that a training needs only
 * at its end, or not at all, is loaded then.
 */
import type { loadText } from "../../data/catalog.ts"
import type { CorpusKind } from "./corpus.ts"
import { openText } from "./text-corpus.ts"

/** A list of so many lines has enough of its own to train a network for long. */
const MANY_LINES = 20_000

/**
 * A kind of data that consists of lines, which `load` reads.
 *
 * @public for another kind of data, as tests/adding.test.ts adds one.
 */
export const kindOfLines = (
  own: Pick<CorpusKind, "recognizes" | "has">,
  load?: typeof loadText,
): CorpusKind => ({
  words: {
    kind: "lines",
    whole: "list",
    row: "line",
    symbol: "symbol",
    makes: "text, for which there is --count",
  },
  sampleFlags: [
    "count",
    "prompt",
    "startsWith",
    "endsWith",
    "contains",
    "length",
    "onlyNew",
    "noRepeats",
    "avoid",
    "unknown",
    "score",
    "maximumLength",
    "batchSize",
    "data",
    "column",
  ],
  foreignFlags: { until: "each line ends by itself: leave it out, it is for running text" },
  scripts: true,
  defaults: {},
  recipeFor: ({ size }) => (size < MANY_LINES ? "list" : "gru"),
  open: (recipe, options) => openText(recipe, options, load),
  async evaluate(trained, request) {
    const { evaluateText } = await import("./text-evaluation.ts")
    return evaluateText(trained, request, load)
  },
  async *sample(trained, request) {
    const { sampleText } = await import("./text-samples.ts")
    yield* sampleText(trained, request, load)
  },
  async finish(run, trained, options) {
    const { finishText } = await import("./text-samples.ts")
    return finishText(run, trained, options)
  },
  ...own,
})

export const text = kindOfLines({ recognizes: async () => true, has: () => true })
