/**
 * The networks of table 1 of Bengio et al. 2003, others to compare with them, and the words of the Brown corpus as ids and rows. Rows 2, 4,
 * 6, 8 and 10 of the table are mixtures of the same networks with the trigram. Source: https://jmlr.org/papers/v3/bengio03a.html, section 4
 */
import { loadBrown } from "../../src/data/brown.ts"
import { type Dataset, IGNORED } from "../../src/data/dataset.ts"
import { rowsInOrder, type Stretch } from "../../src/data/running-rows.ts"
import { MLP } from "../../src/models/mlp.ts"
import type { Model } from "../../src/models/model.ts"
import { LSTMModel } from "../../src/models/recurrent.ts"
import { Transformer } from "../../src/models/transformer.ts"
import { WaveNet2016 } from "../../src/models/wavenet-2016.ts"
import { Embedding } from "../../src/nn/embedding.ts"
import type { Generator } from "../../src/random/index.ts"

export interface NetworkOptions {
  readonly dropout: number
  /** Standard deviation of the features of words before training. */
  readonly embeddingStd: number
}

/** n: words of an n-gram; h: hidden units; m: features of a word; direct: connections from the features to the output. */
const mlp =
  ({ n, h, m, direct }: { n: number; h: number; m: number; direct: boolean }) =>
  (vocabularySize: number, { dropout, embeddingStd }: NetworkOptions): Model =>
    new MLP({
      ...{ vocabularySize, contextLength: n - 1, embedding: m, embeddingStd },
      ...{ hidden: h, directConnections: direct, dropout: h === 0 ? 0 : dropout },
    })

/** Those of the table, and three later ones. MLP9, LSTM and Transformer have 2.4 million parameters, WaveNet 2.9. */
export const networks = {
  MLP1: mlp({ n: 5, h: 50, m: 60, direct: true }),
  MLP3: mlp({ n: 5, h: 0, m: 60, direct: true }),
  MLP5: mlp({ n: 5, h: 50, m: 30, direct: true }),
  MLP7: mlp({ n: 3, h: 50, m: 30, direct: true }),
  MLP9: mlp({ n: 5, h: 100, m: 30, direct: false }),
  LSTM: (vocabularySize: number, { dropout }: NetworkOptions) =>
    new LSTMModel({ vocabularySize, contextLength: 256, embedding: 30, hidden: 100, dropout }),
  Transformer: (vocabularySize: number, { dropout }: NetworkOptions) =>
    new Transformer({ vocabularySize, contextLength: 256, layers: 2, heads: 4, embedding: 64, dropout }),
  WaveNet: (vocabularySize: number, { dropout }: NetworkOptions) =>
    new WaveNet2016({
      ...{ vocabularySize, contextLength: 256, layers: 4, stacks: 1, dropout },
      ...{ residualChannels: 30, dilationChannels: 30, skipChannels: 100 },
    }),
} as const satisfies Record<string, (vocabularySize: number, options: NetworkOptions) => Model>

export type NetworkName = keyof typeof networks

/** A network, initialized. All embeddings, of positions too, begin with the standard deviation of those of an MLP. */
export function makeNetwork(
  name: NetworkName,
  vocabularySize: number,
  options: NetworkOptions,
  random: Generator,
): Model {
  const network = networks[name](vocabularySize, options)
  network.initialize(random)
  if (!(network instanceof MLP))
    for (const [, layer] of network.namedModules())
      if (layer instanceof Embedding)
        layer.weight.data = layer.weight.data.map((x) => x * options.embeddingStd) as Float32Array
  return network
}

/** The id of all words that are seen less often than the text says. Id 0 stands before the text. */
export const RARE = 1

export interface Words {
  readonly ids: Int32Array
  readonly vocabularySize: number
  readonly train: Stretch
  readonly validation: Stretch
  readonly test: Stretch
}

export async function brownWords(): Promise<Words> {
  const { tokens, cuts, minCount } = await loadBrown()
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  const idOf = new Map<string, number>()
  for (const [word, count] of counts) if (count >= minCount) idOf.set(word, idOf.size + 2)
  return {
    ids: Int32Array.from(tokens, (token) => idOf.get(token) ?? RARE),
    vocabularySize: idOf.size + 2,
    train: { from: 0, to: cuts[0] },
    validation: { from: cuts[0], to: cuts[1] },
    test: { from: cuts[1], to: tokens.length },
  }
}

/** The words that a row predicts, and those before them that it only reads. */
interface Row {
  readonly predicted: number
  readonly warmUp: number
}

/**
 * A row of a network with a receptive field begins with all that its first prediction sees. Others train on rows with nothing before them,
 * and are evaluated on rows with something.
 */
function rowsFor({ receptiveField, steps, contextLength: T }: Model): { training: Row; evaluation: Row } {
  if (receptiveField !== undefined) {
    const row = { predicted: 253, warmUp: receptiveField - 1 }
    return { training: row, evaluation: row }
  }
  return {
    training: { predicted: T, warmUp: 0 },
    evaluation: steps === "context" ? { predicted: T / 2, warmUp: T / 2 } : { predicted: T, warmUp: T / 4 },
  }
}

/** The last words of the training part that fill no row are left out. */
export function trainingRows({ ids, train }: Words, network: Model): Dataset {
  const { predicted, warmUp } = rowsFor(network).training
  const blanks = warmUp + 1
  const inputs = new Int32Array(blanks + train.to)
  inputs.set(ids.subarray(train.from, train.to), blanks)
  const targets = new Int32Array(inputs.length).fill(IGNORED)
  targets.set(ids.subarray(train.from, train.to), warmUp)
  const starts = Int32Array.from({ length: Math.floor(train.to / predicted) }, (_, row) => row * predicted)
  const shape = [starts.length, predicted + warmUp]
  return { inputs: { data: inputs, shape, starts }, targets: { data: targets, shape, starts, warmUp } }
}

/** Each word once, in order, after all of the receptive field; without one, after at least a quarter of the context. */
export function rowsOf({ ids }: Words, network: Model, stretch: Stretch): Dataset {
  const { predicted, warmUp } = rowsFor(network).evaluation
  return rowsInOrder(ids, { reads: "sequences", ...stretch, length: predicted + warmUp, warmUp })
}

/** ln p of each word of the stretch: (to - from). */
export function logProbabilities(losses: Float32Array, { targets }: Dataset): Float32Array {
  return losses.filter((_, k) => targets.data[k] >= 0).map((loss) => -loss)
}
