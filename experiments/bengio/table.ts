/**
 * Table 1 of Bengio et al. 2003: perplexities on words of the Brown corpus, beside those of the paper. The rows that are counted, and, given
 * the folders of networks that train.ts has trained, these alone and mixed with trigrams: `node experiments/bengio/table.ts [FOLDER/MLP9-1
 * ...] [--test] [--json]`. Networks that differ only in their seed share a row, with Student's interval of 95 % for their mean. Mixtures are
 * fitted on the validation part. Only `--test` opens the test part.
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
import type { Stretch } from "../../src/data/running-rows.ts"
import { UserError } from "../../src/errors.ts"
import { mean, meanInterval } from "../../src/experiments/statistics.ts"
import { readSafetensors } from "../../src/interchange/safetensors.ts"
import type { StateDict } from "../../src/nn/module.ts"
import { Generator } from "../../src/random/index.ts"
import { lossPerTarget } from "../../src/training/index.ts"
import { brownWords, logProbabilities, makeNetwork, rowsOf, type Words } from "./networks.ts"

interface Row {
  readonly model: string
  /** Of a network. */
  readonly seeds?: readonly number[]
  /** Perplexities, one for each seed, or of what is counted. */
  readonly validation: readonly number[]
  readonly test?: readonly number[]
  readonly paper?: Figures
}

interface Figures {
  readonly validation: number
  readonly test: number
}

const counted = [
  { smoothing: "interpolated", order: 3, paper: { validation: 352, test: 336 } },
  { smoothing: "kneser-ney", order: 3, paper: { validation: 334, test: 323 } },
  { smoothing: "kneser-ney", order: 4, paper: { validation: 332, test: 321 } },
  { smoothing: "kneser-ney", order: 5, paper: { validation: 332, test: 321 } },
] as const

/** Of the networks alone, and mixed half and half with the trigram of deleted interpolation. */
const inPaper: Readonly<Record<string, { readonly alone: Figures; readonly mixed: Figures }>> = {
  MLP1: { alone: { validation: 284, test: 268 }, mixed: { validation: 275, test: 257 } },
  MLP3: { alone: { validation: 327, test: 310 }, mixed: { validation: 286, test: 272 } },
  MLP5: { alone: { validation: 296, test: 279 }, mixed: { validation: 273, test: 259 } },
  MLP7: { alone: { validation: 309, test: 293 }, mixed: { validation: 284, test: 270 } },
  MLP9: { alone: { validation: 280, test: 276 }, mixed: { validation: 265, test: 252 } },
}

const perplexity = (logs: Float64Array): number =>
  Math.exp(-logs.reduce((sum, each) => sum + each, 0) / logs.length)

