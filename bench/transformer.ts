/**
 * One training step of makemore.py's transformer with its defaults: 4 layers, 4 heads, width 64, T 16, B 32, the loss over all
 * positions that have a target, AdamW. Source: makemore.py's Transformer and `main`, https://github.com/karpathy/makemore.
 */

import { Transformer } from "../src/models/transformer.ts"
import type { Benchmark } from "./benchmark.ts"
import { type Network, peer, subject } from "./network.ts"
import { sequenceRows, vocabularySize } from "./rows.ts"

const network: Network = {
  make: () => new Transformer({ vocabularySize }),
  rows: () => sequenceRows(16),
  batchSize: 32,
  rate: 5e-4,
  betas: [0.9, 0.99],
  weightDecay: 0.01,
  every: 20,
  compared: 20,
}

const script = "transformer_pytorch.py"
const description = "one training step of makemore's transformer (204,544 parameters, batch 32)"

const contenders = (threads: number, atLeast: number) => [
  subject(network, { threads }),
  peer("PyTorch: as makemore.py", network, { script, variant: "makemore", threads, atLeast }),
  peer("PyTorch: with torch's own GELU", network, { script, variant: "torch-gelu", threads, atLeast }),
]

export const transformer: Benchmark = {
  name: "transformer",
  description: `${description}, one thread`,
  steps: 40,
  lossesWithin: 1e-4,
  contenders: contenders(1, 1.8),
}

export const transformer2Threads: Benchmark = {
  ...transformer,
  name: "transformer-2-threads",
  description: `${description}, two threads`,
  contenders: contenders(2, 1.5),
}
