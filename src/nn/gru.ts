/** The gated recurrent network, from a whole sequence to its outputs. Source: torch.nn.GRU with batch_first. */
import { GRUCell } from "./gru-cell.ts"
import { RecurrentStack } from "./recurrent-stack.ts"

export class GRU extends RecurrentStack {
  constructor(
    inputs: number,
    hidden: number,
    { numLayers = 1, ...options }: { numLayers?: number; bias?: boolean } = {},
  ) {
    super(inputs, hidden, numLayers, (width) => new GRUCell(width, hidden, options))
  }
}
