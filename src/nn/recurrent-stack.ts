/** Recurrent cells along time, from a sequence to its outputs. Source: torch.nn.RNNBase with batch_first. */
import type { Tensor } from "../tensor/tensor.ts"
import { Layer } from "./layer.ts"
import { type Past, whole } from "./past.ts"
import type { RecurrentCell } from "./recurrent-cell.ts"

export interface StackOptions {
  numLayers?: number
  bias?: boolean
}

/** Each cell reads the outputs of the one before. */
export class RecurrentStack extends Layer {
  readonly cells: readonly RecurrentCell[]

  constructor(
    Cell: new (inputs: number, hidden: number, options: object) => RecurrentCell,
    inputs: number,
    hidden: number,
    { numLayers = 1, ...options }: StackOptions = {},
  ) {
    super()
    this.cells = Array.from(
      { length: numLayers },
      (_, k) => new Cell(k === 0 ? inputs : hidden, hidden, options),
    )
  }

  // cells.1.weightIh here, weight_ih_l1 there
  override torchForm() {
    return { rename: (path: string) => path.replace(/^cells\.(\d+)\.(\w+)$/, "$2_l$1") }
  }

  /** @param states The first state of each cell, tensors (B, H); zeros by default. */
  // (B, T, inputs) -> (B, T, H)
  forward(x: Tensor, states: readonly (readonly Tensor[])[] = [], past: Past = whole): Tensor {
    const [B] = x.dims(3)
    return this.cells.reduce((y, cell, k) => past.scan(cell, y, states[k] ?? cell.start(B)), x)
  }
}
