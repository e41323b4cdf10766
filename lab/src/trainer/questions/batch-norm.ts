/** What each BatchNorm of the network keeps: the running mean and deviation of each channel, for all positions or, with the bug, for each. */
import { BatchNorm1d } from "../../../../src/nn/batch-norm-1d.ts"
import { type Live, requireNetwork } from "../live.ts"

export interface Statistics {
  /** Its path in the network. */
  readonly path: string
  readonly channels: number
  /** One after another, for each position: (P C), or (C) if all positions share them. */
  readonly means: Float32Array
  readonly deviations: Float32Array
}

export const batchNorm = (live: Live, _: Record<string, never>): Statistics[] =>
  requireNetwork(live)
    .namedModules()
    .flatMap(([path, module]) => {
      if (!(module instanceof BatchNorm1d)) return []
      const { weight, runningMean, runningVar } = module
      const means = Float32Array.from(runningMean.data)
      const deviations = Float32Array.from(runningVar.data, Math.sqrt)
      return [{ path, channels: weight.size, means, deviations }]
    })
