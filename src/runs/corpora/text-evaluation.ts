/**
 * The evaluation of a model on lines: losses of whole parts or of other data, also of lines inside and outside of the training part;
 * predicted labels; and lines sampled for each label, judged by n-grams.
 */
import { type Mixture, networkOf } from "../../counting/mixture.ts"
import { loadText } from "../../data/catalog.ts"
import { characters } from "../../data/characters.ts"
import { eachLabel, labelsOf } from "../../data/labels.ts"
import type { Lines } from "../../data/text.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { Generator } from "../../random/torch.ts"
import { openJudge } from "../../sampling/judge.ts"
import { longestOf } from "../../sampling/sampler.ts"
import { evaluateClasses } from "../../training/evaluate.ts"
import { type EvaluationReport, evaluationReport } from "../../training/evaluation-report.ts"
import { movedTo } from "../data-place.ts"
import { learnerOf } from "../learners/index.ts"
import { openData, requireSameData } from "../open-data.ts"
import { textRows } from "../text-rows.ts"
import type { TrainedModel } from "../trained-model.ts"
import type {
  ClassReport,
  ConditionReport,
  Evaluation,
  EvaluationRequest,
  LossesByLine,
  UnknownWords,
} from "./corpus.ts"
import { partsToEvaluate, unknownIn } from "./parts.ts"
import { hashOf, openText, type TextCorpus } from "./text-corpus.ts"

export async function evaluateText(
  trained: TrainedModel<unknown>,
  request: EvaluationRequest,
  load = loadText,
): Promise<Evaluation> {
  const { config, model, vocabulary, condition, classes } = trained
  const { samples, judgeOrder, runtime, onStage } = request
  const learner = learnerOf(config.recipe)
  const codec = { vocabulary, condition, classes }
  const { parts, training, skipped } = await partsOf(trained, request, load)
  const labels = condition ?? classes
  const judge = labels && training && openJudge(training, { vocabulary, labels, order: judgeOrder })
  if (samples !== undefined && !(condition && judge))
    throw new UserError(
      `--samples ${samples}: it needs a run conditioned on labels, with its data at hand: leave it out, or train with --condition`,
    )
  if (judgeOrder !== undefined && !judge)
    throw new UserError(
      `--judge-order ${judgeOrder}: it needs a run with labels, with its data at hand: leave it out`,
    )
  const reports: Record<string, EvaluationReport> = {}
  const bits: Record<string, number> = {}
  const unknown: Record<string, UnknownWords> = {}
  const byLine: Record<string, LossesByLine> = {}
  const byPart: Record<string, ClassReport> = {}
  const trainedOn = training && new Set(training.lines)
  for (const [name, lines] of Object.entries(parts)) {
    const stage = `evaluating the ${name === "train" ? "training part" : name === "data" ? "lines" : `${name} part`}`
    const onProgress = (done: number) => onStage?.(stage, done)
    onProgress(0)
    const losses = await learner.lossPerLine(model, lines, codec, { runtime, onProgress })
    onProgress(1)
    const seen = name === "train" ? undefined : trainedOn && lines.lines.map((line) => trainedOn.has(line))
    byLine[name] = { losses, sha256: await hashOf(lines, []), ...(seen && { seen }) }
    reports[name] = evaluationReport(losses, {
      lines: lines.lines,
      seen: name === "train" ? undefined : training?.lines,
      labels: condition && eachLabel(lines, condition.name),
    })
    const ends = lines.lines.length
    const read = lines.lines.reduce((sum, line) => sum + characters(line).length, ends)
    const { natsPerSymbol, symbols } = reports[name]
    bits[name] = (natsPerSymbol.value * symbols) / read / Math.LN2
    if (vocabulary.unknown !== undefined)
      unknown[name] = unknownIn(
        lines.lines.map((line) => vocabulary.encode(line)),
        vocabulary,
      )!
    if (classes) {
      const network = networkOf(model as Model | Mixture)
      byPart[name] = {
        ...(await evaluateClasses(network, textRows(network, lines, codec), { runtime })),
        counted: labels === classes ? judge?.right(lines).all : undefined,
      }
    }
  }
  const evaluation = {
    reports,
    lines: byLine,
    judge,
    skipped,
    ...(vocabulary.tokens !== "characters" && { bitsPerCharacter: bits }), // else they are bits a symbol
    ...(vocabulary.unknown !== undefined && { unknown }),
    ...(classes && { classes: { labels: classes, byPart } }),
  }
  if (samples === undefined || !condition || !judge) return evaluation
  const part = Object.keys(parts).at(-1)!
  const real = judge.right(parts[part]).byLabel
  const sampler = await learner.openSampler(model, { batchSize: Math.min(samples, 100), runtime })
  const generator = new Generator(42)
  const byLabel: ConditionReport[] = []
  for (const [number, label] of condition.values.entries()) {
    const made: number[][] = []
    for await (const ids of sampler.sample({ count: samples, label: number, generator })) made.push(ids)
    byLabel.push({ label, real: real[number], made: judge.taken(made, number) })
  }
  await sampler.release()
  return { ...evaluation, conditions: { labels: condition, part, count: samples, byLabel } }
}

