/** The flags of `sample` that say which lines are wanted, as wishes of a sampler, and the scores of lines. */
import { characters } from "../../data/characters.ts"
import { parseColumn } from "../../data/column.ts"
import { nameOfPath, readBytes } from "../../data/disk.ts"
import { tableFormatOf } from "../../data/table-format.ts"
import { parseLines } from "../../data/text.ts"
import { isReadAs, type Tokenizer } from "../../data/tokenizers/tokenizer.ts"
import { told, UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import type { Label } from "../../sampling/sampler.ts"
import { longestOf } from "../../sampling/sampler.ts"
import { type SamplerWithWishes, samplerWithWishes } from "../../sampling/sampler-with-wishes.ts"
import { lengthRange, type Wishes } from "../../sampling/wishes.ts"
import { learnerOf } from "../learners/index.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { SampleRequest } from "./corpus.ts"

type SomeModel = Pick<TrainedModel<unknown>, "config" | "model" | "vocabulary" | "condition">

/** Lines drawn at a time: where most are dropped, one after another would take long. */
const BATCH = 16

/** The wishes among the flags; undefined without any. `known` are the lines of the data, or why they cannot be read. */
export async function wishesOf(
  { onlyNew, noRepeats, length, endsWith, contains, avoid }: Partial<SampleRequest>,
  known: readonly string[] | UserError,
): Promise<Wishes | undefined> {
  if (onlyNew && known instanceof UserError)
    throw new UserError(`--only-new: the data tells what is new, and it cannot be read: ${known.message}`)
  const wishes: Wishes = {
    ...(onlyNew && { known: known as readonly string[] }),
    ...((onlyNew || noRepeats) && { noRepeats: true }),
    ...(length !== undefined && { length: lengthRange(length) }),
    ...(endsWith && { endsWith }),
    ...(contains && { contains }),
    ...(avoid !== undefined && { avoid: await linesToAvoid(avoid) }),
  }
  return Object.keys(wishes).length > 0 ? wishes : undefined
}

/** What each sample starts with, by either flag. */
export function startOf({ startsWith, prompt = startsWith ?? "" }: Partial<SampleRequest>): string {
  if (startsWith !== undefined && prompt !== startsWith)
    throw new UserError(`--prompt ${prompt} and --starts-with ${startsWith}: give only one`)
  return prompt
}

/** A sentence, if lines begin so only in other capitals and small letters. */
export function otherCapitals(
  start: string,
  lines: readonly string[],
  vocabulary?: Tokenizer,
): string | undefined {
  if (lines.some((line) => line.startsWith(start))) return undefined
  const small = start.toLowerCase()
  const found = lines.find((line) => line.toLowerCase().startsWith(small))
  if (found === undefined) return undefined
  const other = characters(found).slice(0, characters(start).length).join("")
  if (vocabulary && vocabulary.encode(other).join() === vocabulary.encode(start).join()) return undefined
  return `no line of the data begins with ${told(start)}; some begin with ${told(other)}: capitals count`
}

async function linesToAvoid(file: string): Promise<readonly string[]> {
  const bytes = await readBytes(file)
  if (!bytes)
    throw new UserError(
      `--avoid ${nameOfPath(file)}: there is no such file: give a text file with one line for each that must not come out`,
    )
  const name = nameOfPath(file)
  if (tableFormatOf(file) === undefined) return parseLines(bytes, { name }).lines
  try {
    return parseColumn(bytes, undefined, { name }).lines
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(`--avoid ${name}: give a text file, or a table of one column: here ${error.message}`)
  }
}

/** A sampler of a trained model whose lines satisfy all wishes. */
export async function openSamplerWithWishes(
  trained: SomeModel,
  wishes: Wishes,
  {
    batchSize = BATCH,
    runtime,
    longest = longestOf(trained.model as Model),
    onProgress,
  }: {
    batchSize?: number
    runtime: RuntimeOptions
    /** The most symbols of a line. */
    longest?: number
    onProgress?: (made: number, wanted: number) => void
  },
): Promise<SamplerWithWishes> {
  const { config, model, vocabulary } = trained
  const sampler = await learnerOf(config.recipe).openSampler(model, { batchSize, runtime })
  return samplerWithWishes(sampler, wishes, {
    vocabulary,
    longest,
    score: (lines, label) =>
      scoresOf(
        trained,
        lines.map((ids) => ({ ids, label })),
        runtime,
      ),
    onProgress,
  })
}

/** The model's loss of each line, which has the label of this number; undefined for a line that the model would not read as these symbols. */
export async function scoresOf(
  { config, model, vocabulary, condition }: SomeModel,
  things: readonly { readonly ids: readonly number[]; readonly label?: Label }[],
  runtime: RuntimeOptions,
) {
  const longest = longestOf(model as Model)
  const lines = things.map(({ ids, label }) => ({ ids, label, line: vocabulary.decode(ids) }))
  const readable = lines.filter(({ ids, line }) => ids.length <= longest && isReadAs(line, ids, vocabulary))
  if (readable.length === 0) return lines.map(() => undefined)
  const labels = condition && {
    [condition.name]: readable.map(({ label }) => condition.values[label as number]),
  }
  const codec = { vocabulary, condition }
  const losses = await learnerOf(config.recipe).lossPerLine(
    model,
    { lines: readable.map(({ line }) => line), ...(labels && { labels }) },
    codec,
    { runtime },
  )
  const found = new Map(readable.map((each, k) => [each, losses[k]]))
  return lines.map((each) => {
    const loss = found.get(each)
    if (loss && loss.stop === undefined) throw new RangeError("the learner gives no loss of the stop")
    return loss && { ...loss, stop: loss.stop! }
  })
}
