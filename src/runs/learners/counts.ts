/** The learner of n-gram models, which are fitted by counting, in one pass over the training part. */
import { table } from "../../charts/table.ts"
import type { Sequence } from "../../counting/gram-table.ts"
import { NGram } from "../../counting/ngram.ts"
import { UserError } from "../../errors.ts"
import { Generator } from "../../random/torch.ts"
import { countedLossPerLine } from "../../training/evaluation-report.ts"
import { requireKeepable } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import { countedLogProbabilities, meanLoss } from "../log-probabilities.ts"
import type { Recipe } from "../recipe.ts"
import type { Description, Learner } from "./learner.ts"

const create = ({ order = 6 }: Recipe, { vocabulary }: Codec): NGram =>
  new NGram({ order, vocabularySize: vocabulary.size })

export const counts: Learner<NGram> = {
  hasLayers: false,
  hasCounts: true,
  create,
  outline: (recipe, corpus) => create(recipe, corpus).fit(corpus.sequences("train")),
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
    const model = fitCounts(create(recipe, corpus), train, { remedy: "give a lower --order" })
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

/** Counts the sequences. A UserError, as soon as it is known, if their tables and the numbers `besides` fit in no checkpoint. */
export const fitCounts = (
  model: NGram,
  sequences: readonly Sequence[],
  { besides = 0, remedy }: { besides?: number; remedy: string },
): NGram =>
  model.fit(sequences, (numbers) =>
    requireKeepable(numbers + besides, { what: `the counts of order ${model.order}`, remedy }),
  )

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
  return {
    json: { tables, parameters: model.parameterCount },
    text: table([head, ...rows, ["Total", "", grouped(model.parameterCount)]], { markdown }),
  }
}
