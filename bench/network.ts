/**
 * A network trained with AdamW by makewave and by a peer in Python. Both take the same steps: they start from the same initial
 * values and draw their batches from PyTorch's generator with the same seed.
 */

import { writeSafetensors } from "../src/interchange/index.ts"
import type { Model } from "../src/models/model.ts"
import { adamw } from "../src/optim/index.ts"
import { Generator } from "../src/random/index.ts"
import type { Contender } from "./benchmark.ts"
import { makewave } from "./makewave.ts"
import { type PythonOptions, pytorch } from "./peers/python.ts"
import type { Rows } from "./rows.ts"

export type Network = {
  make(): Model
  rows(): Rows | Promise<Rows>
  readonly batchSize: number
  readonly rate: number
  readonly betas: readonly [number, number]
  readonly weightDecay: number
  /** makewave's steps per call, a few tenths of a second. */
  readonly every: number
  /** The number of first steps whose losses are compared, a multiple of `every`. */
  readonly compared: number
}

const modelSeed = 1
const batchSeed = 42

export function subject(network: Network, { threads = 1 } = {}): Contender {
  const { batchSize, rate, betas, weightDecay, every, compared } = network
  return makewave(async () => ({
    model: network.make().initialize(new Generator(modelSeed)),
    rows: await network.rows(),
    options: {
      optimizer: adamw({ betas, weightDecay }),
      rate,
      batchSize,
      generator: new Generator(batchSeed),
      runtime: { threads },
    },
    every,
    compared,
  }))
}

export const peer = (
  name: string,
  network: Network,
  options: Pick<PythonOptions, "script" | "variant" | "threads" | "atLeast">,
): Contender => pytorch(name, { ...options, start: () => start(network) })

/** The bytes of a safetensors file with the parameters as `model.NAME`, the data's inputs and targets, and settings as metadata. */
async function start(network: Network): Promise<Uint8Array> {
  const { batchSize, rate, betas, weightDecay, compared } = network
  const model = network.make().initialize(new Generator(modelSeed))
  const { inputs, targets, source } = await network.rows()
  const settings = { model: model.config, batchSize, batchSeed, rate, betas, weightDecay, compared, source }
  const parameters = model
    .namedParameters()
    .map(([name, { shape, data }]) => [
      `model.${name}`,
      { dtype: "F32" as const, shape, data: data as Float32Array },
    ])
  return writeSafetensors(
    {
      ...Object.fromEntries(parameters),
      inputs: { dtype: "I32", ...inputs },
      targets: { dtype: "I32", ...targets },
    },
    { settings: JSON.stringify(settings) },
  )
}
