/** The nodes of the network, and what each sees. The same as long as the model is. */
import { type Level, receptiveFields } from "../../../../src/models/receptive.ts"
import { type Live, requireNetwork } from "../live.ts"

export interface Geometry {
  /** How many positions the nodes were looked at for. */
  readonly positions: number
  readonly levels: readonly (Level & { readonly dilation?: number })[]
}

/** @param positions At most so many of a model of sequences. */
export function geometry(live: Live, { positions }: { positions: number }): Geometry {
  const network = requireNetwork(live)
  const { contextLength, reads } = network
  const shown = reads === "windows" ? contextLength : Math.min(positions, contextLength)
  const modules = new Map(network.namedModules())
  const levels = receptiveFields(network, shown).map((level) => {
    const { dilation } = (modules.get(`${level.path}.convolution`) ?? {}) as { dilation?: number }
    return { ...level, dilation }
  })
  return { positions: shown, levels }
}
