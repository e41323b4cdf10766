/**
 * Chapter 3, 9:16: tidying up. The embedding and the flattening become layers like the others, and a container holds them all, so
 * that the forward pass is one line. The names are torch.nn's, as in the lecture, and so are the traps.
 *
 *   npx node lecture/03-layers-and-containers.ts [data]
 */
import { Generator, loadText, nn, split, Tensor, Vocabulary, windows } from "../src/index.ts"

const [data = "names"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 3)

// %% Everything is a layer
// Before, the loop looked up `C[Xb]` and reshaped it by hand. As layers both have a place in the list.
const model = new nn.Sequential([
  new nn.Embedding(vocabulary.size, 10), // (B, 3) -> (B, 3, 10)
  new nn.Flatten(), // -> (B, 30)
  new nn.Linear(30, 200, { bias: false }), // -> (B, 200); BatchNorm takes the mean away, and a bias with it
  new nn.BatchNorm1d(200, { unbiased: true }), // the notebook divides by the unbiased variance, torch.nn by the biased one
  new nn.Tanh(),
  new nn.Linear(200, vocabulary.size, { gain: 0.1 }), // -> (B, 27)
]).initialize(new Generator(42))

// %% The forward pass is one line
const ids = Tensor.constant(rows.inputs.data.subarray(0, 4 * 3), [4, 3], "int32")
const logits = model.forward(ids)
console.log(ids.shape, "->", logits.shape)

// %% A field's path is its name
// Nothing is registered: whoever walks the fields finds the parameters, under the names that a state_dict would have.
for (const [name, { shape }] of model.namedParameters()) console.log(`  ${name}`, shape)
console.log(`${model.parameterCount} parameters`)

// %% The bugs of BatchNorm
// A layer that behaves differently in training and keeps a state is a source of bugs, and the lecture meets two of them.
// The first: in training a batch of one example has no variance. There it becomes NaN in silence, here it is said.
const one = Tensor.constant(rows.inputs.data.subarray(0, 3), [1, 3], "int32")
try {
  model.forward(one)
} catch (error) {
  console.log(`${error}`)
}

// In evaluation the running statistics take the batch's place, and one example will do.
const surprise = model
  .eval()
  .forward(one)
  .crossEntropy(Tensor.constant([rows.targets.data[0]], [1], "int32"))
console.log(`one example in evaluation: loss ${surprise.item().toFixed(4)}`)

// The second: who forgets to leave the training mode before a validation changes the running statistics by it. Here a forward pass
// changes no number: it says what a buffer would be next, and only a training step carries that over.
const before = model.stateDict()
model.train().forward(ids)
const after = model.stateDict()
const changed = Object.keys(before).filter((name) =>
  before[name].data.some((x, i) => x !== after[name].data[i]),
)
console.log(`changed by a forward pass in training: ${changed.length === 0 ? "nothing" : changed.join(", ")}`)
