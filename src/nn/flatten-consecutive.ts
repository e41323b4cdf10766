/** Concatenates n neighbours in time into one position: a level of the lecture's tree. Source: makemore part 5, cell 7. */
import { ShapeError, show } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"

export class FlattenConsecutive extends Layer {
  private readonly n: number

  constructor(n: number) {
    super()
    this.requireSizes({ n })
    this.n = n
  }

  override extraRepr() {
    return { n: this.n }
  }

  // (B, T, C) -> (B, T / n, n C), or (B, n C) where that leaves one position
  forward(x: Tensor): Tensor {
    const { n } = this
    if (x.rank !== 3 || x.shape[1] % n !== 0)
      throw new ShapeError(
        `FlattenConsecutive: ${show(x.shape)} is not (B, T, C) with T a multiple of ${n}: ` +
          `give a context of ${n} to the power of the number of these layers`,
      )
    const [B, T, C] = x.dims(3)
    return T === n ? x.reshape([B, n * C]) : x.reshape([B, T / n, n * C])
  }
}
