/**
 * The corpus of a running text, with `--running`: a play, a book, recipes, code. Its samples go on until they are long enough. Most of
 * its code is loaded when it is needed: most trainings are of lists.
 */
import type { CorpusKind } from "./corpus.ts"
import { runningDefaults } from "./running-defaults.ts"
import { foreignFlags } from "./running-flags.ts"

export const running: CorpusKind = {
  words: {
    kind: "running text",
    whole: "text",
    row: "passage",
    symbol: "symbol",
    makes: "running text",
  },
  sampleFlags: ["count", "prompt", "length", "until", "unknown", "data"],
  foreignFlags,
  scripts: true,
  recognizes: async ({ running }) => running === true,
  has: ({ running }) => running === true,
  defaults: runningDefaults,
  async open(recipe, options) {
    const { openRunning } = await import("./running-corpus.ts")
    return openRunning(recipe, options)
  },
  async evaluate(trained, request) {
    const { evaluateRunning } = await import("./running-evaluation.ts")
    return evaluateRunning(trained, request)
  },
  async *sample(trained, request) {
    const { sampleRunning } = await import("./running-samples.ts")
    yield* sampleRunning(trained, request)
  },
  async finish(run, trained, options) {
    const { finishRunning } = await import("./running-samples.ts")
    return finishRunning(run, trained, options)
  },
}
