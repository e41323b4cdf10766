// %% [markdown]
// # Chapter 6: the tree as layers
//
// *21:36 in the lecture, cells 7 to 13 of its notebook.* The flat network of chapter 5 squashes eight symbols into one vector in its first
// layer. This chapter fuses them slowly: two symbols become a pair, two pairs a group of four, two of those the whole context. All it takes
// is one new layer, which lays neighbours side by side. We work as the lecture does: try a shape in a small cell, look at it, and only then
// write the layer.

// %%
import {
  charts,
  evaluate,
  follow,
  Generator,
  loadText,
  look,
  nn,
  show,
  split,
  Tensor,
  train,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "3000"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)
const rows = windows(parts.train.lines, vocabulary, 8)
const validation = windows(parts.validation.lines, vocabulary, 8)
console.log(rows.inputs.shape, validation.inputs.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// The layers are those of the chapters before. `BatchNorm1d` is still as it was written for two axes.
//
// ```python
// import random
// import matplotlib.pyplot as plt
// import torch
// import torch.nn.functional as F
//
// words = open("names.txt", encoding="utf-8").read().splitlines()
// symbols = ["."] + sorted(set("".join(words)))
// vocab_size = len(symbols)
// random.seed(42)
// random.shuffle(words)
//
// def build_dataset(words):
//     X, Y = [], []
//     for word in words:
//         context = [0] * 8
//         for symbol in word + ".":
//             ix = symbols.index(symbol)
//             X.append(context)
//             Y.append(ix)
//             context = context[1:] + [ix]
//     return torch.tensor(X), torch.tensor(Y)
//
// n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
// Xtr, Ytr = build_dataset(words[:n1])
// Xdev, Ydev = build_dataset(words[n1:n2])
// print(list(Xtr.shape), list(Xdev.shape))
//
// g = torch.Generator().manual_seed(42)
//
// class Linear:
//     def __init__(self, fan_in, fan_out, bias=True, gain=1.0):
//         self.weight = torch.randn((fan_in, fan_out), generator=g) / fan_in**0.5 * gain
//         self.bias = torch.zeros(fan_out) if bias else None
//
//     def __call__(self, x):
//         self.out = x @ self.weight
//         if self.bias is not None:
//             self.out = self.out + self.bias
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
//         if self.training:
//             xmean, xvar = x.mean(0, keepdim=True), x.var(0, keepdim=True)
//             with torch.no_grad():
//                 self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * xmean
//                 self.running_var = (1 - self.momentum) * self.running_var + self.momentum * xvar
//         else:
//             xmean, xvar = self.running_mean, self.running_var
//         self.out = self.gamma * (x - xmean) / torch.sqrt(xvar + self.eps) + self.beta
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
// class Embedding:
//     def __init__(self, num_embeddings, embedding_dim):
//         self.weight = torch.randn((num_embeddings, embedding_dim), generator=g)
//
//     def __call__(self, ix):
//         self.out = self.weight[ix]
//         return self.out
//
//     def parameters(self):
//         return [self.weight]
//
// class Flatten:
//     def __call__(self, x):
//         self.out = x.view(x.shape[0], -1)
//         return self.out
//
//     def parameters(self):
//         return []
//
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
// ```
//
// </details>

// %% [markdown]
// ## The flat network, layer by layer
//
// Before you change a network, look at the shapes that run through it. A batch of four examples is enough, and it does not matter which:
// these are drawn at random.

// %%
const random = new Generator(42)
const flat = new nn.Sequential([
  new nn.Embedding(vocabulary.size, 10),
  new nn.Flatten(),
  new nn.Linear(8 * 10, 200, { bias: false }),
  new nn.BatchNorm1d(200, { unbiased: true }),
  new nn.Tanh(),
  new nn.Linear(200, vocabulary.size, { gain: 0.1 }),
]).initialize(random)

const contexts = Tensor.constant(rows.inputs.data, rows.inputs.shape, "int32")
const batch = contexts.gather(Tensor.constant(random.randint(0, contexts.shape[0], 4), [4], "int32"))
for (const context of batch.unbind())
  console.log(Array.from(context.values(), (id) => vocabulary.symbols[id]).join(""))
console.log(batch.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// flat = Sequential([
//     Embedding(vocab_size, 10),
//     Flatten(),
//     Linear(8 * 10, 200, bias=False),
//     BatchNorm1d(200),
//     Tanh(),
//     Linear(200, vocab_size, gain=0.1),
// ])
// batch = Xtr[torch.randint(0, len(Xtr), (4,), generator=g)]
// for context in batch:
//     print("".join(symbols[ix] for ix in context))
// print(list(batch.shape))
// ```
//
// </details>

// %% [markdown]
// In the notebook, each layer keeps its output in `layer.out`. Here `look` runs the network once and returns the output of every layer. The
// last line is the output of the whole network.

// %%
for (const { type, shape } of look(flat, batch)) console.log(type, shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// flat(batch)
// for layer in [*flat.layers, flat]:
//     print(layer.__class__.__name__, list(layer.out.shape))
// ```
//
// </details>

// %% [markdown]
// The embedding turns each of the 4 × 8 symbols into a vector of 10 numbers. `Flatten` lays the eight vectors of an example end to end, and
// the linear layer mixes all 80 numbers at once. That is the step that is too abrupt.
//
// ## A matrix product acts on the last axis
//
// A linear layer computes x W + b. Usually x is a matrix with one example per row. It need not be.

// %%
const normal = (...shape: number[]) => Tensor.constant(random.randn(shape.reduce((a, b) => a * b)), shape)
for (const x of [normal(4, 80), normal(4, 5, 80), normal(4, 5, 2, 80)])
  console.log(x.shape, "->", x.matmul(normal(80, 200)).add(normal(200)).shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for x in [torch.randn(4, 80), torch.randn(4, 5, 80), torch.randn(4, 5, 2, 80)]:
//     print(list(x.shape), list((x @ torch.randn(80, 200) + torch.randn(200)).shape))
// ```
//
// </details>

// %% [markdown]
// The product acts on the last axis alone. The axes before it only say how many rows there are: in (4, 5, 80) there are 20, and each is
// multiplied independently of the others. Flattening these axes first gives the same numbers:

// %%
const [x, weight] = [normal(4, 5, 80), normal(80, 200)]
const inGroups = x.matmul(weight)
const asRows = x.reshape([20, 80]).matmul(weight).reshape([4, 5, 200])
console.log(`${inGroups.notEqual(asRows).cast("int32").sum().item()} of ${inGroups.size} numbers differ`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// x, weight = torch.randn(4, 5, 80), torch.randn(80, 200)
// in_groups = x @ weight
// as_rows = (x.view(20, 80) @ weight).view(4, 5, 200)
// print((~torch.isclose(in_groups, as_rows, atol=1e-4)).sum().item(), in_groups.numel())
// ```
//
// </details>

// %% [markdown]
// This is what makes the tree easy. An example has eight symbols, which make four pairs: (1 2) (3 4) (5 6) (7 8). Give the pairs an axis of
// their own, (4, 4, 20) instead of (4, 80). Then one linear layer fuses all pairs of all examples, each with the same weights, and it has
// only 20 inputs instead of 80.

// %%
console.log(normal(4, 4, 20).matmul(normal(20, 200)).add(normal(200)).shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(list((torch.randn(4, 4, 20) @ torch.randn(20, 200) + torch.randn(200)).shape))
// ```
//
// </details>

// %% [markdown]
// ## Pairs, the explicit way
//
// How do we get from (4, 8, 10), eight vectors per example, to (4, 4, 20), four pairs? Counting from 0, as code does, the first symbol of
// each pair is at an even position, and the second at an odd one.

// %%
const ten = Array.from({ length: 10 }, (_, t) => t)
const isEven = (_: unknown, t: number) => t % 2 === 0
const isOdd = (_: unknown, t: number) => t % 2 === 1
console.log(ten.filter(isEven).join(" "))
console.log(ten.filter(isOdd).join(" "))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(list(range(10))[::2])
// print(list(range(10))[1::2])
// ```
//
// </details>

// %% [markdown]
// So take the vectors at the even positions, (4, 4, 10), and those at the odd positions, also (4, 4, 10), and concatenate the two along the
// last axis.

// %%
const e = normal(4, 8, 10) // as it leaves the embedding
const positions = e.unbind(1) // eight times (4, 10)
const even = Tensor.stack(positions.filter(isEven), 1)
const odd = Tensor.stack(positions.filter(isOdd), 1)
const explicit = Tensor.concat([even, odd], 2)
console.log(even.shape, odd.shape, explicit.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// e = torch.randn(4, 8, 10)
// explicit = torch.cat([e[:, ::2, :], e[:, 1::2, :]], dim=2)
// print(list(e[:, ::2, :].shape), list(e[:, 1::2, :].shape), list(explicit.shape))
// ```
//
// </details>

// %% [markdown]
// ## Pairs are a reshape
//
// That is a lot of work for something that is already there. The numbers of a tensor lie in memory row after row, so the vectors of
// neighbours are next to each other. Two rows of 2 numbers become one row of 4 just by being read that way:

// %%
const nested = (tensor: Tensor): unknown => (tensor.rank === 0 ? tensor.item() : tensor.unbind().map(nested))
const counted = Tensor.arange(8).reshape([1, 4, 2])
console.log(counted.shape, JSON.stringify(nested(counted)))
const inPairs = counted.reshape([1, 2, 4])
console.log(inPairs.shape, JSON.stringify(nested(inPairs)))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// counted = torch.arange(8).view(1, 4, 2)
// print(list(counted.shape), counted.tolist())
// in_pairs = counted.view(1, 2, 4)
// print(list(in_pairs.shape), in_pairs.tolist())
// ```
//
// </details>

// %% [markdown]
// Nothing moves and nothing is copied. (PyTorch calls this a `view`.) And it gives the same as the explicit way:

// %%
const reshaped = e.reshape([4, 4, 20])
console.log(
  `(${explicit.shape}) and (${reshaped.shape}):`,
  `${explicit.notEqual(reshaped).cast("int32").sum().item()} of ${reshaped.size} numbers differ`,
)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// reshaped = e.view(4, 4, 20)
// print(list(explicit.shape), list(reshaped.shape), (explicit != reshaped).sum().item(), reshaped.numel())
// ```
//
// </details>

// %% [markdown]
// ## FlattenConsecutive
//
// `Flatten` joins all positions of an example. A more general layer joins every n neighbours and keeps an axis for the groups. When only
// one group is left, that axis has size 1, and the layer drops it with `squeeze`. Otherwise the top of the tree would return (B, 1, H), the
// logits would be (B, 1, V), and the loss would not take them: it compares (B, V) with (B) targets. (Here and below, B is the number of
// examples in the batch, T the number of positions, C and H the width of a vector, and V the number of symbols.)

// %%
class FlattenConsecutive extends nn.Layer {
  n: number

  constructor(n: number) {
    super()
    this.n = n
  }

  forward(x: Tensor): Tensor {
    const [B, T, C] = x.dims(3)
    const groups = x.reshape([B, T / this.n, this.n * C])
    return groups.squeeze(1) // changes nothing unless axis 1 has size 1
  }
}

for (const n of [2, 4, 8]) console.log(n, new FlattenConsecutive(n).forward(e).shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class FlattenConsecutive:
//     def __init__(self, n):
//         self.n = n
//
//     def __call__(self, x):
//         B, T, C = x.shape
//         x = x.view(B, T // self.n, C * self.n)
//         if x.shape[1] == 1:
//             x = x.squeeze(1)
//         self.out = x
//         return self.out
//
//     def parameters(self):
//         return []
//
// for n in [2, 4, 8]:
//     print(n, list(FlattenConsecutive(n)(e).shape))
// ```
//
// </details>

// %% [markdown]
// With n = 8, the whole context, it does what `Flatten` does. So putting it in the place of `Flatten` must change nothing. That is worth a
// check before you build on it: the same parameters and the same batch have to give the same logits.

// %%
const [embedding, , ...others] = flat.layers
const general = new nn.Sequential([embedding, new FlattenConsecutive(8), ...others])
const [before, after] = [flat, general].map((network) => look(network, batch).at(-1)!.values)
console.log(`${before.filter((logit, k) => logit !== after[k]).length} of ${before.length} logits differ`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// general = Sequential([flat.layers[0], FlattenConsecutive(8), *flat.layers[2:]])
// before, after = flat(batch), general(batch)
// print((before != after).sum().item(), before.numel())
// ```
//
// </details>

// %% [markdown]
// The library has this layer too. Its `nn.FlattenConsecutive` also says what is wrong when the positions cannot be grouped:

// %%
try {
  new nn.FlattenConsecutive(3).forward(e)
} catch (error) {
  console.log(`${error}`)
}

// %% [markdown]
// ## The network
//
// There are three levels, each made of `FlattenConsecutive`, `Linear`, `BatchNorm1d` and `Tanh`. A node of the first level reads two
// embeddings, and a node of the others two vectors of the level below. (`perPosition` makes our `BatchNorm1d` do what the lecture's does at
// this point. Chapter 7 is about it.)

// %%
const tree = (hidden: number) => {
  const level = (width: number, positions: number) => [
    new nn.FlattenConsecutive(2),
    new nn.Linear(2 * width, hidden, { bias: false }),
    new nn.BatchNorm1d(hidden, { unbiased: true, perPosition: positions }),
    new nn.Tanh(),
  ]
  return new nn.Sequential([
    new nn.Embedding(vocabulary.size, 10),
    ...level(10, 4),
    ...level(hidden, 2),
    ...level(hidden, 1),
    new nn.Linear(hidden, vocabulary.size, { gain: 0.1 }),
  ])
}
const wide = tree(200).initialize(random.manualSeed(42))
for (const { type, shape } of look(wide, batch)) console.log(type, shape)
console.log(`${wide.parameterCount} parameters, ${flat.parameterCount} of the flat network`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def tree(hidden):
//     def level(width):
//         return [FlattenConsecutive(2), Linear(2 * width, hidden, bias=False), BatchNorm1d(hidden), Tanh()]
//     return Sequential([
//         Embedding(vocab_size, 10),
//         *level(10),
//         *level(hidden),
//         *level(hidden),
//         Linear(hidden, vocab_size, gain=0.1),
//     ])
//
// def count(model):
//     return sum(p.nelement() for p in model.parameters())
//
// g.manual_seed(42)
// wide = tree(200)
// wide(batch)
// for layer in [*wide.layers, wide]:
//     print(layer.__class__.__name__, list(layer.out.shape))
// print(count(wide), count(flat))
// ```
//
// </details>

// %% [markdown]
// Read the shapes from top to bottom: 8 positions, then 4, then 2, then only one, whose axis is gone. That is the tree. But a network this
// large might win by its size alone. For a fair comparison, the hidden layers have to shrink until both networks have about as many
// parameters. The lecture settles on 68 hidden units.

// %%
const model = tree(68).initialize(random.manualSeed(42))
console.log(`${model.parameterCount} parameters`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// g.manual_seed(42)
// model = tree(68)
// print(count(model))
// ```
//
// </details>

// %%
await show(nn.summarize(model, batch))

// %% [markdown]
// ## Training it: first pass
//
// *37:41, cells 10 to 13.* The training loop is the same as before: 32 examples a step, at a learning rate of 0.1. (The notebook lowers it
// to 0.01 after 150,000 of its 200,000 steps.)

// %%
const loss = ({ inputs, targets }: { inputs: Tensor; targets: Tensor }) =>
  model.forward(inputs).crossEntropy(targets).mean()
const losses = await follow(train(model, rows, { loss, steps: Number(steps), rate: 0.1, generator: random }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// parameters = model.parameters()
// for p in parameters:
//     p.requires_grad = True
//
// losses = []
// for step in range(steps):
//     ix = torch.randint(0, len(Xtr), (32,), generator=g)
//     loss = F.cross_entropy(model(Xtr[ix]), Ytr[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     for p in parameters:
//         p.data += -0.1 * p.grad
//     losses.append(loss.item())
// ```
//
// </details>

// %%
console.log(
  `the first batch: ${losses[0].toFixed(4)}, a uniform guess: ${Math.log(vocabulary.size).toFixed(4)}`,
)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(f"the first batch: {losses[0]:.4f}, a uniform guess: {torch.tensor(vocab_size).log().item():.4f}")
// ```
//
// </details>

// %%
const training = losses.map((loss, step) => ({ step, loss }))
await show(charts.lossPlot({ training, title: "The tree, first pass" }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// window = max(1, steps // 100)
// whole = steps - steps % window
// plt.plot(torch.tensor(losses[:whole]).view(-1, window).mean(1))
// ```
//
// </details>

// %%
console.log(`validation ${(await evaluate(model, validation, { loss })).toFixed(3)} after ${steps} steps`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for layer in model.layers:
//     layer.training = False
// with torch.no_grad():
//     print(f"validation {F.cross_entropy(model(Xdev), Ydev).item():.3f} after {steps} steps")
// ```
//
// </details>

// %% [markdown]
// After 200,000 steps, the lecture's log has 1.941 for the training part and 2.029 for the validation part. The flat network of the same
// size had 1.918 and 2.027. So the tree is no better yet. That is disappointing, and a reason to look again at what we have built. The
// lecture does, and finds a bug.
