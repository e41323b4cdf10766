/**
 * The lecture's tree as a dilated causal convolution, with the tree's own weights and the same logits.
 *
 *   ids (B, T) ─ Embedding ─ (B, T, E)
 *        └ each position beside the one 1 before it ─ (B, T, 2E) ─ Linear ─ BatchNorm ─ tanh ─ (B, T, H)
 *        └ each position beside the one 2 before it ─ (B, T, 2H) ─ Linear ─ BatchNorm ─ tanh ─ (B, T, H)
 *        └ each position beside the one 4 before it ─ (B, T, 2H) ─ Linear ─ BatchNorm ─ tanh ─ (B, T, H) ─ Linear ─ (B, T, V)
 *
 * The tree runs again for each context; here each node is computed once for all contexts that contain it.
 * Source: makemore part 5, 47:44 of the video; van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figure 3.
 */
import { UserError } from "../errors.ts"
import { FlattenConsecutive } from "../nn/flatten-consecutive.ts"
import { whole } from "../nn/past.ts"
import { trace } from "../nn/trace.ts"
import { Tensor } from "../tensor/tensor.ts"
import { type ForwardOptions, Model } from "./model.ts"
import type { WaveNet } from "./wavenet.ts"

export class TreeAsConvolution extends Model {
  readonly reads = "sequences"
  override readonly steps = "endless"
  readonly config
  readonly tree: WaveNet

  /** @param contextLength The positions of a row; how far back it sees depends on the tree alone. */
  constructor(tree: WaveNet, { contextLength = tree.contextLength } = {}) {
    super()
    if (tree.config.batchNormBug)
      throw new UserError(
        "a tree with the BatchNorm bug normalizes each position by its own statistics, so it is not a convolution: " +
          "train one without the bug",
      )
    this.config = { ...tree.config, contextLength }
    this.tree = tree
  }

  /** Always in evaluation mode: the batch statistics of the convolution are not those of the tree. */
  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, { past = whole }: ForwardOptions = {}): Tensor {
    return trace(this.tree, "evaluation", () => {
      let x = ids
      // The layer's output for symbol 0, which fills contexts before the start of a row.
      let blank = Tensor.constant([0], [1, 1], "int32")
      let dilation = 1
      for (const layer of this.tree.network.layers)
        if (layer instanceof FlattenConsecutive) {
          x = Tensor.concat([past.shift(x, dilation, { fill: blank }), x], -1)
          blank = Tensor.concat([blank, blank], -1)
          dilation *= 2
        } else {
          x = layer.forward(x)
          blank = layer.forward(blank)
        }
      return x
    }).result
  }
}
