/** A vector for each symbol. Source: makemore part 5, cell 7; Bengio et al. 2003, section 2; torch.nn.Embedding. */
import type { Tensor } from "../tensor/tensor.ts"
import { type Initializer, normal } from "./initializers.ts"
import { Layer } from "./layer.ts"
import { Parameter } from "./variable.ts"

/** Looks up rows of a table that starts at N(0, 1). */
export class Embedding extends Layer {
  readonly weight: Parameter // (V, E)

  constructor(symbols: number, width: number, { weight = normal() }: { weight?: Initializer } = {}) {
    super()
    this.requireSizes({ symbols, width })
    this.weight = new Parameter([symbols, width], weight)
  }

  override extraRepr() {
    const [numEmbeddings, embeddingDim] = this.weight.shape
    return { numEmbeddings, embeddingDim }
  }

  // int32 (...) -> (..., E)
  forward(ids: Tensor): Tensor {
    return this.weight.gather(ids)
  }
}
