/**
 * One training step of the lecture's scaled-up WaveNet: forward, backward and SGD of 76,579 parameters on a batch of 32
 * windows, drawn in the step. About 24 million floating-point operations.
 * Source: makemore part 5, cells 9 and 10.
 */

import type { Benchmark } from "./benchmark.ts"
import { makewave } from "./makewave-lecture.ts"
import { handWrittenOnnx } from "./peers/hand-written-onnx.ts"
import { pytorch } from "./peers/python.ts"

export const lectureStep: Benchmark = {
  name: "lecture-step",
  description: "one training step of the lecture's WaveNet (76,579 parameters, batch 32), one thread",
  steps: 1000,
  contenders: [
    makewave,
    handWrittenOnnx,
    pytorch("PyTorch: torch.nn, optim.SGD", { variant: "torch-nn", sameLosses: false }),
    pytorch("PyTorch: the notebook's code", { variant: "notebook", atLeast: 2.5 }),
  ],
}
