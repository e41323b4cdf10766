/**
 * A forward pass of a model with all that can be seen of it: the outputs of its modules, the states of its recurrent cells and the weights
 * of its attention. The latter two are no module's output. They are seen where a model reads the past (nn/past.ts).
 *
 * B rows, T symbols
 */
import { CausalSelfAttention } from "../nn/causal-self-attention.ts"
import { type Past, whole } from "../nn/past.ts"
import type { RecurrentCell } from "../nn/recurrent-cell.ts"
import { trace } from "../nn/trace.ts"
import { topological } from "../tensor/interpreter.ts"
import type { Tensor } from "../tensor/tensor.ts"
import type { Conditions, Model } from "./model.ts"

export interface Seen {
  /** The module's path, as in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  /** The name of the module's class. */
  readonly type: string
  readonly tensor: Tensor
  /** Whether these are the states of a recurrent cell after each position, (B, T, H). */
  readonly isState?: boolean
}

export interface Watched {
  /** One for each call of a module, in the order in which the modules first returned. The last is the model's own. */
  readonly outputs: readonly Seen[]
  /** How much each position reads of each, (B, heads, T, T), for each module of attention. */
  readonly attention: readonly Seen[]
}

/** Traces the model in evaluation mode. */
export function watch(model: Model, ids: Tensor, conditions: Conditions = {}): Watched {
  const scans: { cell: RecurrentCell; tensor: Tensor }[] = []
  const scores: Tensor[] = []
  const past: Past = {
    ...whole,
    scan(cell, x, start) {
      const tensor = whole.scan(cell, x, start)
      scans.push({ cell, tensor })
      return tensor
    },
    hideLater(all) {
      scores.push(whole.hideLater(all))
      return scores.at(-1)!
    },
  }
  const { outputs: found } = trace(model, "evaluation", () => model.forward(ids, { ...conditions, past }))
  const paths = new Map(model.namedModules().map(([path, module]) => [module, path]))
  const seen = (module: Parameters<typeof paths.get>[0], tensor: Tensor): Seen => ({
    path: paths.get(module)!,
    type: module.constructor.name,
    tensor,
  })
  const outputs = Array.from(found).flatMap(([module, tensors]) => tensors.map((each) => seen(module, each)))
  for (const { cell, tensor } of scans) {
    const next = outputs.findIndex((output) => topological([output.tensor]).includes(tensor))
    outputs.splice(next, 0, { ...seen(cell, tensor), isState: true })
  }
  const attending = Array.from(found.keys()).filter((module) => module instanceof CausalSelfAttention)
  return { outputs, attention: attending.map((module, k) => seen(module, scores[k].softmax())) }
}
