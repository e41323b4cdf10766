/** The plain recurrent network, from a whole sequence to its outputs. Source: torch.nn.RNN with batch_first. */

import { RecurrentStack } from "./recurrent-stack.ts"
import { RNNCell } from "./rnn-cell.ts"

export class RNN extends RecurrentStack {
  constructor(
    inputs: number,
    hidden: number,
    {
      numLayers = 1,
      ...options
    }: { numLayers?: number; nonlinearity?: "tanh" | "relu"; bias?: boolean } = {},
  ) {
    super(inputs, hidden, numLayers, (width) => new RNNCell(width, hidden, options))
  }
}
