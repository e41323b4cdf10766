/** The learner of ensembles: nothing is trained. It weighs the members, counts n-grams beside them if asked to, and measures each. */
import { table } from "../../charts/table.ts"
import { averaged, Ensemble, type Member, weightsIn } from "../../counting/ensemble.ts"
import { fittedWeights } from "../../counting/fitted-weights.ts"
import { fittedWeight, Mixture } from "../../counting/mixture.ts"
import { NGram } from "../../counting/ngram.ts"
import { UserError } from "../../errors.ts"
import { models } from "../../models/index.ts"
import { Generator } from "../../random/torch.ts"
import { requireKeepable } from "../checkpoint.ts"
import type { Codec } from "../codec.ts"
import type { Part } from "../corpora/corpus.ts"
import {
  allLogProbabilities,
  logProbabilitiesOf,
  lossesByLine,
  meanLoss,
  type ReadLines,
} from "../log-probabilities.ts"
import type { Recipe } from "../recipe.ts"
import type { Settings } from "../settings.ts"
import { textRows } from "../text-rows.ts"
import { fitCounts } from "./counts.ts"
import type { Learner } from "./learner.ts"
import { reporting } from "./network.ts"

const countsOf = ({ mixOrder, mixSmoothing }: Settings, { vocabulary }: Codec): NGram[] =>
  mixOrder === undefined
    ? []
    : [new NGram({ order: mixOrder, smoothing: mixSmoothing, vocabularySize: vocabulary.size })]

/** @param learnerOf The learner of a member. */
export const ensembleOf = (learnerOf: (settings: Settings) => Learner): Learner<Ensemble> => ({
  hasLayers: false,
  hasCounts: true,
  create(recipe, codec, members = []) {
    const models = members.map(({ settings }) => learnerOf(settings).create(settings as Recipe, codec))
    return new Ensemble([...models, ...countsOf(recipe, codec)])
  },
  outline(recipe) {
    throw new UserError(
      `${recipe.model}: an ensemble is made of trained runs: name the run of one, or make one: makewave ensemble RUN RUN`,
    )
  },
  async begin(recipe, corpus, { members, onnx, runtime, onStage }) {
    if (onnx !== undefined)
      throw new UserError(`--onnx ${onnx}: the model ${recipe.model} has no training step: leave it out`)
    if (!members) throw new RangeError("an ensemble begins with its members")
    const validates = corpus.sizes.validation > 0
    const weigh = weighing(recipe, { count: members.models.length, validates })
    const begin = performance.now()
    const counts = countsOf(recipe, corpus).map((model) => fitCounts(model, corpus, { mixed: true }))
    const model = new Ensemble([...members.models, ...counts])
    const numbers = Object.values(model.stateDict()).reduce((sum, { data }) => sum + data.length, 0)
    requireKeepable(numbers, { what: `an ensemble of ${model.members.length}`, remedy: "name fewer runs" })
    const names = [...members.records.map(({ name }) => name), ...counts.map(({ order }) => `${order}-grams`)]
    const read = (part: Part, signal?: AbortSignal) => {
      const lines = {
        rows: (network: Parameters<ReadLines["rows"]>[0]) => corpus.rows(network, part),
        sequences: corpus.sequences(part),
        isEndless: corpus.isEndless,
      }
      return allLogProbabilities(model.members, lines, { runtime, ...reporting(part, { onStage, signal }) })
    }
    let validation: Float64Array[] | undefined
    const validating = async (signal?: AbortSignal) => {
      validation ??= await read("validation", signal)
      return validation
    }
    return {
      model,
      generator: new Generator(recipe.seed),
      taken: 0,
      seconds: (performance.now() - begin) / 1000,
      async settle(run, signal) {
        const weights = weigh(validates ? await validating(signal) : [])
        model.weights = weights.map((weight) => Math.fround(weight)) // as a checkpoint keeps them
        const generator = new Generator(recipe.seed).getState()
        await run.save(model, { steps: 0, generator, batches: null, moments: {} })
      },
      trainLoss: async (signal) => meanLoss(averaged(model.weights, await read("train", signal))),
      ...(validates && {
        validate: async (signal) => {
          const each = await validating(signal)
          return {
            validation: meanLoss(averaged(model.weights, each)),
            members: names.map((name, k) => ({
              name,
              weight: model.weights[k],
              validation: meanLoss(each[k]),
            })),
          }
        },
      }),
    }
  },
  async lossPerLine(model, lines, codec, options) {
    const sequences = lines.lines.map((line) => codec.vocabulary.encode(line))
    const read = {
      rows: (network: Parameters<ReadLines["rows"]>[0]) => textRows(network, lines, codec),
      sequences,
    }
    return lossesByLine(await logProbabilitiesOf(model, read, options), sequences)
  },
  async openSampler(model, options) {
    const { openMixtureSampler } = await import("../../sampling/mixing-sampler.ts")
    return openMixtureSampler(model, options)
  },
  describe(model, { markdown }) {
    const members = model.members.map((member, k) => ({
      model: nameOf(member),
      parameters: member.parameterCount,
      weight: model.weights[k],
    }))
    const grouped = (count: number) => count.toLocaleString("en")
    const rows = members.map((each) => [each.model, grouped(each.parameters), each.weight.toFixed(3)])
    const head = ["Member", "Parameters", "Weight"]
    return {
      json: { members, parameters: model.parameterCount },
      text: table([head, ...rows, ["Total", grouped(model.parameterCount), ""]], { markdown }),
    }
  },
})

/**
 * From ln p of the validation part's symbols by each of `count` runs, and by counts if there are any, to the weights of all. A UserError
 * for weights that are not one for each run, or that cannot be fitted.
 */
function weighing(
  { weights = "equal", mixOrder, mixWeight }: Recipe,
  { count, validates }: { count: number; validates: boolean },
): (logProbabilities: readonly Float64Array[]) => readonly number[] {
  const fits = weights === "fitted"
  const given = weights === "equal" ? Array<number>(count).fill(1) : (weightsIn(weights) ?? [])
  if (!fits && given.length !== count)
    throw new UserError(`--weights ${weights}: ${given.length} numbers for ${count} runs: give one for each`)
  const mixes = mixOrder !== undefined
  if (mixWeight === "by-frequency")
    throw new UserError(
      `--mix-weight ${mixWeight}: it is for one network mixed with counts, and a member of an ensemble has one weight: leave it out, or give a number`,
    )
  if (!validates && (fits || (mixes && mixWeight === undefined)))
    throw new UserError(
      fits
        ? "--weights fitted: they are fitted on the validation part, which has no lines: leave it out, or give numbers"
        : `--mix-order ${mixOrder}: the weight of the runs is fitted on the validation part, which has no lines: give --mix-weight, such as 0.7`,
    )
  const total = given.reduce((sum, weight) => sum + weight, 0)
  return (logs) => {
    if (fits && mixWeight === undefined) return fittedWeights(logs)
    const ofRuns = logs.slice(0, count)
    const among = fits ? fittedWeights(ofRuns) : given.map((weight) => weight / total)
    if (!mixes) return among
    const share = mixWeight ?? fittedWeight(averaged(among, ofRuns), logs[count])
    return [...among.map((weight) => weight * share), 1 - share]
  }
}

/** "gru", "6-grams", or both. */
function nameOf(member: Member): string {
  if (member instanceof NGram) return `${member.order}-grams`
  if (member instanceof Mixture) return `${nameOf(member.network)} mixed with ${nameOf(member.counts)}`
  return (
    Object.entries(models).find(([, each]) => each === member.constructor)?.[0] ?? member.constructor.name
  )
}
