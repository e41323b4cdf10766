/** The learner of n-gram models, which are fitted by counting, in one pass over the training part. */
import { table } from "../../charts/table.ts"
import type { Sequence } from "../../counting/gram-table.ts"
import { NGram } from "../../counting/ngram.ts"
import { UserError } from "../../errors.ts"
import { Generator } from "../../random/torch.ts"
import { countedLossPerLine } from "../../training/evaluation-report.ts"
import { requireKeepable } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import type { Corpus } from "../corpora/corpus.ts"
import { countedLogProbabilities, meanLoss } from "../log-probabilities.ts"
import type { Recipe } from "../recipe.ts"
import type { Description, Learner } from "./learner.ts"

const create = ({ order = 6, smoothing }: Recipe, { vocabulary }: Codec): NGram =>
  new NGram({ order, smoothing, vocabularySize: vocabulary.size })

export const counts: Learner<NGram> = {
  hasLayers: false,
  hasCounts: true,
  create,
  outline: (recipe, corpus) => fitCounts(create(recipe, corpus), corpus),
  async begin(recipe, corpus, { onnx }) {
    if (onnx !== undefined)
      throw new UserError(
        `--onnx ${onnx}: the model ${recipe.model} counts and has no training step: leave it out`,
      )
    const [train, validation] = [corpus.sequences("train"), corpus.sequences("validation")]
    const { isEndless } = corpus
    const lossOf = (sequences: readonly Sequence[]) =>
      meanLoss(countedLogProbabilities(model, { sequences, isEndless }))
    const generator = new Generator(recipe.seed)
    const begin = performance.now()
    const model = fitCounts(create(recipe, corpus), corpus)
    return {
      model,
      generator,
      taken: 0,
      seconds: (performance.now() - begin) / 1000,
      settle: (run) =>
        run.save(model, { steps: 0, generator: generator.getState(), batches: null, moments: {} }),
      trainLoss: async () => lossOf(train),
      ...(corpus.sizes.validation > 0 && { validate: async () => ({ validation: lossOf(validation) }) }),
    }
  },
  lossPerLine: async (model, { lines }, { vocabulary }) =>
    countedLossPerLine(
      model,
      lines.map((line) => vocabulary.encode(line)),
    ),
  async openSampler(model) {
    const { countingSampler } = await import("../../sampling/sample.ts")
    return countingSampler(model)
  },
  describe: describeCounts,
}

/**
 * Counts the training part, for a model alone or one that is mixed. A UserError, as soon as it is known, if the tables and the numbers
 * `besides` fit in no checkpoint, or if the smoothing needs a validation part and there is none.
 */
export function fitCounts(
  model: NGram,
  corpus: Pick<Corpus, "sequences">,
  { besides = 0, mixed = false }: { besides?: number; mixed?: boolean } = {},
): NGram {
  const [order, smoothing] = mixed ? ["--mix-order", "--mix-smoothing"] : ["--order", "--smoothing"]
  const heldOut = corpus.sequences("validation")
  if (model.smoothing === "interpolated" && heldOut.every(({ length }) => length === 0))
    throw new UserError(
      `${smoothing} interpolated: its weights are fitted on the validation part, which has no lines: ` +
        "set some apart, as --split 90,10,0 does, or choose kneser-ney",
    )
  return model.fit(corpus.sequences("train"), {
    heldOut,
    onTable: (numbers) =>
      requireKeepable(numbers + besides, {
        what: `the counts of order ${model.order}`,
        remedy: `give a lower ${order}`,
      }),
  })
}

/** A table of how many contexts and counts there are of each order. */
export function describeCounts(model: NGram, { markdown }: { markdown?: boolean }): Description {
  const state = model.stateDict()
  const tables = Array.from({ length: model.order }, (_, length) => ({
    order: length + 1,
    contexts: state[`tables.${length}.starts`].data.length - 1,
    counts: state[`tables.${length}.counts`].data.length,
  }))
  const grouped = (count: number) => count.toLocaleString("en")
  const rows = tables.map((each) => [each.order, each.contexts, each.counts].map(grouped))
  const head = ["Order", "Contexts", "Counts"]
  const text = table([head, ...rows, ["Total", "", grouped(model.parameterCount)]], { markdown })
  const { smoothing, weights } = model
  const json = { smoothing, tables, parameters: model.parameterCount }
  if (!weights) return { json, text }
  const lengths = ["Uniform", ...tables.map(({ order }) => `${order}`)]
  const byBin = describeByBin(model, weights, { heads: lengths, markdown })
  return {
    json: { ...json, weights: byBin.json },
    text: `${text}\n\nWeights α of the orders\n\n${byBin.text}`,
  }
}

/** A table of weights, (bins, columns), by how often the longest context was counted. */
export function describeByBin(
  { contextBins, order }: NGram,
  weights: readonly (readonly number[])[],
  { heads, markdown }: { heads: readonly string[]; markdown?: boolean },
): Description {
  const bins = weights.map((each, bin) => ({ ...contextBins.range(bin), weights: each }))
  const rows = bins
    .filter(({ least, most }) => least <= most)
    .map(({ least, most, weights }) => [
      least === most ? `${least}` : `${least} to ${most}`,
      ...weights.map((weight) => weight.toFixed(3)),
    ])
  const symbols = order === 2 ? "symbol" : `${order - 1} symbols`
  return { json: bins, text: table([[`Last ${symbols} seen`, ...heads], ...rows.reverse()], { markdown }) }
}
