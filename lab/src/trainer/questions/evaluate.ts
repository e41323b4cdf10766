/** The loss of the model as it is now on the validation part, or on a part of it. */
import { evaluate as lossOn } from "../../../../src/training/evaluate.ts"
import { type Live, requireNetwork } from "../live.ts"

export async function evaluate(
  live: Live,
  _: Record<string, never>,
): Promise<{ step: number; validation: number }> {
  const network = requireNetwork(live)
  const { step, runtime } = live
  return { step, validation: await lossOn(network, live.corpus.rows(network, "validation"), { runtime }) }
}
