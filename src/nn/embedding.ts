/** A row of numbers for each symbol. Source: makemore part 5, cell 7; Bengio et al. 2003, section 2; torch.nn.Embedding. */
import type { Tensor } from "../tensor/tensor.ts"
import { Module } from "./module.ts"
import { normal } from "./recipes.ts"
import { Parameter, type Recipe } from "./variable.ts"

/** Looks up rows of a table that starts at N(0, 1). */
export class Embedding extends Module {
  readonly weight: Parameter // (V, E)

  constructor(symbols: number, width: number, { weight = normal() }: { weight?: Recipe } = {}) {
    super()
    this.weight = new Parameter([symbols, width], weight)
  }

  // int32 (...) -> (..., E)
  forward(ids: Tensor): Tensor {
    return this.weight.gather(ids)
  }
}
