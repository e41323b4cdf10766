/**
 * The recurrent models: each symbol changes a state, and the logits are computed from it. Their cells are in nn: rnn.ts, gru.ts, lstm.ts.
 *
 *   ids (B, T) ─ Embedding ─ x₁ … x_T, each (B, E)      x₁             x₂             x_T
 *                                                       │              │              │
 *                           start, for every row ─── step ─ state₁ ─ step ─ state₂ … step ─ state_T
 *                                                             │              │              │
 *   logits (B, T, V) ─────────── Linear ── (B, T, H) ─────────┴──────────────┴──────────────┘     and ClassHead, the class of the sequence
 *
 * Source: makemore.py's RNN, https://github.com/karpathy/makemore.
 */
import { UserError } from "../errors.ts"
import { type Dropout, dropoutOf } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { JointGRUCell } from "../nn/gru.ts"
import { zeros } from "../nn/initializers.ts"
import { Linear } from "../nn/linear.ts"
import { JointLSTMCell } from "../nn/lstm.ts"
import { whole } from "../nn/past.ts"
import type { RecurrentCell } from "../nn/recurrent-cell.ts"
import { JointRNNCell } from "../nn/rnn.ts"
import { Parameter } from "../nn/variable.ts"
import { size } from "../setting.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { ClassHead } from "./class-head.ts"
import {
  type Classification,
  configOf,
  dropout,
  type ForwardOptions,
  Model,
  type ModelOptions,
  sequenceLength,
} from "./model.ts"

export interface RecurrentConfig extends ModelOptions<typeof Recurrent.settings> {
  /** The number of classes of a sequence; 0 for a model that does not classify. */
  classes?: number
}

export abstract class Recurrent extends Model {
  static override readonly labels = ["classify"] as const
  static readonly settings = {
    contextLength: sequenceLength, // T
    embedding: size(64, "width of a symbol's embedding"), // E
    hidden: size(64, "hidden units of a layer"), // H
    dropout, // of the embeddings, and of the outputs of the cell
  }

  readonly reads = "sequences"
  override readonly steps = "endless"
  readonly config
  readonly start: Parameter // (S, H): the learned first state, of S tensors
  readonly embedding: Embedding // (V, E), makemore's wte
  readonly cell: RecurrentCell // (E) -> (H)
  readonly head: Linear // (H) -> (V), makemore's lm_head
  readonly classHead?: ClassHead
  readonly dropout?: Dropout

  protected constructor(
    { classes = 0, ...options }: RecurrentConfig,
    Cell: new (inputs: number, hidden: number) => RecurrentCell,
  ) {
    super()
    this.config = { ...configOf(Recurrent, options), ...(classes > 0 && { classes }) }
    const { vocabularySize, embedding, hidden, dropout } = this.config
    const cell = new Cell(embedding, hidden)
    this.start = new Parameter([cell.states, hidden], zeros)
    this.embedding = new Embedding(vocabularySize, embedding)
    this.cell = cell
    this.head = Linear.uniform(hidden, vocabularySize)
    if (classes > 0) this.classHead = new ClassHead(hidden, classes)
    this.dropout = dropoutOf(dropout)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, options?: ForwardOptions): Tensor {
    return this.head.forward(this.outputs(ids, options))
  }

  override classify(ids: Tensor, counted: Tensor): Classification {
    if (!this.classHead)
      throw new UserError(
        `${this.constructor.name}: the model has no classes to predict: make it with \`classes\``,
      )
    const y = this.outputs(ids)
    return { logits: this.head.forward(y), classes: this.classHead.forward(y, counted) }
  }

  // int32 (B, T) -> (B, T, H)
  private outputs(ids: Tensor, { past = whole }: ForwardOptions = {}): Tensor {
    const [B] = ids.dims(2)
    const [S, H] = this.start.shape
    const start = Array.from({ length: S }, (_, k) => this.start.slice(0, k, k + 1).expand([B, H]))
    const dropped = (x: Tensor) => this.dropout?.forward(x) ?? x
    return dropped(past.scan(this.cell, dropped(this.embedding.forward(ids)), start))
  }
}

/** Source: makemore.py's RNNCell; Mikolov et al. 2010, "Recurrent neural network based language model". */
export class RNNModel extends Recurrent {
  static readonly description = "a recurrent network: a state that each symbol changes"

  constructor(options: RecurrentConfig) {
    super(options, JointRNNCell)
  }
}

/** Source: makemore.py's GRUCell; Cho et al. 2014, https://arxiv.org/abs/1406.1078, section 2.3. */
export class GRUModel extends Recurrent {
  static readonly description = "a recurrent network with gates that keep or replace its state"

  constructor(options: RecurrentConfig) {
    super(options, JointGRUCell)
  }
}

/** Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate. makemore names an LSTM and has none. */
export class LSTMModel extends Recurrent {
  static readonly description = "a recurrent network with a second state that only gates change"

  constructor(options: RecurrentConfig) {
    super(options, JointLSTMCell)
  }
}
