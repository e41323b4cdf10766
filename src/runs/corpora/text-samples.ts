/** The samples of a model of lines: those that are asked for, with wishes, and those of a run at its end. */
import { dataSets, type loadText } from "../../data/catalog.ts"
import { labelNumber } from "../../data/labels.ts"
import { neverDrawn } from "../../data/tokenizers/tokenizer.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { Generator } from "../../random/torch.ts"
import { type LabelledSampleOptions, type LabelledThing, sampleByLabel } from "../../sampling/by-label.ts"
import type { Found } from "../../sampling/novelty.ts"
import { longestOf, type Sampler } from "../../sampling/sampler.ts"
import { writtenFlags } from "../../setting.ts"
import { learnerOf } from "../learners/index.ts"
import { openData, requireSameData } from "../open-data.ts"
import { type Recipe, settingsBesideDefaults } from "../recipe.ts"
import { files } from "../run-files.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { Corpus, CorpusKind, Made, Results, SampleRequest } from "./corpus.ts"
import { neverOf, promptOf } from "./prompt.ts"
import { openText, type TextCorpus } from "./text-corpus.ts"
import { noveltyTo } from "./text-novelty.ts"
import { openSamplerWithWishes, otherCapitals, scoresOf, startOf, wishesOf } from "./text-wishes.ts"

/** The number of lines that a run samples at its end. */
const SAMPLES = 20

/** A model with at least this many samples that are in its list has memorized it. */
const MEMORIZED = (3 * SAMPLES) / 4

/** A sampled line, its label, and the part of the data that contains it, "new" if none does, "empty" for nothing. */
interface SampledLine {
  readonly sample: string
  readonly label?: string
  readonly found?: Found["found"]
  /** The model's loss, in nats a symbol, the stop included; undefined if it cannot read the line. */
  readonly nats?: number
}

/** Lines that are scored at a time. */
const SCORED_AT_ONCE = 1000

/** So many samples are drawn one at a time. */
const FEW = 100

/** The lines as they are sampled; those of a label in the order in which they are finished. */
async function* sampledLines(
  trained: Parameters<CorpusKind["finish"]>[1],
  sampler: Sampler,
  { score, runtime, ...options }: LabelledSampleOptions & Pick<SampleRequest, "score" | "runtime">,
  novelty?: (line: string) => Found["found"],
): AsyncGenerator<SampledLine> {
  const { vocabulary, condition: labels } = trained
  const told = ({ ids, label }: LabelledThing, nats?: number): SampledLine => {
    const sample = vocabulary.decode(ids)
    return {
      sample,
      ...(label !== undefined && { label }),
      ...(novelty && { found: novelty(sample) }),
      ...(nats !== undefined && { nats }),
    }
  }
  let unscored: LabelledThing[] = []
  const scored = async (): Promise<SampledLine[]> => {
    const things = unscored.map(({ ids, label }) => ({ ids, label: labels?.values.indexOf(label!) }))
    const scores = await scoresOf(trained, things, runtime)
    const lines = unscored.map((thing, k) => told(thing, scores[k] && scores[k].nats / scores[k].symbols))
    unscored = []
    return lines
  }
  try {
    for await (const thing of sampleByLabel(sampler, { labels, ...options })) {
      if (!score) yield told(thing)
      else if (unscored.push(thing) === SCORED_AT_ONCE) yield* await scored()
    }
    yield* await scored()
  } finally {
    await sampler.release()
  }
}

/** @param load Reads the lines that tell what is new. */
export async function* sampleText(
  trained: TrainedModel<unknown>,
  request: SampleRequest,
  load?: typeof loadText,
): AsyncGenerator<Made> {
  const { folder, config, condition: labels } = trained
  const {
    count = 20,
    choice,
    seed,
    condition,
    again,
    notice,
    runtime,
    batchSize,
    score,
    onProgress,
  } = request
  const prompt = startOf(request)
  if (condition !== undefined && !labels)
    throw new UserError(
      `--condition ${condition}: the model of ${folder} is not conditioned on labels: leave it out, or train with --condition LABEL`,
    )
  const options = {
    ...choice,
    runtime,
    score,
    maximumLength: request.maximumLength,
    count,
    label: condition === undefined ? undefined : labelNumber(labels!, condition),
    prompt: promptOf(prompt, trained, notice),
    never: neverOf(request.unknown, trained),
    generator: new Generator(seed),
  }
  // A user of a kept model need not have its data, and asked for no download.
  const isOffline = config.kept !== undefined && request.data === undefined
  const loading = isOffline ? { ...request.loading, fetch: noFetch } : request.loading
  const opening = openData(trained, (recipe) => openText(recipe, loading, load), request)
  if (request.data !== undefined) await opening // what is asked for must be there
  const parts = await opening
    .then((corpus) => {
      requireSameData(trained, corpus, { data: request.data, whole: "list" })
      return corpus.parts
    })
    .catch((error) => {
      if (!(error instanceof UserError)) throw error
      return isOffline ? withoutData(trained) : error
    })
  const known = parts instanceof UserError ? parts : Object.values(parts).flatMap(({ lines }) => lines)
  const wishes = await wishesOf(request, known)
  const capitals = known instanceof UserError ? undefined : otherCapitals(prompt, known, trained.vocabulary)
  if (capitals !== undefined) notice(capitals)
  if (parts instanceof UserError) notice(`cannot tell which samples are new: ${parts.message}`)
  const novelty = parts instanceof UserError ? undefined : noveltyTo(parts, trained.vocabulary)
  const wishing = wishes && (await openSamplerWithWishes(trained, wishes, { batchSize, runtime, onProgress }))
  const sampler =
    wishing ??
    (await learnerOf(config.recipe).openSampler(trained.model, {
      batchSize: batchSize ?? (count > FEW ? 64 : 1), // one at a time draws as the lecture does
      runtime,
    }))
  const made: SampledLine[] = []
  for await (const line of sampledLines(trained, sampler, options, novelty)) {
    made.push(line)
    yield { json: line, text: score ? `${line.nats?.toFixed(3) ?? "-"}\t${line.sample}` : line.sample }
  }
  if (wishing) onProgress?.(made.length, made.length)
  const shortage = wishing?.shortage()
  if (shortage) yield { json: { shortage } }
  if (shortage && made.length === 0) throw new UserError(shortage.sentence)
  const fresh = (lines: readonly SampledLine[]) => {
    const unknown = lines.filter(({ found }) => found === "new").length
    return novelty ? `, ${unknown.toLocaleString("en")} of them new` : ""
  }
  const size = made.length
  notice(`${size.toLocaleString("en")} ${size === 1 ? "sample" : "samples"} from ${folder}${fresh(made)}`)
  if (shortage) notice(shortage.sentence)
  const byLabel = Map.groupBy(made, (each) => each.label)
  if (byLabel.size > 1)
    for (const [label, lines] of byLabel)
      notice(`  ${label}: ${lines.length.toLocaleString("en")}${fresh(lines)}`)
  if (again !== undefined) notice(`Reproduce with: ${again}`)
}

