/**
 * The learner of mixtures: the network is trained as it would be alone, the n-grams count the training part, and at the end the weight of
 * the two is fitted on the validation part, unless it was given.
 */

import type { Sequence } from "../../counting/gram-table.ts"
import { Mixture } from "../../counting/mixture.ts"
import { NGram } from "../../counting/ngram.ts"
import type { Dataset } from "../../data/dataset.ts"
import { UserError } from "../../errors.ts"
import { openMixtureSampler } from "../../sampling/mixing-sampler.ts"
import { type EvaluateOptions, evaluateClasses, lossPerTarget } from "../../training/evaluate.ts"
import { sumByLine } from "../../training/evaluation-report.ts"
import type { Codec } from "../codec.ts"
import type { Part } from "../corpora/corpus.ts"
import type { Recipe } from "../recipe.ts"
import type { Validation } from "../record.ts"
import { textRows } from "../text-rows.ts"
import { describeCounts, fitCounts } from "./counts.ts"
import type { Learner } from "./learner.ts"
import { network, numbersKept, reporting } from "./network.ts"

const countsOf = ({ mixOrder = 1 }: Recipe, { vocabulary }: Codec): NGram =>
  new NGram({ order: mixOrder, vocabularySize: vocabulary.size })

const create = (recipe: Recipe, codec: Codec): Mixture =>
  new Mixture({ network: network.create(recipe, codec), counts: countsOf(recipe, codec) })

export const mixture: Learner<Mixture> = {
  hasLayers: true,
  hasCounts: true,
  create,
  outline(recipe, corpus) {
    const model = create(recipe, corpus)
    model.counts.fit(corpus.sequences("train"))
    return model
  },
  async begin(recipe, corpus, options) {
    const { mixOrder, mixWeight } = recipe
    const { runtime, onStage } = options
    const validates = corpus.sizes.validation > 0
    if (mixWeight === undefined && !validates)
      throw new UserError(
        `--mix-order ${mixOrder}: the weight of the network is fitted on the validation part, which has no lines: give --mix-weight, such as 0.7`,
      )
    const counts = fitCounts(countsOf(recipe, corpus), corpus.sequences("train"), {
      besides: numbersKept(recipe, network.create(recipe, corpus)),
      remedy: "give a lower --mix-order",
    })
    const fit = await network.begin(recipe, corpus, options)
    const model = new Mixture({ network: fit.model, counts })
    const losses = (part: Part, rows: Dataset, signal?: AbortSignal) =>
      logProbabilities(model, rows, corpus.sequences(part), {
        runtime,
        ...reporting(part, { onStage, signal }),
      })
    const lossOf = ({ ofNetwork, ofCounts }: LogProbabilities): number =>
      meanLoss(ofNetwork.map((each, k) => model.logProbability(each, ofCounts[k])))
    let validation: LogProbabilities | undefined
    const validating = async (signal?: AbortSignal) => {
      validation ??= await losses("validation", corpus.rows(model.network, "validation"), signal)
      return validation
    }
    const validate = async (signal?: AbortSignal): Promise<Validation> => {
      const each = await validating(signal)
      const found = {
        validation: lossOf(each),
        networkWeight: model.weight,
        networkAlone: meanLoss(each.ofNetwork),
        countsAlone: meanLoss(each.ofCounts),
      }
      if (!corpus.classes) return found
      const rows = corpus.rows(model.network, "validation")
      const { accuracy } = await evaluateClasses(model.network, rows, { runtime, signal })
      return { ...found, accuracy }
    }
    return {
      ...fit,
      model,
      async settle(run, signal) {
        await fit.settle(run, signal)
        if (mixWeight !== undefined) model.weight = Math.fround(mixWeight)
        else {
          const { ofNetwork, ofCounts } = await validating(signal)
          model.fitWeight(ofNetwork, ofCounts)
        }
        await run.saveMix(model.addedState())
      },
      trainLoss: async (signal) => lossOf(await losses("train", corpus.rows(model.network, "train"), signal)),
      validate: validates ? validate : undefined,
    }
  },
  async lossPerLine(model, lines, codec, runtime) {
    const rows = textRows(model.network, lines, codec)
    const encoded = lines.lines.map((line) => codec.vocabulary.encode(line))
    const { ofNetwork, ofCounts, targets } = await logProbabilities(model, rows, encoded, { runtime })
    return sumByLine(
      ofNetwork.map((each, k) => -model.logProbability(each, ofCounts[k])),
      targets,
    )
  },
  openSampler: openMixtureSampler,
  describe(model, options) {
    const layers = network.describe(model.network, options)
    const counts = describeCounts(model.counts, options)
    const { weight } = model
    return {
      json: { ...layers.json, counts: counts.json, networkWeight: weight },
      text: `${layers.text}\n\n${counts.text}\n\nWeight of the network: ${weight.toFixed(3)}`,
    }
  },
}

/** ln p of each symbol and stop of the lines, in their order, and their ids. */
interface LogProbabilities {
  readonly ofNetwork: Float64Array
  readonly ofCounts: Float64Array
  readonly targets: Int32Array
}

const meanLoss = (logProbabilities: Float64Array): number =>
  -logProbabilities.reduce((sum, each) => sum + each, 0) / logProbabilities.length

/** `rows` are those of the `lines`, in the same order. */
async function logProbabilities(
  { network, counts }: Mixture,
  rows: Dataset,
  lines: readonly Sequence[],
  options: EvaluateOptions,
): Promise<LogProbabilities> {
  const losses = await lossPerTarget(network, rows, options)
  const isCounted = (_: number, k: number) => rows.targets.data[k] >= 0
  const targets = rows.targets.data.filter(isCounted)
  const ofCounts = new Float64Array(targets.length)
  let at = 0
  for (const line of lines) {
    ofCounts.set(counts.logProbabilities(line), at)
    at += line.length + 1
  }
  return { ofNetwork: Float64Array.from(losses.filter(isCounted), (loss) => -loss), ofCounts, targets }
}
