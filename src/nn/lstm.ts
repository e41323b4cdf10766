/** The long short-term memory, from a whole sequence to its outputs. Source: torch.nn.LSTM with batch_first. */
import { LSTMCell } from "./lstm-cell.ts"
import { RecurrentStack } from "./recurrent-stack.ts"

export class LSTM extends RecurrentStack {
  constructor(
    inputs: number,
    hidden: number,
    { numLayers = 1, ...options }: { numLayers?: number; bias?: boolean } = {},
  ) {
    super(inputs, hidden, numLayers, (width) => new LSTMCell(width, hidden, options))
  }
}
