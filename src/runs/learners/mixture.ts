/**
 * The learner of mixtures: the network is trained as it would be alone, the n-grams count the training part, and at the end the weight of
 * the two, or a weight for each bin of contexts, is fitted on the validation part, unless it was given.
 */

import { Mixture } from "../../counting/mixture.ts"
import { NGram } from "../../counting/ngram.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { evaluateClasses } from "../../training/evaluate.ts"
import type { Codec } from "../codec.ts"
import type { Part } from "../corpora/corpus.ts"
import { binsOf, logProbabilitiesOf, lossesByLine, meanLoss } from "../log-probabilities.ts"
import type { Recipe } from "../recipe.ts"
import type { Validation } from "../record.ts"
import { textRows } from "../text-rows.ts"
import { describeByBin, describeCounts, fitCounts } from "./counts.ts"
import type { Learner } from "./learner.ts"
import { network, numbersKept, reporting } from "./network.ts"

const countsOf = ({ mixOrder = 1, mixSmoothing }: Recipe, { vocabulary }: Codec): NGram =>
  new NGram({ order: mixOrder, smoothing: mixSmoothing, vocabularySize: vocabulary.size })

const create = (recipe: Recipe, codec: Codec): Mixture =>
  new Mixture({ network: network.create(recipe, codec), counts: countsOf(recipe, codec) })

export const mixture: Learner<Mixture> = {
  hasLayers: true,
  hasCounts: true,
  create,
  outline(recipe, corpus) {
    const model = create(recipe, corpus)
    fitCounts(model.counts, corpus, { mixed: true })
    return model
  },
  async begin(recipe, corpus, options) {
    const { mixOrder, mixWeight } = recipe
    const { runtime, onStage } = options
    const validates = corpus.sizes.validation > 0
    if (typeof mixWeight !== "number" && !validates)
      throw new UserError(
        `--mix-order ${mixOrder}: the weight of the network is fitted on the validation part, which has no lines: give --mix-weight, such as 0.7`,
      )
    const counts = fitCounts(countsOf(recipe, corpus), corpus, {
      besides: numbersKept(recipe, network.create(recipe, corpus)),
      mixed: true,
    })
    const fit = await network.begin(recipe, corpus, options)
    const model = new Mixture({ network: fit.model, counts })
    const read = async (part: Part, signal?: AbortSignal) => {
      const lines = {
        rows: (network: Model) => corpus.rows(network, part),
        sequences: corpus.sequences(part),
        isEndless: corpus.isEndless,
      }
      const options = { runtime, ...reporting(part, { onStage, signal }) }
      return [
        await logProbabilitiesOf(model.network, lines, options),
        await logProbabilitiesOf(counts, lines),
        binsOf(counts, lines),
      ] as const
    }
    type Read = Awaited<ReturnType<typeof read>>
    const lossOf = ([ofNetwork, ofCounts, bins]: Read): number =>
      meanLoss(ofNetwork.map((each, k) => model.logProbability(each, ofCounts[k], bins[k])))
    let validation: Read | undefined
    const validating = async (signal?: AbortSignal) => {
      validation ??= await read("validation", signal)
      return validation
    }
    const validate = async (signal?: AbortSignal): Promise<Validation> => {
      const each = await validating(signal)
      const [networkAlone, countsAlone] = [meanLoss(each[0]), meanLoss(each[1])]
      const found = {
        validation: lossOf(each),
        networkWeight: model.weight,
        networkAlone,
        countsAlone,
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
        if (typeof mixWeight === "number") model.weight = Math.fround(mixWeight)
        else {
          const [ofNetwork, ofCounts, bins] = await validating(signal)
          if (mixWeight === "by-frequency") model.fitWeightsByBin(ofNetwork, ofCounts, bins)
          else model.fitWeight(ofNetwork, ofCounts)
        }
        await run.saveMix(model.addedState())
      },
      trainLoss: async (signal) => lossOf(await read("train", signal)),
      validate: validates ? validate : undefined,
    }
  },
  async lossPerLine(model, lines, codec, options) {
    const sequences = lines.lines.map((line) => codec.vocabulary.encode(line))
    const read = { rows: (network: Model) => textRows(network, lines, codec), sequences }
    return lossesByLine(await logProbabilitiesOf(model, read, options), sequences)
  },
  async openSampler(model, options) {
    const { openMixtureSampler } = await import("../../sampling/mixing-sampler.ts")
    return openMixtureSampler(model, options)
  },
  describe(model, options) {
    const layers = network.describe(model.network, options)
    const counts = describeCounts(model.counts, options)
    const { weight, weightsByBin } = model
    const byBin =
      weightsByBin &&
      describeByBin(
        model.counts,
        weightsByBin.map((each) => [each]),
        { ...options, heads: ["Weight of the network"] },
      )
    return {
      json: {
        ...layers.json,
        counts: counts.json,
        networkWeight: weight,
        ...(byBin && { networkWeights: byBin.json }),
      },
      text: `${layers.text}\n\n${counts.text}\n\nWeight of the network: ${weight.toFixed(3)}${byBin ? ` on average\n\n${byBin.text}` : ""}`,
    }
  },
}
