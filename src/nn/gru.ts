/** The gated recurrent network, from a whole sequence to its outputs. Source: torch.nn.GRU with batch_first. */
import { GRUCell } from "./gru-cell.ts"
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"

export class GRU extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions) {
    super(GRUCell, inputs, hidden, options)
  }
}
