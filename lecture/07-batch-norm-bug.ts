// %% [markdown]
// # Chapter 7: the BatchNorm1d bug
//
// *38:50 in the lecture, cells 7 to 13 of its notebook.* The tree runs, its logits have the right shape, and the loss falls. And yet one of
// its layers does not do what it should, and nothing complains. This chapter finds the bug as the lecture finds it, by looking at a shape.
// Then it fixes the bug and measures what it cost.

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
  WaveNet,
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
// class FlattenConsecutive:
//     def __init__(self, n):
//         self.n = n
//
//     def __call__(self, x):
//         B, T, C = x.shape
//         self.out = x.view(B, T // self.n, C * self.n).squeeze(1)
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
// ## What BatchNorm1d is given
//
// The network is that of chapter 6, as the library's class `WaveNet`. We run a batch of 32 examples through it and look at what the layers
// of the first level return.

// %%
const tree = (batchNormBug: boolean) =>
  new WaveNet({ vocabularySize: vocabulary.size, embedding: 10, hidden: 68, batchNormBug })
const random = new Generator(42)
const model = tree(true).initialize(random)

const contexts = Tensor.constant(rows.inputs.data, rows.inputs.shape, "int32")
const nextBatch = () =>
  contexts.gather(Tensor.constant(random.randint(0, contexts.shape[0], 32), [32], "int32"))
