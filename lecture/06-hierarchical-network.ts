/**
 * Chapter 6, 21:36: the tree in layers. Two facts carry it: a matrix product works on the last axis and leaves those before it
 * alone, and two neighbours side by side are one reshape.
 *
 *   npx node lecture/06-hierarchical-network.ts [data] [steps]
 */
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

// %% A product works on the last axis
// So a linear layer can treat four groups of an example at once, as if they were more rows of the batch.
const random = new Generator(42)
const normal = (...shape: number[]) => Tensor.constant(random.randn(shape.reduce((a, b) => a * b)), shape)
console.log(`(4, 80) × (80, 200) -> (${normal(4, 80).matmul(normal(80, 200)).shape})`)
console.log(`(4, 4, 20) × (20, 200) -> (${normal(4, 4, 20).matmul(normal(20, 200)).shape})`)

// %% Neighbours side by side are a reshape
// (4, 8, 10) in groups of two is (4, 4, 20). The long way takes the even positions, the odd ones, and joins them at the last axis.
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
// Three levels of: fuse, linear, BatchNorm, tanh. With 68 hidden units it has about as many parameters as the flat one with 200,
// 22,097, so that the two can be compared.
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const model = new WaveNet({ vocabularySize: vocabulary.size, embedding: 10, hidden: 68 })
console.log(nn.formatSummary(nn.summarize(model, Tensor.input("ids", [4, 8], "int32"))))

// %% Training
const parts = split(text)
const [known, held] = [parts.train, parts.validation].map(({ lines }) => windows(lines, vocabulary, 8))
model.initialize(random.manualSeed(42))
for await (const _ of train(model, known, { steps: Number(steps), rate: 0.1, generator: random }));
console.log(`validation ${(await evaluate(model, held)).toFixed(3)} after ${steps} steps`)
