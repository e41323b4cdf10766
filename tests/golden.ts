/** The numbers that PyTorch and CPython printed, and the lecture's data as it was for them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Dataset, parseLines, split, Vocabulary, windows } from "../src/data/index.ts"

/** The folder with makemore's names.txt; tests that need it are skipped, and say so, where it is not set. */
export const dataFolder = process.env.MAKEWAVE_DATA

/** One golden file, by its name without .json. */
export const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), "utf8"))

/** A tensor as the golden files sum it up. */
export interface Summary {
  readonly shape: number[]
  readonly sum: number
  readonly abs_sum: number
  readonly first5: number[]
  readonly last5: number[]
}

export interface LectureNetwork {
  readonly n_params: number
  readonly init: Record<string, Summary>
  readonly first_batch_ix: number[]
  readonly first_batch_loss: number
  readonly first_batch_logits_row0: number[]
  readonly layer_outputs: Record<string, Summary>
  readonly bn_buffers_after_step0: Record<string, { running_mean: Summary; running_var: Summary }>
  readonly grads: Record<string, Summary>
  readonly grads_float64: Record<string, Summary>
  readonly params_after_step0: Record<string, Summary>
  readonly params_after_step99: Record<string, Summary>
}

export const lectureNetwork = (): LectureNetwork => golden("lecture_network")

export const lectureRun = (): {
  readonly prints: [number, number][]
  readonly first1000_losses: number[]
  readonly final: { train: number; val: number; test: number }
  readonly samples_after_training: string[]
} => golden("lecture_200k")

export const lossesInDoublePrecision = (): number[] => golden("losses_first1000_float64")

/** names.txt, split and windowed as in the lecture. */
export function lectureData(contextLength = 8): {
  vocabulary: Vocabulary
  train: Dataset
  validation: Dataset
} {
  const text = parseLines(readFileSync(join(dataFolder!, "names.txt")), { name: "names.txt" })
  const vocabulary = Vocabulary.from(text.lines)
  const parts = split(text, { duplicates: "apart" })
  return {
    vocabulary,
    train: windows(parts.train.lines, vocabulary, contextLength),
    validation: windows(parts.validation.lines, vocabulary, contextLength),
  }
}