/**
 * The lines to evaluate, by name, and the training part if it still exists. If `data` is the run's own, which was
 * moved, or that of a kept model, its parts are evaluated.
 */
async function partsOf(
  trained: TrainedModel<unknown>,
  { parts: asked, data: other, loading, notice, ...reading }: EvaluationRequest,
  load: typeof loadText,
): Promise<{ parts: Record<string, Lines>; training?: Lines; skipped?: number }> {
  const { recipe, data: trainedOn } = trained.config
  const inParts = ({ parts, sizes }: TextCorpus) => ({
    parts: Object.fromEntries(
      partsToEvaluate(asked, { sizes, split: recipe.split }).map((name) => [name, parts[name]]),
    ),
    training: parts.train,
  })
  const openOwn = async () => {
    const own = await openData(trained, (recipe) => openText(recipe, loading, load))
    requireSameData(trained, own, { whole: "list" }) // parts of others would have lines of the training part
    return own
  }
  if (other === undefined) return inParts(await openOwn())
  const labelColumns = [recipe.condition, recipe.classify].filter((name) => name !== undefined)
  const { column, noHeader, maximumLineLength } = movedTo(recipe, { ...reading, data: other })
  const lines = await load(other, { column, noHeader, maximumLineLength, labelColumns, ...loading })
  for (const name of labelColumns) labelsOf(lines, name) // a UserError if it has none
  const isOwn = (await hashOf(lines, labelColumns)) === trainedOn.sha256
  const partsOfOwn = async () => inParts(await openText(recipe, loading, async () => lines))
  if (trained.config.kept && isOwn) return partsOfOwn()
  const own = await openOwn().catch((error) => {
    if (!(error instanceof UserError)) throw error
    return error
  })
  if (!(own instanceof Error)) return { ...readablePart(lines, trained, notice), training: own.parts.train }
  if (isOwn) return partsOfOwn()
  notice(`cannot tell which lines are in the training part: ${own.message}`)
  return readablePart(lines, trained, notice)
}

/** Other data without the lines that the model cannot read. A UserError if it can read none. `skipped` are so many. */
function readablePart(
  lines: Lines,
  { vocabulary, model }: Pick<TrainedModel<unknown>, "vocabulary" | "model">,
  notice: (sentence: string) => void,
): { parts: Record<string, Lines>; skipped?: number } {
  const { reads } = model as Model
  const longest = reads === "sequences" ? longestOf(model as Model) : Infinity
  const unknown = new Set<string>()
  const isReadable = lines.lines.map((line) => {
    const missing = vocabulary.missing(line)
    for (const symbol of missing) unknown.add(symbol)
    return missing.length === 0 && (longest === Infinity || vocabulary.lengthOf(line) <= longest)
  })
  const skipped = isReadable.filter((readable) => !readable).length
  if (skipped === 0) return { parts: { data: lines } }
  const shown = [...unknown].slice(0, SHOWN).map((symbol) => JSON.stringify(symbol))
  const reasons = [
    ...(shown.length > 0 ? [`characters that the model has never seen, such as ${shown.join(", ")}`] : []),
    ...(longest === Infinity ? [] : [`more than ${longest.toLocaleString("en")} ${vocabulary.tokens}`]),
  ]
  const count = lines.lines.length.toLocaleString("en")
  if (skipped === lines.lines.length)
    throw new UserError(
      `none of the ${count} lines can be read: they have ${reasons.join(", or ")}: give lines like those of the training part`,
    )
  const readable = (all: readonly string[]) => all.filter((_, k) => isReadable[k])
  const labels = Object.entries(lines.labels ?? {}).map(([name, each]) => [name, readable(each)])
  const data = { lines: readable(lines.lines), ...(lines.labels && { labels: Object.fromEntries(labels) }) }
  notice(`${skipped.toLocaleString("en")} of ${count} lines are left out: they have ${reasons.join(", or ")}`)
  return { parts: { data }, skipped }
}

/** The most unknown characters in a sentence. */
const SHOWN = 5
