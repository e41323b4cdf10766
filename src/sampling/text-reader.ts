/**
 * Reads one running text, symbol by symbol, however long it becomes: after each symbol the logits of the next. A symbol costs the same at
 * the end of a text as at its beginning.
 *
 *   a model that goes on without end   keeps its state
 *   a model of a context of T          keeps what it has of the positions; when all T are read, it begins again with the last T / 2
 *   a model of windows                 reads its last T symbols anew
 *   counts                             look up the last n - 1 symbols
 */
import { type Ensemble, type Member, type Part, partsOf } from "../counting/ensemble.ts"
import { NGram } from "../counting/ngram.ts"
import type { Model } from "../models/model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { addSoftmax } from "./mixing-sampler.ts"
import { recomputingReader } from "./recomputing-sampler.ts"
import { requireSampleable } from "./sample.ts"
import { openStepper } from "./stepping-reader.ts"

/** Reads the next symbol of a text -> the logits (V) of the one after it. Each call waits for the one before. */
export type ReadSymbol = (symbol: number) => Promise<Float32Array>

export interface TextReader {
  /** Begins a text. Several may be read at the same time. */
  begin(): Promise<ReadSymbol>
  release(): Promise<void>
}

/** A reader of texts for a model with its current parameters; of a mixture or an ensemble, the logits are those of the average. */
export function openTextReader(
  model: Member | Ensemble,
  options: { readonly runtime?: RuntimeOptions } = {},
): TextReader {
  const parts = partsOf(model)
  const readers = parts.map((part) =>
    part.model instanceof NGram ? countingReader(part.model) : networkReader(part.model as Model, options),
  )
  return readers.length === 1 ? readers[0] : averagingReader(readers, parts)
}

function networkReader(model: Model, options: { readonly runtime?: RuntimeOptions }): TextReader {
  requireSampleable("openTextReader", model, options)
  if (!model.steps) return windowReader(model, options)
  const { contextLength: T } = model
  const stepper = openStepper(model, { batchSize: 1, ...options })
  return {
    async begin() {
      const step = await stepper.begin()
      if (model.steps === "endless") {
        let age = 0
        return (symbol) => step([symbol], [age++])
      }
      let read: number[] = []
      return async (symbol) => {
        if (read.length === T) {
          read = read.slice(T - Math.floor(T / 2))
          for (const [age, earlier] of read.entries()) await step([earlier], [age])
        }
        read.push(symbol)
        return step([symbol], [read.length - 1])
      }
    },
    release: stepper.release,
  }
}

function windowReader(model: Model, options: { readonly runtime?: RuntimeOptions }): TextReader {
  const { contextLength: T } = model
  const reader = recomputingReader(model, options)
  return {
    async begin() {
      const read = await reader.begin({})
      let ids: number[] = []
      return (symbol) => {
        ids = [...ids, symbol].slice(-T)
        return read([{ ids, read: 0 }])
      }
    },
    release: reader.release,
  }
}

function countingReader(counts: NGram): TextReader {
  return {
    async begin() {
      let ids: number[] = []
      return async (symbol) => {
        ids = [...ids, symbol].slice(-counts.order)
        return Float32Array.from(counts.probabilities(ids), Math.log)
      }
    },
    release: async () => {},
  }
}

const averagingReader = (readers: readonly TextReader[], parts: readonly Part[]): TextReader => ({
  async begin() {
    const reading = await Promise.all(readers.map((reader) => reader.begin()))
    const longest = Math.max(...parts.map(({ model }) => (model instanceof NGram ? model.order : 1)))
    let ids: number[] = []
    return async (symbol) => {
      ids = [...ids, symbol].slice(-longest)
      const all: Float32Array[] = []
      for (const read of reading) all.push(await read(symbol))
      const mean = new Float64Array(all[0].length)
      for (const [k, logits] of all.entries())
        addSoftmax(mean, logits, { from: 0, to: mean.length, weight: parts[k].weightAfter(ids) })
      return Float32Array.from(mean, Math.log)
    }
  },
  async release() {
    for (const reader of readers) await reader.release()
  },
})
