/**
 * The teacher of a run: a trained model whose probabilities a network learns beside the symbols themselves. They are computed once, before
 * the training, and become a column of its data. The teacher may make further lines for the training.
 * Sources: Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network", https://arxiv.org/abs/1503.02531; lines of the
 * teacher: Kim & Rush 2016, "Sequence-Level Knowledge Distillation", https://arxiv.org/abs/1606.07947
 */

import { type Dataset, joined } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import type { Lines } from "../data/text.ts"
import { isReadAs } from "../data/tokenizers/tokenizer.ts"
import { UserError } from "../errors.ts"
import { tensorsOf, writeSafetensors } from "../interchange/safetensors.ts"
import type { Model } from "../models/model.ts"
import { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { flag } from "../setting.ts"
import type { Corpus, OnStage } from "./corpora/corpus.ts"
import type { TextCorpus } from "./corpora/text-corpus.ts"
import { distributionsOf } from "./distributions.ts"
import { learnerOf } from "./learners/index.ts"
import { openAnyModel } from "./open-model.ts"
import type { Recipe } from "./recipe.ts"
import type { OriginRecord } from "./run-config.ts"
import { requireSameTraining } from "./same-data.ts"
import { textRows } from "./text-rows.ts"
import type { TrainedModel } from "./trained-model.ts"

export interface Teacher {
  readonly record: OriginRecord
  /**
   * The rows of the training part as `student` reads them, and those of the lines that the teacher makes, with its probabilities of all
   * targets.
   */
  teach(student: Model, rows: Dataset): Promise<Dataset>
}

interface TeacherOptions {
  readonly corpus: Corpus
  /** The teacher that the run began with. */
  readonly known?: OriginRecord
  readonly runtime: RuntimeOptions
  readonly notice?: (sentence: string) => void
  readonly onStage?: OnStage
}

/**
 * The teacher that a recipe names; undefined if it names none. A UserError for a teacher of other data, or one that has seen lines of the
 * recipe's validation part, and for another than the run began with.
 */
export async function openTeacher(
  recipe: Recipe,
  { corpus, known, runtime, notice, onStage }: TeacherOptions,
): Promise<Teacher | undefined> {
  const { teacher: name, teacherLines = 0, seed } = recipe
  if (name === undefined) return undefined
  const of = `${flag("teacher")} ${name}`
  const trained = await openAnyModel(name, notice).catch((error) => {
    throw error instanceof UserError ? new UserError(`${of}: ${error.message}`, { cause: error }) : error
  })
  const { model, steps, vocabulary, condition } = trained
  requireSameTraining(of, trained, { recipe, corpus })
  const sha256 = await sha256Of(writeSafetensors(tensorsOf(model.stateDict())))
  if (known && known.sha256 !== sha256)
    throw new UserError(
      `${of}: it is not the teacher that the run began with, or has been trained on since: say with ${flag("teacher")} where that is`,
    )
  const V = vocabulary.size
  return {
    record: { name, sha256, steps },
    async teach(student, rows) {
      const { parts, longest } = corpus as TextCorpus
      const share = 1 + teacherLines / parts.train.lines.length
      requireRoom(of, Math.round(share * rows.targets.data.length) * V) // about as many, before minutes are spent on them
      const making = { count: teacherLines, longest, seed, runtime, onStage }
      const made = { lines: await linesBy(trained, making) }
      if (made.lines.length < FEW * teacherLines)
        notice?.(
          `${of}: of ${teacherLines.toLocaleString("en")} lines that it made, ${made.lines.length.toLocaleString("en")} are no longer than those of the data: the others are left out`,
        )
      const own = teacherLines > 0 ? joined(rows, textRows(student, made, { vocabulary }, recipe)) : rows
      requireRoom(of, own.targets.data.length * V)
      const column = new Float32Array(own.targets.data.length * V)
      const portions = [...portionsOf(parts.train), ...portionsOf(made)]
      let at = 0 // the next position, which has the next target unless it has none
      for (const [k, lines] of portions.entries()) {
        const onProgress = (done: number) =>
          onStage?.("the teacher reads what is trained on", (k + done) / portions.length)
        onProgress(0)
        const found = await distributionsOf(model, lines, { vocabulary, condition }, { runtime, onProgress })
        for (let m = 0; m < found.length; m += V, at++) {
          while (own.targets.data[at] < 0) at++
          column.set(found.subarray(m, m + V), at * V)
        }
      }
      onStage?.("the teacher reads what is trained on", 1)
      return { ...own, teacher: { data: column, shape: [...own.targets.shape, V] } }
    },
  }
}

/** Where less than this share of a teacher's lines is left, a notice says so. */
const FEW = 0.9

/**
 * Lines that a trained model makes. Left out are those longer than any of the data, which a student may not be able to read, and those whose
 * symbols are others once they stand side by side, as a letter and a combining accent are.
 */
async function linesBy(
  { model, config, vocabulary }: TrainedModel<Parameters<typeof distributionsOf>[0]>,
  {
    count,
    longest,
    seed,
    runtime,
    onStage,
  }: { count: number; longest?: number; seed: number } & Pick<TeacherOptions, "runtime" | "onStage">,
): Promise<string[]> {
  if (count === 0) return []
  const made: string[] = []
  let drawn = 0
  const sampler = await learnerOf(config.recipe).openSampler(model, { batchSize: 256, runtime })
  try {
    const generator = new Generator(seed)
    const maximumLength = longest === undefined ? undefined : longest + 1
    for await (const ids of sampler.sample({ count, generator, maximumLength })) {
      if (drawn++ % 256 === 0) onStage?.("the teacher makes lines", drawn / count)
      const line = vocabulary.decode(ids)
      const isShort = longest === undefined || ids.length <= longest
      if (isShort && isReadAs(line, ids, vocabulary)) made.push(line)
    }
  } finally {
    await sampler.release()
  }
  onStage?.("the teacher makes lines", 1)
  return made
}

/** The teacher reads so many lines at a time: their probabilities take little memory beside those of all. */
const PORTION = 50_000

function* portionsOf({ lines, labels = {} }: Lines): Iterable<Lines> {
  for (let from = 0; from < lines.length; from += PORTION) {
    const part = (all: readonly string[]) => all.slice(from, from + PORTION)
    yield {
      lines: part(lines),
      labels: Object.fromEntries(Object.entries(labels).map(([name, each]) => [name, part(each)])),
    }
  }
}

/** What the probabilities may take, in bytes, as the rows themselves. */
const MAX_BYTES = 2 ** 30

function requireRoom(of: string, numbers: number): void {
  if (4 * numbers > MAX_BYTES)
    throw new UserError(
      `${of}: its probabilities of ${numbers.toLocaleString("en")} symbols exceed the 1 GiB that they may take: leave it out, or train on fewer lines, of the data or of the teacher (${flag("teacherLines")})`,
    )
}
