/**
 * One training step of the WaveNet of 2016 at two sizes: for names, and for sound, with a receptive field of 3,070.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499; the sizes for sound are those of
 * https://github.com/ibab/tensorflow-wavenet, with three stacks for five and 256 skip channels for 512.
 */

import type { Benchmark } from "./benchmark.ts"
import { DilatedWaveNet } from "./dilated-wavenet.ts"
import { type Network, peer, subject } from "./network.ts"
import { noiseRows, sequenceRows, vocabularySize } from "./rows.ts"

const medium: Network = {
  make: () =>
    new DilatedWaveNet({
      vocabularySize,
      contextLength: 16,
      stacks: 2,
      layersPerStack: 4,
      residual: 64,
      dilated: 64,
      skip: 64,
    }),
  rows: () => sequenceRows(16),
  batchSize: 64,
  rate: 1e-3,
  betas: [0.9, 0.999],
  weightDecay: 0.01,
  stepsPerCall: 20,
  compared: 20,
}

const levels = 256
const cropLength = 4096

const deep: Network = {
  make: () =>
    new DilatedWaveNet({
      vocabularySize: levels,
      contextLength: cropLength,
      stacks: 3,
      layersPerStack: 10,
      residual: 32,
      dilated: 32,
      skip: 256,
    }),
  rows: () => noiseRows(cropLength, levels),
  batchSize: 1,
  rate: 1e-3,
  betas: [0.9, 0.999],
  weightDecay: 0.01,
  stepsPerCall: 1,
  compared: 10,
}

const peers = (network: Network, atLeast: number) => [
  peer("PyTorch: nn.Conv1d, channels first", network, {
    script: "wavenet_pytorch.py",
    variant: "conv1d",
    atLeast,
  }),
  peer("PyTorch: products, channels last", network, {
    script: "wavenet_pytorch.py",
    variant: "products",
    atLeast,
  }),
]

export const wavenetMedium: Benchmark = {
  name: "wavenet-medium",
  description:
    "one training step of a dilated WaveNet for names (8 layers, 64 channels, T 16, batch 64), one thread",
  steps: 40,
  lossesWithin: 1e-4,
  contenders: [subject(medium), ...peers(medium, 1 / 0.75)],
}

export const wavenetDeep: Benchmark = {
  name: "wavenet-deep",
  description:
    "one training step of a dilated WaveNet for sound (30 layers, 32/32/256 channels, T 4096, batch 1), one thread",
  steps: 2,
  lossesWithin: 1e-4,
  contenders: [subject(deep), ...peers(deep, 1)],
}
