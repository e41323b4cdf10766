/**
 * Chapter 6, 21:36: the tree as layers. It relies on two facts: a matrix product acts on the last axis and treats the others as batch
 * axes, and concatenating neighbours is a reshape.
 *
 *   npx node lecture/06-hierarchical-network.ts [data] [steps]
 */
import "../examples/errors.ts"
import {
  evaluate,
  Generator,
  interpret,
  loadText,
  nn,
  split,
  Tensor,
  train,
  Vocabulary,
  WaveNet,
  windows,
} from "../src/index.ts"

const [data = "names", steps = "3000"] = process.argv.slice(2)

// %% A matrix product acts on the last axis
// A linear layer therefore processes four groups of an example in parallel, as if they were more rows of the batch.
const random = new Generator(42)
const normal = (...shape: number[]) => Tensor.constant(random.randn(shape.reduce((a, b) => a * b)), shape)
console.log(`(4, 80) × (80, 200) -> (${normal(4, 80).matmul(normal(80, 200)).shape})`)
console.log(`(4, 4, 20) × (20, 200) -> (${normal(4, 4, 20).matmul(normal(20, 200)).shape})`)

// %% Concatenating neighbours is a reshape
// (4, 8, 10) in groups of two is (4, 4, 20). The explicit way concatenates the even and the odd positions along the last axis.
const x = normal(4, 8, 10)
const reshaped = x.flattenConsecutive(2)
const positions = (first: number) =>
  Tensor.concat(
    [0, 2, 4, 6].map((at) => x.slice(1, at + first, at + first + 1)),
    1,
  )
const joined = Tensor.concat([positions(0), positions(1)], 2)
const [a, b] = interpret([reshaped, joined])
console.log(`(${reshaped.shape}) and (${joined.shape}), equal: ${a.every((value, i) => value === b[i])}`)

// %% The network (first pass, 37:41)
// Three levels of FlattenConsecutive, Linear, BatchNorm1d and Tanh. For a fair comparison, 68 hidden units give it about as many
// parameters as the flat network with 200 hidden units has, 22,097.
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const model = new WaveNet({ vocabularySize: vocabulary.size, embedding: 10, hidden: 68 })
console.log(nn.formatSummary(nn.summarize(model, Tensor.input("ids", [4, 8], "int32"))))

// %% Training
const parts = split(text)
const [rows, validation] = [parts.train, parts.validation].map(({ lines }) => windows(lines, vocabulary, 8))
model.initialize(random.manualSeed(42))
for await (const _ of train(model, rows, { steps: Number(steps), rate: 0.1, generator: random }));
console.log(`validation ${(await evaluate(model, validation)).toFixed(3)} after ${steps} steps`)
