/**
 * One training step of the lecture's scaled-up WaveNet: drawing a batch of 32 windows, forward, backward and SGD of
 * 76,579 parameters. About 24 million floating-point operations.
 * Source: makemore part 5, cells 9 and 10.
 */

import { WaveNet } from "../src/models/wavenet.ts"
import { Generator } from "../src/random/index.ts"
import type { Benchmark } from "./benchmark.ts"
import { batchSize, context, embedding, hidden, lectureRows, vocabulary } from "./lecture-data.ts"
import { makewave } from "./makewave.ts"
import { handWrittenOnnx } from "./peers/hand-written-onnx.ts"
import { pytorch } from "./peers/python.ts"

const script = "lecture_pytorch.py"

export const lectureStep: Benchmark = {
  name: "lecture-step",
  description: "one training step of the lecture's WaveNet (76,579 parameters, batch 32), one thread",
  steps: 1000,
  lossesWithin: 1e-5,
  contenders: [
    makewave(async () => {
      const generator = new Generator(42)
      const model = new WaveNet({ vocabularySize: vocabulary, contextLength: context, embedding, hidden })
      model.initialize(generator)
      const options = { rate: 0.1, batchSize, generator }
      return { model, rows: await lectureRows(), options, every: 100, compared: 100 }
    }),
    handWrittenOnnx,
    pytorch("PyTorch: torch.nn, optim.SGD", { script, variant: "torch-nn", sameLosses: false }),
    pytorch("PyTorch: the notebook's code", { script, variant: "notebook", atLeast: 2.5 }),
  ],
}
