/**
 * The contract of a model: symbols in, logits of the next symbol out. The loss, the loop and the sampler are shared, and know of
 * a model only what stands here.
 */
import { Module } from "../nn/module.ts"

export abstract class Model extends Module {
  /** Its settings, those left out filled in, as they are kept with a run. */
  abstract readonly config: Readonly<Record<string, number | boolean | string>>
  /** V: how many symbols it knows. */
  abstract readonly vocabularySize: number
  /** T: how many symbols it looks back on. */
  abstract readonly contextLength: number
  /**
   * What it reads. "windows": a context (B, T) gives logits (B, V) of the one symbol that follows.
   * "sequences": symbols (B, T) give logits (B, T, V), at each position of the symbol after it.
   */
  abstract readonly reads: "windows" | "sequences"
}
