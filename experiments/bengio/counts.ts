/**
 * The rows of table 1 of Bengio et al. 2003 that are counted: perplexities on the Brown corpus, and those of the paper. And, of networks
 * that train.ts has trained, the mixtures with the trigram: `node experiments/bengio/counts.ts [FOLDER/MLP9-1 ...] [--test] [--json]`.
 * The networks are measured on the validation part only; `--test` opens the test part for the counts.
 */
import { existsSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { parseArgs } from "node:util"
import { table } from "../../src/charts/table.ts"
import { fail } from "../../src/cli/ending.ts"
import { print, printJson } from "../../src/cli/output.ts"
import { fittedWeightsByBin } from "../../src/counting/fitted-weights.ts"
import { fittedWeight, mixedLogProbability } from "../../src/counting/mixture.ts"
import { NGram } from "../../src/counting/ngram.ts"
import { UserError } from "../../src/errors.ts"
import { brownWords, type Words } from "./networks.ts"

interface Row {
  readonly model: string
  readonly validation: number
  readonly test?: number
  readonly paper?: { readonly validation: number; readonly test: number }
}

const counted = [
  { smoothing: "interpolated", order: 3, paper: { validation: 352, test: 336 } },
  { smoothing: "kneser-ney", order: 3, paper: { validation: 334, test: 323 } },
  { smoothing: "kneser-ney", order: 4, paper: { validation: 332, test: 321 } },
  { smoothing: "kneser-ney", order: 5, paper: { validation: 332, test: 321 } },
] as const

const perplexity = (logs: Float64Array): number =>
  Math.exp(-logs.reduce((sum, each) => sum + each, 0) / logs.length)

/** A part of the words, after as many words before it as a model of this order sees, so that its first word has its context. */
function partOf({ ids }: Words, { from, to }: { from: number; to: number }, order: number) {
  const before = Math.min(from, order - 1)
  const sequence = ids.subarray(from - before, to)
  /** What belongs to the words of the part, out of what belongs to each word and the stop. */
  const own = <A extends Float64Array | Int32Array>(all: A) => all.subarray(before, before + to - from) as A
  return { sequence, own }
}

function fitted(words: Words, { smoothing, order }: Pick<(typeof counted)[number], "smoothing" | "order">) {
  const { ids, train, validation, vocabularySize } = words
  const { sequence } = partOf(words, validation, order)
  const model = new NGram({ order, smoothing, vocabularySize })
  return model.fit([ids.subarray(train.from, train.to)], { heldOut: [sequence] })
}

function logsOf(model: NGram, words: Words, part: { from: number; to: number }): Float64Array {
  const { sequence, own } = partOf(words, part, model.order)
  return own(model.logProbabilities(sequence))
}

/** A network alone and mixed with a trigram of each smoothing, with a weight of 0.5, fitted, and fitted by frequency. */
function* mixturesOf(folder: string, trigrams: readonly NGram[], words: Words): Generator<Row> {
  const file = join(folder, "validation.f32")
  if (!existsSync(file))
    throw new UserError(`${file}: there is no such file: give the folder of a network that train.ts trained`)
  const bytes = new Uint8Array(readFileSync(file))
  const ofNetwork = Float64Array.from(new Float32Array(bytes.buffer))
  const { from, to } = words.validation
  if (ofNetwork.length !== to - from)
    throw new UserError(
      `${file}: ${ofNetwork.length} words, and the validation part has ${to - from}: give a network that was trained on all of Brown`,
    )
  const name = basename(folder)
  yield { model: name, validation: perplexity(ofNetwork) }
  for (const trigram of trigrams) {
    const { sequence, own } = partOf(words, words.validation, trigram.order)
    const ofCounts = logsOf(trigram, words, words.validation)
    const bins = own(trigram.binsOf(sequence))
    const mixed = (weightIn: (bin: number) => number) =>
      perplexity(ofNetwork.map((log, m) => mixedLogProbability(weightIn(bins[m]), log, ofCounts[m])))
    const weight = fittedWeight(ofNetwork, ofCounts)
    const byBin = fittedWeightsByBin([ofNetwork, ofCounts], bins, trigram.contextBins.count)
    const what = `${name}, ${trigram.smoothing}`
    yield { model: `${what}, 0.5`, validation: mixed(() => 0.5) }
    yield { model: `${what}, ${weight.toFixed(3)}, fitted`, validation: mixed(() => weight) }
    yield { model: `${what}, by frequency`, validation: mixed((bin) => byBin[bin][0]) }
  }
}

try {
  const { values, positionals } = parseArgs({
    options: { test: { type: "boolean" }, json: { type: "boolean" } },
    allowPositionals: true,
  })
  const words = await brownWords()
  const testPart = { from: words.validation.to, to: words.ids.length }
  const models = counted.map((each) => ({ ...each, model: fitted(words, each) }))
  const rows = models.map(
    ({ model, smoothing, order, paper }): Row => ({
      model: `${smoothing}, ${order}`,
      validation: perplexity(logsOf(model, words, words.validation)),
      ...(values.test && { test: perplexity(logsOf(model, words, testPart)) }),
      paper,
    }),
  )
  const trigrams = models.filter(({ order }) => order === 3).map(({ model }) => model)
  for (const folder of positionals) rows.push(...mixturesOf(folder, trigrams, words))
  if (values.json) printJson({ vocabularySize: words.vocabularySize, rows })
  else {
    const shown = (perplexity?: number, digits = 1) => perplexity?.toFixed(digits) ?? ""
    print(
      table(
        [
          ["perplexity", "validation", "paper", "test", "paper"],
          ...rows.map(({ model, validation, test, paper }) => [
            model,
            shown(validation),
            shown(paper?.validation, 0),
            shown(test),
            shown(paper?.test, 0),
          ]),
        ],
        { markdown: true },
      ),
    )
  }
} catch (error) {
  fail(error)
}
