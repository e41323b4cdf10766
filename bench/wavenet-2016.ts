/**
 * One training step of the WaveNet of 2016 in two sizes: for names, and for sound with a receptive field of 3,070.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499; the sizes for sound are those of
 * https://github.com/ibab/tensorflow-wavenet, with three stacks instead of five and 256 skip channels instead of 512.
 */

import { WaveNet2016 } from "../src/models/wavenet-2016.ts"
import type { Benchmark } from "./benchmark.ts"
import { type Network, peer, subject } from "./network.ts"
import { noiseRows, sequenceRows, vocabularySize } from "./rows.ts"

const medium: Network = {
  make: () =>
    new WaveNet2016({
      vocabularySize,
      contextLength: 16,
      layers: 4,
      stacks: 2,
      residualChannels: 64,
      dilationChannels: 64,
      skipChannels: 64,
    }),
  rows: () => sequenceRows(16),
  batchSize: 64,
  rate: 1e-3,
  betas: [0.9, 0.999],
  weightDecay: 0.01,
  every: 20,
  compared: 20,
}

const levels = 256
const cropLength = 4096

const deep: Network = {
  make: () =>
    new WaveNet2016({
      vocabularySize: levels,
      contextLength: cropLength,
      layers: 10,
      stacks: 3,
      residualChannels: 32,
      dilationChannels: 32,
      skipChannels: 256,
    }),
  rows: () => noiseRows(cropLength, levels),
  batchSize: 1,
  rate: 1e-3,
  betas: [0.9, 0.999],
  weightDecay: 0.01,
  every: 1,
  compared: 10,
}

const script = "wavenet_pytorch.py"

/** The last uses makewave's form of the skip connections, to isolate their share of the difference. */
const peers = (network: Network, atLeast: number) => [
  peer("PyTorch: nn.Conv1d, channels first", network, { script, variant: "conv1d", atLeast }),
  peer("PyTorch: products, channels last", network, { script, variant: "products", atLeast }),
  peer("PyTorch: the same, skips in one product", network, { script, variant: "products-joined" }),
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
