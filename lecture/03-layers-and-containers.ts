// %% [markdown]
// # Chapter 3: layers and containers
//
// *9:16 in the lecture, cells 7 to 9 of its notebook.* In the PyTorch code of chapter 1, the embedding table and the flattening stood
// outside the layers, and the forward pass was a loop over a list. Before the network grows, we tidy this up. Everything becomes a layer, a
// container holds the layers, and the forward pass is one line. PyTorch calls these parts `Embedding`, `Flatten` and `Sequential`, and so
// do we.
//
// Then come two bugs. Both have to do with batch normalization, the only layer here that behaves differently in training.

// %%
import {
  evaluate,
  follow,
  Generator,
  interpret,
  loadText,
  look,
  nn,
  show,
  split,
  Tensor,
  toPyTorch,
  train,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "1000"] = process.argv.slice(2)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import random
// import torch
// import torch.nn.functional as F
// ```
//
// </details>

// %% [markdown]
// The names and the examples are those of chapter 1. The last line takes the first four examples, as a small batch to look at.

// %%
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)
const rows = windows(parts.train.lines, vocabulary, 3)
const validation = windows(parts.validation.lines, vocabulary, 3)
console.log(rows.inputs.shape, validation.inputs.shape)

const V = vocabulary.size
const examples = (first: number, count: number) =>
  Tensor.constant(rows.inputs.data.subarray(3 * first, 3 * (first + count)), [count, 3], "int32")
const ids = examples(0, 4)
await show(ids)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// words = open("names.txt").read().splitlines()
// chars = sorted(set("".join(words)))
// stoi = {s: i + 1 for i, s in enumerate(chars)}
// stoi["."] = 0
// vocab_size = len(stoi)
// random.seed(42)
// random.shuffle(words)
//
// def build_dataset(words, block_size=3):
//     X, Y = [], []
//     for w in words:
//         context = [0] * block_size
//         for ch in w + ".":
//             X.append(context)
//             Y.append(stoi[ch])
//             context = context[1:] + [stoi[ch]]
//     return torch.tensor(X), torch.tensor(Y)
//
// n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
// Xtr, Ytr = build_dataset(words[:n1])
// Xdev, Ydev = build_dataset(words[n1:n2])
// print(Xtr.shape, Xdev.shape)
//
// ids = Xtr[:4]
// print(ids.shape, ids.int().dtype, ids)
// ```
//
// </details>

// %% [markdown]
// ## Embedding and Flatten
//
// Looking up rows of a table is a layer like any other. The table is its parameter, and the forward pass is the lookup.