for (const { type, shape } of look(model, nextBatch()).slice(0, 5)) console.log(type, shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def tree(BatchNorm1d):
//     def level(width):
//         return [FlattenConsecutive(2), Linear(2 * width, 68, bias=False), BatchNorm1d(68), Tanh()]
//     return Sequential([
//         Embedding(vocab_size, 10),
//         *level(10),
//         *level(68),
//         *level(68),
//         Linear(68, vocab_size, gain=0.1),
//     ])
//
// g = torch.Generator().manual_seed(42)
// model = tree(BatchNorm1d)
//
// def next_batch():
//     return Xtr[torch.randint(0, len(Xtr), (32,), generator=g)]
//
// model(next_batch())
// for layer in model.layers[:5]:
//     print(layer.__class__.__name__, list(layer.out.shape))
// ```
//
// </details>

// %% [markdown]
// `BatchNorm1d` receives (32, 4, 68): 32 examples, 4 positions, 68 channels. (A *channel* is one of the 68 hidden units.) In part 3 the
// layer was written for a matrix, examples × channels. It takes the mean and the variance over axis 0, the examples. Here is what it does
// with three axes, step by step.

// %%
const e = Tensor.constant(random.randn(32 * 4 * 68), [32, 4, 68])
const mean = e.mean(0, { keepDim: true })
const variance = e.var(0, { keepDim: true })
const normalized = e.sub(mean).div(variance.add(1e-5).sqrt())
console.log(mean.shape, variance.shape, normalized.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// e = torch.randn((32, 4, 68), generator=g)
// emean = e.mean(0, keepdim=True)
// evar = e.var(0, keepdim=True)
// ehat = (e - emean) / torch.sqrt(evar + 1e-5)
// print(list(emean.shape), list(evar.shape), list(ehat.shape))
// ```
//
// </details>

// %% [markdown]
// The result has the right shape, because (1, 4, 68) broadcasts against (32, 4, 68) just as (1, 68) does against (32, 68). Broadcasting
// hides the bug. But look at the mean. It has a row for each of the four positions, where one row for all of them was meant. Each position
// is normalized separately, as if the network had 4 × 68 channels.
//
// The running statistics show it too. The lecture prints `model.layers[3].running_mean.shape` and sees (1, 4, 68). Our layer keeps the same
// numbers in one row:

// %%
for (const bug of [true, false]) {
  const means = tree(bug)
    .namedBuffers()
    .filter(([name]) => name.endsWith("runningMean"))
  console.log(
    `${bug ? "the bug" : "the fix"}: running means ${means.map(([, { shape }]) => `(${shape})`).join(" ")}`,
  )
}

// %% [markdown]
// 272 is 4 × 68, and 136 is 2 × 68. On the third level there is no axis of positions any more, so the two agree.
//
// ## What was meant
//
// A channel means the same at each position, since the same weights computed it. So its mean should be taken over the examples and the
// positions: both are just rows of the batch, 32 × 4 of them. That is axes 0 and 1, and `mean` and `var` take several axes at once:

// %%
const meanOfBoth = e.mean([0, 1], { keepDim: true })
const varianceOfBoth = e.var([0, 1], { keepDim: true })
const fixed = e.sub(meanOfBoth).div(varianceOfBoth.add(1e-5).sqrt())
console.log(meanOfBoth.shape, varianceOfBoth.shape, fixed.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// emean_of_both = e.mean((0, 1), keepdim=True)
// evar_of_both = e.var((0, 1), keepdim=True)
// fixed = (e - emean_of_both) / torch.sqrt(evar_of_both + 1e-5)
// print(list(emean_of_both.shape), list(evar_of_both.shape), list(fixed.shape))
// ```
//
// </details>

// %% [markdown]
// ## Why it matters
//
// A mean of few numbers is a rough estimate. It changes with every batch, and that noise runs through the network. How many numbers go into
// each mean?

// %%
console.log(`over the examples: ${e.size / mean.size} numbers`)
console.log(`over both: ${e.size / meanOfBoth.size} numbers`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(e.numel() // emean.numel())
// print(e.numel() // emean_of_both.numel())
// ```
//
// </details>

// %% [markdown]
// The mean of n independent numbers has the standard deviation σ / √n, so four times as many would make it twice as steady. But the
// positions of a name are not independent: where one of them is a dot, so is the one before it. So let us measure. We run 50 batches
// through the first linear layer, take the means of each, and see how much they vary from batch to batch.

// %%
const firstLevel = new nn.Sequential(model.network.layers.slice(0, 3)) // to the first linear layer
const batches = Array.from({ length: 50 }, () => firstLevel.forward(nextBatch()))
const varies = (axes: number[]) =>
  Tensor.stack(batches.map((batch) => batch.mean(axes)))
    .var(0)
    .mean()
    .sqrt()
    .item()
console.log(`a mean over the examples varies by ${varies([0]).toFixed(3)}`)
console.log(`a mean over both varies by ${varies([0, 1]).toFixed(3)}`)
console.log(`it is ${(varies([0]) / varies([0, 1])).toFixed(2)} times as steady`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// batches = []
// for _ in range(50):
//     x = next_batch()
//     for layer in model.layers[:3]:
//         x = layer(x)
//     batches.append(x)
//
// def varies(dim):
//     return torch.stack([batch.mean(dim) for batch in batches]).var(0).mean().sqrt().item()
//
// print(f"{varies(0):.3f}")
// print(f"{varies((0, 1)):.3f}")
// print(f"{varies(0) / varies((0, 1)):.2f}")
// ```
//
// </details>

// %% [markdown]
// ## The layer, fixed
//
// In the notebook a few lines change: when x has three axes, the mean and the variance are taken over (0, 1). The library's layer treats
// all axes before the last as rows of the batch, so it is right for any number of axes. It agrees with what we computed by hand.
// (`unbiased` divides the variance by n - 1, as the lecture does.)

// %%
const layer = new nn.BatchNorm1d(68, { unbiased: true })
const returned = layer.forward(e).values()
const byHand = fixed.values()
console.log(`the same: ${returned.every((y, k) => Math.abs(y - byHand[k]) < 1e-12)}`)
console.log(Array.from(returned.slice(0, 4), (y) => y.toFixed(4)).join(", "))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class FixedBatchNorm1d(BatchNorm1d):
//     def __call__(self, x):
//         if self.training:
//             dim = 0 if x.ndim == 2 else (0, 1)
//             xmean, xvar = x.mean(dim, keepdim=True), x.var(dim, keepdim=True)
//             with torch.no_grad():
//                 self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * xmean
//                 self.running_var = (1 - self.momentum) * self.running_var + self.momentum * xvar
//         else:
//             xmean, xvar = self.running_mean, self.running_var
//         self.out = self.gamma * (x - xmean) / torch.sqrt(xvar + self.eps) + self.beta
//         return self.out
//
// returned = FixedBatchNorm1d(68)(e)
// print(torch.allclose(returned, fixed, atol=1e-5))
// print(", ".join(f"{y:.4f}" for y in returned.flatten()[:4]))
// ```
//
// </details>

// %% [markdown]
// ## Not quite torch.nn
//
// The lecture's layer now differs from `torch.nn.BatchNorm1d` in what it takes. According to its documentation, PyTorch's takes (N, C) or
// (N, C, L): with three axes, the channels are in the middle and the positions last. Ours takes (N, L, C), with the channels last, as a
// linear layer does. So a tensor has to be transposed before PyTorch's layer and again after it. PyTorch also divides the variance by n. So
// does our layer, unless it is told `unbiased`:

// %%
const asInTorch = new nn.BatchNorm1d(68).forward(e)
console.log(Array.from(asInTorch.values().slice(0, 4), (y) => y.toFixed(4)).join(", "))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// as_in_torch = torch.nn.BatchNorm1d(68)(e.transpose(1, 2)).transpose(1, 2)
// print(", ".join(f"{y:.4f}" for y in as_in_torch.flatten()[:4]))
// ```
//
// </details>

// %% [markdown]
// If you mix up the two orders, you get an error, as long as the two sizes differ:

// %%
try {
  layer.forward(e.transpose(1, 2))
} catch (error) {
  console.log(`${error}`)
}

// %% [markdown]
// ## Training again
//
// *45:21.* We train the network with the bug and the network with the fix. Both have the same number of parameters, because the positions
// share the scale and the shift in either case; only the statistics differ. Both start from the same weights and see the same batches, once
// with seed 42 and once with seed 43.

// %%
const trained = async (bug: boolean, seed: number) => {
  const name = `${bug ? "the bug" : "the fix"}, seed ${seed}`
  const model = tree(bug).initialize(random.manualSeed(seed))
  const options = { steps: Number(steps), rate: 0.1, generator: random }
  const losses = await follow(train(model, rows, options), { title: name })
  const points = losses.map((loss, step) => ({ step, loss }))
  const training = charts.windowMeans(points, Math.ceil(losses.length / 20))
  return { name, model, training, loss: await evaluate(model, validation) }
}
const bug42 = await trained(true, 42)
const fix42 = await trained(false, 42)
const bug43 = await trained(true, 43)
const fix43 = await trained(false, 43)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def trained(bug, seed):
//     g.manual_seed(seed)
//     model = tree(BatchNorm1d if bug else FixedBatchNorm1d)
//     parameters = model.parameters()
//     for p in parameters:
//         p.requires_grad = True
//     for step in range(steps):
//         ix = torch.randint(0, len(Xtr), (32,), generator=g)
//         loss = F.cross_entropy(model(Xtr[ix]), Ytr[ix])
//         for p in parameters:
//             p.grad = None
//         loss.backward()
//         for p in parameters:
//             p.data += -0.1 * p.grad
//     for layer in model.layers:
//         layer.training = False
//     with torch.no_grad():
//         loss = F.cross_entropy(model(Xdev), Ydev).item()
//     return loss, sum(p.nelement() for p in parameters), f"{'the bug' if bug else 'the fix'}, seed {seed}"
//
// bug42 = trained(True, 42)
// fix42 = trained(False, 42)
// bug43 = trained(True, 43)
// fix43 = trained(False, 43)
// ```
//
// </details>

// %%
for (const { name, model, loss } of [bug42, fix42, bug43, fix43])
  console.log(
    `${name}: ${model.parameterCount} parameters, validation ${loss.toFixed(3)} after ${steps} steps`,
  )
const change = (from: { loss: number }, to: { loss: number }) => (to.loss - from.loss).toFixed(3)
console.log(`the fix changes the loss by ${change(bug42, fix42)} and ${change(bug43, fix43)}`)
console.log(`the seed changes it by ${change(bug42, bug43)} and ${change(fix42, fix43)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for loss, count, name in [bug42, fix42, bug43, fix43]:
//     print(f"{name}: {count} parameters, validation {loss:.3f} after {steps} steps")
// print(f"the fix changes the loss by {fix42[0] - bug42[0]:.3f} and {fix43[0] - bug43[0]:.3f}")
// print(f"the seed changes it by {bug43[0] - bug42[0]:.3f} and {fix43[0] - fix42[0]:.3f}")
// ```
//
// </details>

// %%
await show(charts.lossCurves([bug42, fix42, bug43, fix43], { title: "With the bug and without" }))

// %% [markdown]
// After 200,000 steps, the fix takes the lecture's training loss from 1.941 to 1.912 and its validation loss from 2.029 to 2.022. That is a
// little better, as you would expect from steadier statistics. It is also so little that another seed might have done as much. That is why
// the cell above prints both changes: in so few steps, the fix and the seed move the loss by amounts of the same order.
//
// So the loss would not have shown the bug. It was found by looking at a shape and asking whether it was the right one. A layer that is
// given something it was not written for should say so, or do the right thing. It should not quietly broadcast.
