/**
 * The teacher of a run: a trained model whose probabilities a network learns beside the symbols themselves. They are computed once, before
 * the training, and become a column of its data.
 * Source: Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network", https://arxiv.org/abs/1503.02531
 */

import type { Dataset } from "../data/dataset.ts"
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { tensorsOf, writeSafetensors } from "../interchange/safetensors.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { flag } from "../setting.ts"
import type { Corpus, OnStage } from "./corpora/corpus.ts"
import type { TextCorpus } from "./corpora/text-corpus.ts"
import { distributionsOf } from "./distributions.ts"
import { openAnyModel } from "./open-model.ts"
import type { Recipe } from "./recipe.ts"
import type { OriginRecord } from "./run-config.ts"
import { requireSameTraining } from "./same-data.ts"

export interface Teacher {
  readonly record: OriginRecord
  /** The rows of the training part with the teacher's probabilities of their targets. */
  teach(rows: Dataset): Promise<Dataset>
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
  const { teacher: name } = recipe
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
  return {
    record: { name, sha256, steps },
    async teach(rows) {
      const { shape, data } = rows.targets
      const V = vocabulary.size
      requireRoom(of, data.length * V)
      const { train } = (corpus as TextCorpus).parts
      const onProgress = (done: number) => onStage?.("the teacher reads the training part", done)
      onProgress(0)
      const found = await distributionsOf(model, train, { vocabulary, condition }, { runtime, onProgress })
      return { ...rows, teacher: { data: spread(found, data, V), shape: [...shape, V] } }
    },
  }
}

/** The distributions (M, V) at the positions of the targets that there are, which have the same order: (N, V) or (N, T, V). */
function spread(distributions: Float32Array, targets: Int32Array, V: number): Float32Array {
  const column = new Float32Array(targets.length * V)
  let at = 0
  for (const [k, target] of targets.entries())
    if (target >= 0) {
      column.set(distributions.subarray(at, at + V), k * V)
      at += V
    }
  return column
}

/** What the probabilities may take, in bytes, as the rows themselves. */
const MAX_BYTES = 2 ** 30

function requireRoom(of: string, numbers: number): void {
  if (4 * numbers > MAX_BYTES)
    throw new UserError(
      `${of}: its probabilities of ${numbers.toLocaleString("en")} symbols exceed the 1 GiB that they may take: leave it out, or train on fewer lines`,
    )
}