// %%
const generator = new Generator(42)
const embedding = new nn.Embedding(V, 10).initialize(generator)
const emb = embedding.forward(ids) // (4, 3) -> (4, 3, 10)
console.log(embedding.weight.shape, emb.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class Embedding:
//     def __init__(self, num_embeddings, embedding_dim):
//         self.weight = torch.randn((num_embeddings, embedding_dim))
//
//     def __call__(self, IX):
//         self.out = self.weight[IX]
//         return self.out
//
//     def parameters(self):
//         return [self.weight]
//
// torch.manual_seed(42)
// embedding = Embedding(vocab_size, 10)
// emb = embedding(ids)
// print(embedding.weight.shape, emb.shape)
// ```
//
// </details>

// %% [markdown]
// Flattening is a layer too, one without parameters. It keeps the axis of the examples and joins all the others.

// %%
const flatten = new nn.Flatten()
console.log(flatten.forward(emb).shape, `${flatten.parameterCount} parameters`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class Flatten:
//     def __call__(self, x):
//         self.out = x.view(x.shape[0], -1)
//         return self.out
//
//     def parameters(self):
//         return []
//
// flatten = Flatten()
// print(flatten(emb).shape, len(flatten.parameters()), "parameters")
// ```
//
// </details>

// %% [markdown]
// ## A list of layers
//
// Now the whole network is a list. The first linear layer has no bias: batch normalization would subtract it along with the mean, and has a
// bias of its own. `unbiased` divides the variance of n examples by n - 1, as the lecture's layer does; PyTorch's own layer divides it by
// n. `gain` is the factor 0.1 of chapter 1, which makes the first logits small.
//
// The forward pass hands the output of each layer to the next. In the comments, B is the number of examples in the batch.

// %%
const layers = [
  embedding, // (B, 3) -> (B, 3, 10)
  flatten, // -> (B, 30)
  new nn.Linear(30, 200, { bias: false }), // -> (B, 200)
  new nn.BatchNorm1d(200, { unbiased: true }),
  new nn.Tanh(),
  new nn.Linear(200, V, { gain: 0.1 }), // -> (B, 27), small at first
]
for (const layer of layers.slice(1)) layer.initialize(generator)

let x = ids
for (const layer of layers) {
  x = layer.forward(x)
  console.log(layer.constructor.name.padEnd(12), x.shape)
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class Linear:
//     def __init__(self, fan_in, fan_out, bias=True):
//         self.weight = torch.randn((fan_in, fan_out)) / fan_in ** 0.5
//         self.bias = torch.zeros(fan_out) if bias else None
//
//     def __call__(self, x):
//         self.out = x @ self.weight
//         if self.bias is not None:
//             self.out += self.bias
//         return self.out
//
//     def parameters(self):
//         return [self.weight] + ([] if self.bias is None else [self.bias])
//
// class BatchNorm1d:
//     def __init__(self, dim, eps=1e-5, momentum=0.1):
//         self.eps, self.momentum, self.training = eps, momentum, True
//         self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
//         self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)
//
//     def __call__(self, x):
//         mean, var = (x.mean(0), x.var(0)) if self.training else (self.running_mean, self.running_var)
//         self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
//         if self.training:
//             with torch.no_grad():
//                 self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
//                 self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
//         return self.out
//
//     def parameters(self):
//         return [self.gamma, self.beta]
//
// class Tanh:
//     def __call__(self, x):
//         self.out = torch.tanh(x)
//         return self.out
//
//     def parameters(self):
//         return []
//
// layers = [
//     embedding, flatten,
//     Linear(30, 200, bias=False), BatchNorm1d(200), Tanh(),
//     Linear(200, vocab_size),
// ]
// with torch.no_grad():
//     layers[-1].weight *= 0.1
//
// x = ids
// for layer in layers:
//     x = layer(x)
//     print(layer.__class__.__name__, x.shape)
// layers[3].running_mean, layers[3].running_var = torch.zeros(200), torch.ones(200)  # this was no training
// ```
//
// </details>

// %% [markdown]
// ## Sequential
//
// A container runs this loop for us. It is a layer itself, so containers can hold containers. The model takes symbols and gives logits, and
// the forward pass is one line.

// %%
const model = new nn.Sequential(layers)
const logits = model.forward(ids)
console.log(ids.shape, "->", logits.shape)

const [loop, line] = interpret([x, logits])
console.log(`they differ by ${Math.max(...loop.map((value, k) => Math.abs(value - line[k])))}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class Sequential:
//     def __init__(self, layers):
//         self.layers = layers
//
//     def __call__(self, x):
//         for layer in self.layers:
//             x = layer(x)
//         self.out = x
//         return self.out
//
//     def parameters(self):
//         return [p for layer in self.layers for p in layer.parameters()]
//
// model = Sequential(layers)
// logits = model(ids)
// print(ids.shape, "->", logits.shape)
// print("they differ by", int((x - logits).abs().max().item()))
// layers[3].running_mean, layers[3].running_var = torch.zeros(200), torch.ones(200)
// ```
//
// </details>

// %%
await show(model)

// %% [markdown]
// The lecture's layers keep their last output as `layer.out`, so that you can look at shapes and values in the middle of the network. Here
// `look` returns both for every layer.

// %%
for (const { path, type, shape } of look(model, ids)) console.log(path.padEnd(8), type.padEnd(12), shape)

// %% [markdown]
// ## Parameters
//
// No parameter has to be registered. A module finds them in its fields and in those of the modules inside it, and names each by the path to
// it: `layers.2.weight` is the weight of layer 2, counting from 0.

// %%
for (const [name, { shape }] of model.namedParameters()) console.log(name.padEnd(16), shape)
console.log(`${model.parameterCount} parameters`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for p in model.parameters():
//     print(p.shape)
// print(sum(p.nelement() for p in model.parameters()), "parameters")
// ```
//
// </details>

// %% [markdown]
// ## The same in torch.nn
//
// *51:34 in the lecture.* The lecture gives its layers the names and arguments they have in PyTorch. So once you have written them, you
// know `torch.nn`, and can use it from there on. This library keeps to the same names:
//
// | the notebook | here | torch.nn |
// | --- | --- | --- |
// | `Embedding(num_embeddings, embedding_dim)` | `new nn.Embedding(symbols, width)` | `Embedding(num_embeddings, embedding_dim)` |
// | `FlattenConsecutive(block_size)` | `new nn.Flatten()` | `Flatten()` |
// | `Linear(fan_in, fan_out, bias)` | `new nn.Linear(inputs, outputs, { bias })` | `Linear(in_features, out_features, bias)` |
// | `BatchNorm1d(dim)`: `gamma`, `beta` | `new nn.BatchNorm1d(features)`: `weight`, `bias` | `BatchNorm1d(num_features)`: `weight`, `bias` |
// | `Tanh()` | `new nn.Tanh()` | `Tanh()` |
// | `Sequential([...])` | `new nn.Sequential([...])` | `Sequential(...)` |
// | `layer.out` | `look(model, ids)` | a forward hook |
// | `layer.training = False` for each | `model.eval()` | `model.eval()` |
//
// So you can build the network from PyTorch's own layers, and move the weights there and back. `toPyTorch` gives them the names and shapes
// they have there. Two things differ: the weight of `torch.nn.Linear` is transposed, (outputs, inputs), and `torch.nn.BatchNorm1d` also
// counts the batches it has seen.

// %%
const state = toPyTorch(model)
for (const name of Object.keys(state).sort()) console.log(name.padEnd(22), state[name].shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// with torch.random.fork_rng():  # leaves the seed as it is
//     theirs = torch.nn.Sequential(
//         torch.nn.Embedding(vocab_size, 10), torch.nn.Flatten(),
//         torch.nn.Linear(30, 200, bias=False), torch.nn.BatchNorm1d(200), torch.nn.Tanh(),
//         torch.nn.Linear(200, vocab_size),
//     )
// state = theirs.state_dict()
// for name in sorted(state):
//     print(name, list(state[name].shape))
// ```
//
// </details>

// %% [markdown]
// ## Running statistics
//
// In training, `BatchNorm1d` normalizes with the mean and variance of the batch. Along the way it keeps moving averages of both, its
// *running statistics*, for each of the 200 units. They are not parameters, since no gradient changes them; they are *buffers*.
//
// They start at 0 and 1. Each training step moves them a tenth of the way towards those of its batch.

// %%
const norm = layers[3] as nn.BatchNorm1d
for (const [name, { shape }] of model.namedBuffers()) console.log(name, shape)

const linear = new nn.Sequential(layers.slice(0, 3)).forward(ids) // what the layer normalizes
const { buffers } = nn.trace(model, "training", () => model.forward(ids))
const ofUnit0 = (mean: Tensor, variance: Tensor) =>
  `mean ${mean.select(0, 0).item().toFixed(4)}, variance ${variance.select(0, 0).item().toFixed(4)}`
console.log(`unit 0 before:    ${ofUnit0(norm.runningMean, norm.runningVar)}`)
console.log(`       the batch: ${ofUnit0(linear.mean(0), linear.var(0))}`)
console.log(`       after:     ${ofUnit0(buffers.get(norm.runningMean)!, buffers.get(norm.runningVar)!)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// norm = layers[3]
// print("running_mean", norm.running_mean.shape)
// print("running_var", norm.running_var.shape)
//
// def of_unit_0(mean, variance):
//     return f"mean {mean[0]:.4f}, variance {variance[0]:.4f}"
//
// print("unit 0 before:   ", of_unit_0(norm.running_mean, norm.running_var))
// model(ids)
// linear = layers[2].out
// print("       the batch:", of_unit_0(linear.mean(0), linear.var(0)))
// print("       after:    ", of_unit_0(norm.running_mean, norm.running_var))
// norm.running_mean, norm.running_var = torch.zeros(200), torch.ones(200)
// ```
//
// </details>

// %% [markdown]
// ## The first bug: a batch of one
//
// To sample from the model, you give it a single context. That is a batch of one, and a single number has no variance: its unbiased
// variance is 0 / 0. The lecture samples without leaving training mode: the variance becomes "not a number", and so does every logit. Here
// you get an error that says what is wrong.

// %%
const one = examples(0, 1)
try {
  model.forward(one)
} catch (error) {
  console.log(`${error}`)
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(model(ids[:1]).isnan().all())
// norm.running_mean, norm.running_var = torch.zeros(200), torch.ones(200)
// ```
//
// </details>

// %% [markdown]
// ## The second bug: the wrong mode
//
// The remedy is evaluation mode, in which the running statistics take the place of the batch's. But you have to remember it. With two or
// more examples nothing complains if you forget, and the result is wrong in a way that is easy to miss: what the network predicts for one
// example depends on the others that happen to be in the batch.
//
// First we train the network a little, so that its running statistics are those of names. `train` takes any module, together with a
// function that computes the loss of a batch.

// %%
const loss = ({ inputs, targets }: { inputs: Tensor; targets: Tensor }) =>
  model.forward(inputs).crossEntropy(targets).mean()
const losses = await follow(train(model, rows, { steps: Number(steps), rate: 0.1, generator, loss }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// parameters = model.parameters()
// for p in parameters:
//     p.requires_grad = True
//
// lossi = []
// for i in range(steps):
//     ix = torch.randint(0, Xtr.shape[0], (32,))
//     loss = F.cross_entropy(model(Xtr[ix]), Ytr[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     for p in parameters:
//         p.data += -0.1 * p.grad
//     lossi.append(loss.item())
// ```
//
// </details>

// %% [markdown]
// The first loss is the same as in chapter 1. The code looks different, but the network is the same.

// %%
console.log(`first loss ${losses[0].toFixed(4)}, last loss ${losses.at(-1)!.toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(f"first loss {lossi[0]:.4f}, last loss {lossi[-1]:.4f}")
// ```
//
// </details>

// %% [markdown]
// Now we put the first example into two batches, once with the three examples that follow it and once with three others. In training mode
// its largest logit changes from one batch to the other. In evaluation mode it does not.

// %%
const [here, there] = [examples(0, 4), Tensor.concat([examples(0, 1), examples(20, 3)])]
const largest = (batch: Tensor) => model.forward(batch).select(0, 0).amax().item().toFixed(3)

model.train()
console.log(`in training mode:   ${largest(here)} and ${largest(there)}`)
model.eval()
console.log(`in evaluation mode: ${largest(here)} and ${largest(there)}; alone ${largest(one)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// here, there = Xtr[:4], torch.cat([Xtr[:1], Xtr[20:23]])
// kept = norm.running_mean, norm.running_var
//
// @torch.no_grad()
// def largest(batch):
//     return f"{model(batch)[0].max():.3f}"
//
// print("in training mode:  ", largest(here), "and", largest(there))
// norm.running_mean, norm.running_var = kept
// for layer in model.layers:
//     layer.training = False
// print("in evaluation mode:", largest(here), "and", largest(there), "alone", largest(ids[:1]))
// ```
//
// </details>

// %% [markdown]
// In PyTorch a pass in the wrong mode does more harm, because it also moves the running statistics: an evaluation that was only meant to
// look changes the model. (The PyTorch code of this chapter has to put the statistics back each time.) Here a forward pass changes nothing.
// It returns the next value of each buffer, and only a training step stores it.

// %%
const kept = model.stateDict()
model.train().forward(here)
const now = model.stateDict()
const changed = Object.keys(kept).filter((name) => kept[name].data.some((x, i) => x !== now[name].data[i]))
console.log(
  `changed by a forward pass in training mode: ${changed.length === 0 ? "nothing" : changed.join(", ")}`,
)

// %% [markdown]
// `evaluate` and the samplers use evaluation mode by themselves, whatever mode the model is in. A layer that has a state, or that behaves
// differently in training, needs this care. Such layers are a common source of bugs, and chapter 7 is about another one.

// %%
console.log(`validation ${(await evaluate(model, validation, { loss })).toFixed(3)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// with torch.no_grad():
//     print(f"validation {F.cross_entropy(model(Xdev), Ydev):.3f}")
// ```
//
// </details>