/** A part of the words, after as many words before it as a model of this order sees, so that its first word has its context. */
function partOf({ ids }: Words, { from, to }: Stretch, order: number) {
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

/** ln p of each word of the two parts under a network that was trained, the second only if it is open. */
async function logsOfNetwork(folder: string, words: Words, open: { test: boolean }) {
  const read = (name: string): Uint8Array<ArrayBuffer> => {
    const file = join(folder, name)
    if (!existsSync(file))
      throw new UserError(
        `${file}: there is no such file: give the folder of a network that train.ts trained`,
      )
    return new Uint8Array(readFileSync(file))
  }
  read("result.json") // only what is trained to its end has one
  const { tensors, metadata } = readSafetensors(read("best.safetensors"), folder)
  const identity = JSON.parse(metadata.identity)
  const { seed } = identity
  const recipe = JSON.stringify({ ...identity, seed: undefined })
  const validation = Float64Array.from(new Float32Array(read("validation.f32").buffer))
  if (!open.test) return { seed, recipe, validation }
  const network = makeNetwork(identity.name, words.vocabularySize, identity, new Generator(seed))
  network.loadStateDict(tensors as StateDict)
  const rows = rowsOf(words, network, words.test)
  return {
    seed,
    recipe,
    validation,
    test: Float64Array.from(logProbabilities(await lossPerTarget(network, rows), rows)),
  }
}

/** What a trigram says of a part: ln p of each word, and the bin of its context. */
function ofTrigram(model: NGram, words: Words, part: Stretch) {
  const { sequence, own } = partOf(words, part, model.order)
  return { logs: own(model.logProbabilities(sequence)), bins: own(model.binsOf(sequence)) }
}

type Parts<Of> = { readonly validation: Of; readonly test?: Of }
type OfTrigram = Parts<ReturnType<typeof ofTrigram>>

/** Weights of a network's probabilities in a mixture, one for each bin, out of the validation part. */
const weightings: Readonly<
  Record<string, (network: Float64Array, trigram: OfTrigram["validation"], bins: number) => number[]>
> = {
  "0.5": (_, __, bins) => new Array(bins).fill(0.5),
  "one weight": (network, { logs }, bins) => new Array(bins).fill(fittedWeight(network, logs)),
  "by frequency": (network, { logs, bins }, count) =>
    fittedWeightsByBin([network, logs], bins, count).map(([weight]) => weight),
}

function mixed(network: Float64Array, { logs, bins }: OfTrigram["validation"], weights: readonly number[]) {
  return perplexity(network.map((log, m) => mixedLogProbability(weights[bins[m]], log, logs[m])))
}

try {
  const { values, positionals } = parseArgs({
    options: { test: { type: "boolean", default: false }, json: { type: "boolean" } },
    allowPositionals: true,
  })
  const words = await brownWords()
  const inParts = <Of>(of: (part: Stretch) => Of): Parts<Of> => ({
    validation: of(words.validation),
    ...(values.test && { test: of(words.test) }),
  })
  const models = counted.map((each) => ({ ...each, model: fitted(words, each) }))
  const rows = models.map(({ model, smoothing, order, paper }): Row => {
    const { validation, test } = inParts((part) => [perplexity(ofTrigram(model, words, part).logs)])
    return { model: `${smoothing}, ${order}`, validation, test, paper }
  })
  const trigrams = models
    .filter(({ order }) => order === 3)
    .map(({ model, smoothing }) => ({
      smoothing,
      bins: model.contextBins.count,
      parts: inParts((part) => ofTrigram(model, words, part)),
    }))

  const folders = Object.groupBy([...new Set(positionals)], (folder) => basename(folder).replace(/-\d+$/, ""))
  for (const [name, ofSeeds = []] of Object.entries(folders)) {
    const networks: Awaited<ReturnType<typeof logsOfNetwork>>[] = []
    for (const folder of ofSeeds) networks.push(await logsOfNetwork(folder, words, values))
    const other = networks.findIndex(({ recipe }) => recipe !== networks[0].recipe)
    if (other > 0)
      throw new UserError(
        `${ofSeeds[other]}: its recipe is not that of ${ofSeeds[0]}: give networks that differ only in their seed`,
      )
    const row = (
      what: string,
      of: (network: (typeof networks)[number], part: "validation" | "test") => number,
    ) => ({
      model: `${name}${what}`,
      seeds: networks.map(({ seed }) => seed),
      validation: networks.map((network) => of(network, "validation")),
      ...(values.test && { test: networks.map((network) => of(network, "test")) }),
    })
    rows.push({ ...row("", (logs, part) => perplexity(logs[part]!)), paper: inPaper[name]?.alone })
    for (const { smoothing, bins, parts } of trigrams)
      for (const [weighting, weightsOf] of Object.entries(weightings)) {
        const mixture = row(` + ${smoothing}, 3, ${weighting}`, (logs, part) =>
          mixed(logs[part]!, parts[part]!, weightsOf(logs.validation, parts.validation, bins)),
        )
        const isInPaper = smoothing === "interpolated" && weighting === "0.5"
        rows.push({ ...mixture, ...(isInPaper && { paper: inPaper[name]?.mixed }) })
      }
  }

  if (values.json) printJson({ vocabularySize: words.vocabularySize, rows })
  else {
    const average = (perplexities: readonly number[] = []) => {
      if (perplexities.length < 2) return perplexities.map((each) => each.toFixed(1)).join()
      const [low, high] = meanInterval(perplexities)
      return `${mean(perplexities).toFixed(1)} ± ${((high - low) / 2).toFixed(1)}`
    }
    print(
      table(
        [
          ["perplexity", "seeds", "validation", "paper", ...(values.test ? ["test", "paper"] : [])],
          ...rows.map(({ model, seeds, validation, test, paper }) => [
            model,
            seeds === undefined ? "" : `${seeds.length}`,
            average(validation),
            String(paper?.validation ?? ""),
            ...(values.test ? [average(test), String(paper?.test ?? "")] : []),
          ]),
        ],
        { markdown: true },
      ),
    )
  }
} catch (error) {
  fail(error)
}
