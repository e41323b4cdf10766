/**
 * Chapter 3, 9:16: cleanup. Embedding and flattening become layers, and a container holds all layers, which reduces the forward pass to
 * one line. The layers are named as in torch.nn, as in the lecture, and have the same pitfalls.
 *
 *   npx node lecture/03-layers-and-containers.ts [data]
 */
import "../examples/errors.ts"
import { Generator, loadText, look, nn, split, Tensor, Vocabulary, windows } from "../src/index.ts"

const [data = "names"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 3)

// %% Everything is a layer
// Earlier parts indexed `C[Xb]` and reshaped it inside the training loop. As layers, both belong to the model.
const model = new nn.Sequential([
  new nn.Embedding(vocabulary.size, 10), // (B, 3) -> (B, 3, 10)
  new nn.Flatten(), // -> (B, 30)
  new nn.Linear(30, 200, { bias: false }), // -> (B, 200); BatchNorm subtracts the mean, which cancels a bias
  new nn.BatchNorm1d(200, { unbiased: true }), // the notebook normalizes with the unbiased variance, torch.nn with the biased
  new nn.Tanh(),
  new nn.Linear(200, vocabulary.size, { gain: 0.1 }), // -> (B, 27)
]).initialize(new Generator(42))

// %% The forward pass is one line
const ids = Tensor.constant(rows.inputs.data.subarray(0, 4 * 3), [4, 3], "int32")
const logits = model.forward(ids)
console.log(ids.shape, "->", logits.shape)

// The notebook's layers store their output in `layer.out`; `look` returns the shape and the values of every layer's output.
for (const { path, type, shape } of look(model, ids)) console.log(`  ${path}`, type, shape)

// %% Parameter names
// Parameters need no registration: a module finds them in its fields, and names each by its path, as in a state_dict.
for (const [name, { shape }] of model.namedParameters()) console.log(`  ${name}`, shape)
console.log(`${model.parameterCount} parameters`)

// %% The bugs of BatchNorm
// Layers with state, and layers that behave differently in training, are a common source of bugs. The lecture runs into two.
// First, one example has no variance in training mode. The notebook silently gets NaN; here it is an error.
const one = Tensor.constant(rows.inputs.data.subarray(0, 3), [1, 3], "int32")
try {
  model.forward(one)
} catch (error) {
  console.log(`${error}`)
}

// In evaluation mode, running statistics replace the batch's, so one example is enough.
const surprise = model
  .eval()
  .forward(one)
  .crossEntropy(Tensor.constant([rows.targets.data[0]], [1], "int32"))
console.log(`one example in evaluation mode: loss ${surprise.item().toFixed(4)}`)

// Second, a validation run in training mode corrupts the running statistics. Here, a forward pass modifies nothing: it only reports
// the next value of each buffer, which a training step then stores.
const before = model.stateDict()
model.train().forward(ids)
const after = model.stateDict()
const changed = Object.keys(before).filter((name) =>
  before[name].data.some((x, i) => x !== after[name].data[i]),
)
console.log(
  `changed by a forward pass in training mode: ${changed.length === 0 ? "nothing" : changed.join(", ")}`,
)
