/** The plain recurrent network, from a whole sequence to its outputs. Source: torch.nn.RNN with batch_first. */
import { RecurrentStack, type StackOptions } from "./recurrent-stack.ts"
import { RNNCell } from "./rnn-cell.ts"

export class RNN extends RecurrentStack {
  constructor(inputs: number, hidden: number, options?: StackOptions & { nonlinearity?: "tanh" | "relu" }) {
    super(RNNCell, inputs, hidden, options)
  }
}
