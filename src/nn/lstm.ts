/** The long short-term memory, from a whole sequence to its outputs. Source: torch.nn.LSTM with batch_first. */
import { LSTMCell } from "./lstm-cell.ts"
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"

export class LSTM extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions) {
    super(LSTMCell, inputs, hidden, options)
  }
}
