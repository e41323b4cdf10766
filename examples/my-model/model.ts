/**
 * MyModel: a multi-layer perceptron over the last T symbols, to begin with. Change it as you like.
 *
 *   ids (B, T) ─ Embedding ─ (B, T, E) ─ Flatten ─ (B, T E) ─ Linear ─ tanh ─ (B, H) ─ Linear ─ logits (B, V)
 *
 * B rows of T symbols, E numbers for each symbol, H hidden units, V symbols that may follow.
 */
import { configOf, Model, type ModelOptions, nn, size, type Tensor, windowLength } from "makewave"

const E = 10

export class MyModel extends Model {
  static readonly description = "a multi-layer perceptron over the last symbols"
  // Each setting is an option of the constructor, a flag of the command line and a key of recipe.yaml.
  static readonly settings = {
    contextLength: windowLength(8), // T, the flag --context
    hidden: size(64, "hidden units of the layer"), // H, the flag --hidden
  }

  readonly reads = "windows" // a row of T symbols predicts the one that follows
  readonly config
  readonly network: nn.Sequential

  constructor(options: ModelOptions<typeof MyModel.settings>) {
    super()
    this.config = configOf(MyModel, options) // checks the options and fills in defaults
    const { vocabularySize, contextLength, hidden } = this.config
    this.network = new nn.Sequential([
      new nn.Embedding(vocabularySize, E), // (B, T, E)
      new nn.Flatten(), // (B, T E)
      new nn.Linear(contextLength * E, hidden), // (B, H)
      new nn.Tanh(),
      new nn.Linear(hidden, vocabularySize, { gain: 0.1 }), // (B, V), less confident at first
    ])
  }

  // int32 (B, T) -> (B, V)
  forward(ids: Tensor): Tensor {
    return this.network.forward(ids)
  }
}