const noFetch = async (): Promise<never> => {
  throw new Error("nothing is downloaded")
}

function withoutData({ folder, config }: TrainedModel<unknown>): UserError {
  const { data } = config.recipe
  const remedy = Object.hasOwn(dataSets, data) ? `--data ${data}` : "them with --data"
  return new UserError(`the lines of ${folder} are not here: give ${remedy}`)
}

export async function finishText(
  ...[run, trained, { corpus, generator, style, runtime, check }]: Parameters<CorpusKind["finish"]>
): Promise<Results> {
  const { bold, dim, green, visible } = style
  const { folder, condition: labels } = trained
  const novelty = noveltyTo((corpus as TextCorpus).parts, trained.vocabulary)
  const { longest = 0 } = corpus
  // A model that has hardly been trained may never stop.
  const maximumLength = Math.min(longestOf(trained.model as Model), Math.max(100, 4 * longest))
  const lines: SampledLine[] = []
  const sampler = await learnerOf(run.config.recipe).openSampler(trained.model, { runtime })
  const never = neverDrawn(trained.vocabulary)
  const options = { count: SAMPLES, maximumLength, never, generator, runtime }
  for await (const line of sampledLines(trained, sampler, options, novelty)) {
    lines.push(line)
    check()
  }
  const samples = lines.map(({ sample }) => sample)
  const sampleLabels = lines.flatMap(({ label = [] }) => label)
  // A run that had ended before keeps its own. They may be others: `make` shows only what is new.
  const hadEnded = run.checkpoint?.training.steps === trained.steps
  if (!hadEnded || !(await run.store.list()).includes(files.samples))
    await run.writeSamples(samples.map((each, k) => [each, ...sampleLabels.slice(k, k + 1)].join("\t")))

  const widthOf = (column: string[]) => Math.max(0, ...column.map(({ length }) => length))
  const [width, labelWidth] = [widthOf(samples.map(visible)), widthOf(sampleLabels.map(visible))]
  const rows = lines.map(({ sample, label, found }) => {
    const where = found === "new" ? green("new") : dim(found === "empty" ? "empty" : `in the ${found} part`)
    const beside = label === undefined ? "" : `${visible(label).padEnd(labelWidth)}   `
    return `  ${beside}${visible(sample).padEnd(width)}   ${where}`
  })
  const fresh = lines.filter(({ found }) => found === "new").length
  const repeated = lines.filter(({ found }) => found !== "new" && found !== "empty").length
  const memorized = repeated >= MEMORIZED
  const asked = labels ? ["--condition", labels.values[0]] : []
  return {
    json: { samples, found: lines.map(({ found }) => found), memorized, ...(labels && { sampleLabels }) },
    text: [
      bold(`${samples.length} samples, ${fresh} of them new:`),
      "",
      ...rows,
      ...(memorized ? ["", "The model knows the list by heart: most of its samples are in the data."] : []),
    ].join("\n"),
    next: [
      ...(memorized ? beforeMemorizing(run.config.recipe, corpus) : []),
      ["sample", folder, ...asked, "--count", "100", "--temperature", memorized ? "1.3" : "0.8"],
    ],
  }
}

/** The training again, which keeps the model with the lowest validation loss; none where that was done, or nothing is trained. */
function beforeMemorizing(recipe: Recipe, { longest }: Corpus): string[][] {
  if (!learnerOf(recipe).hasLayers || recipe.patience !== undefined) return []
  const { data = recipe.data, ...others } = settingsBesideDefaults(recipe, longest)
  const evaluateEvery = Math.min(500, Math.ceil(recipe.steps / 40))
  return [["train", data, ...writtenFlags({ ...others, patience: 3, evaluateEvery })]]
}
