// %% [markdown]
// # Chapter 8: scaling up
//
// *46:07 in the lecture, cells 8 to 14 of its notebook.* The bug is fixed, so the tree can grow. This chapter makes it more than three
// times as large, trains it, and arrives at the notebook's last network. It is also where the lecture stops tuning: nobody has searched for
// these settings, and chapter 11 asks what there is to gain.
//
// With the lecture's own list and its number of steps, `npm run -s chapter 8 makemore-names 200000`, you get the notebook's own figures:
// 3.3167 for the first batch, and 1.769 and 1.994 in the end.

// %%
import {
  charts,
  evaluate,
  follow,
  Generator,
  loadText,
  nn,
  openSampler,
  optim,
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
const [rows, validation, test] = [parts.train, parts.validation, parts.test].map(({ lines }) =>
  windows(lines, vocabulary, 8),
)
for (const { inputs, targets } of [rows, validation, test]) console.log(inputs.shape, targets.shape)

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
// Xte, Yte = build_dataset(words[n2:])
// for X, Y in [(Xtr, Ytr), (Xdev, Ydev), (Xte, Yte)]:
//     print(list(X.shape), list(Y.shape))
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
// ## The network
//
// Two numbers change. The embedding has 24 numbers per symbol instead of 10, and each level has 128 hidden units instead of 68.

// %%
const random = new Generator(42)
const model = new WaveNet({ vocabularySize: vocabulary.size, embedding: 24, hidden: 128 }).initialize(random)
const small = new WaveNet({ vocabularySize: vocabulary.size, embedding: 10, hidden: 68 })
console.log(`${model.parameterCount} parameters`)
console.log(`${(model.parameterCount / small.parameterCount).toFixed(1)} times as many as before`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def tree(n_embd, n_hidden):
//     def level(width):
//         return [FlattenConsecutive(2), Linear(2 * width, n_hidden, bias=False), BatchNorm1d(n_hidden), Tanh()]
//     return Sequential([
//         Embedding(vocab_size, n_embd),
//         *level(n_embd),
//         *level(n_hidden),
//         *level(n_hidden),
//         Linear(n_hidden, vocab_size, gain=0.1),  # less confident at first
//     ])
//
// def count(model):
//     return sum(p.nelement() for p in model.parameters())
//
// g = torch.Generator().manual_seed(42)
// model, state = tree(24, 128), g.get_state()
// small = tree(10, 68)
// g.set_state(state)
// print(count(model), "parameters")
// print(f"{count(model) / count(small):.1f} times as many as before")
// ```
//
// </details>

// %% [markdown]
// Most of the parameters are in the linear layers of the second and the third level, each 256 × 128.

// %%
await show(nn.summarize(model, Tensor.input("ids", [32, 8], "int32")))

// %% [markdown]
// ## Training
//
// The training loop is that of cell 10. Each step draws 32 examples. The learning rate is 0.1 for three quarters of the steps, and 0.01 for
// the last quarter.

// %%
const rate = optim.step(0.1, { milestones: [Math.floor(0.75 * Number(steps))] })
const losses = await follow(train(model, rows, { steps: Number(steps), rate, generator: random }))

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
//     ix = torch.randint(0, len(Xtr), (32,), generator=g)
//     loss = F.cross_entropy(model(Xtr[ix]), Ytr[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     lr = 0.1 if i < 0.75 * steps else 0.01
//     for p in parameters:
//         p.data += -lr * p.grad
//     lossi.append(loss.item())
// ```
//
// </details>

// %% [markdown]
// The notebook prints the loss of a single batch twenty times on the way.

// %%
const every = Math.ceil(losses.length / 20)
for (const [i, loss] of losses.entries())
  if (i % every === 0) console.log(`${String(i).padStart(7)}/${steps.padStart(7)}: ${loss.toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// every = -(-steps // 20)
// for i in range(0, steps, every):
//     print(f"{i:7d}/{steps:7d}: {lossi[i]:.4f}")
// ```
//
// </details>

// %% [markdown]
// Single batches of 32 examples are noisy. The plot of cell 11 averages over many of them.

// %%
const training = losses.map((loss, step) => ({ step, loss }))
const window = Math.ceil(losses.length / 200)
await show(charts.lossPlot({ training, window, title: "The tree, scaled up" }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// window = -(-steps // 200)
// whole = steps - steps % window
// plt.plot(torch.tensor(lossi[:whole]).view(-1, window).mean(1))
// ```
//
// </details>

// %% [markdown]
// ## Both losses
//
// *Cells 12 and 13.* To measure the network, the notebook first puts its layers into evaluation mode, in which `BatchNorm1d` uses its
// running statistics. `evaluate` does that by itself, and leaves the network in the mode it was in.

// %%
const trainLoss = await evaluate(model, rows)
const validationLoss = await evaluate(model, validation)
console.log(`train ${trainLoss.toFixed(3)}, validation ${validationLoss.toFixed(3)}`)
console.log(`apart by ${(validationLoss - trainLoss).toFixed(3)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for layer in model.layers:
//     layer.training = False
//
// @torch.no_grad()
// def split_loss(x, y):
//     return F.cross_entropy(model(x), y).item()
//
// train_loss, validation_loss = split_loss(Xtr, Ytr), split_loss(Xdev, Ydev)
// print(f"train {train_loss:.3f}, validation {validation_loss:.3f}")
// print(f"apart by {validation_loss - train_loss:.3f}")
// ```
//
// </details>

// %% [markdown]
// After 200,000 steps, the two losses are much further apart, as the last line of the notebook's performance log shows:
//
// | | parameters | train | validation |
// | --- | ---: | ---: | ---: |
// | flat, context 3 | 12K | 2.058 | 2.105 |
// | flat, context 8 | 22K | 1.918 | 2.027 |
// | tree, context 8 | 22K | 1.941 | 2.029 |
// | BatchNorm1d fixed | 22K | 1.912 | 2.022 |
// | scaled up: embedding 24, 128 hidden units | 76K | 1.769 | 1.993 |
//
// The last change brings the validation loss below 2 for the first time. But the training loss falls much further: the network begins to
// memorize the names it was trained on.
//
// ## New names
//
// *Cell 14.* A name begins with eight dots. The network gives the probabilities of the first symbol, one is drawn, the window moves on by
// one, and so on until a dot is drawn.

// %%
const sampler = await openSampler(model)
const names: string[] = []
for await (const ids of sampler.sample({ count: 20, generator: random })) names.push(vocabulary.decode(ids))
await sampler.release()
console.log(names.join("\n"))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// names = []
// for _ in range(20):
//     out, context = [], [0] * 8
//     while True:
//         probs = F.softmax(model(torch.tensor([context])), dim=1)
//         ix = torch.multinomial(probs, num_samples=1, generator=g).item()
//         if ix == 0:
//             break
//         context = context[1:] + [ix]
//         out.append(symbols[ix])
//     names.append("".join(out))
// print("\n".join(names))
// ```
//
// </details>

// %% [markdown]
// How many of these are in the list?

// %%
const seen = new Set(text.lines)
console.log(`${names.filter((name) => seen.has(name)).length} of ${names.length} are in the list`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// seen = set(words)
// print(sum(name in seen for name in names), "of", len(names), "are in the list")
// ```
//
// </details>

// %% [markdown]
// The lecture names what is left to do. There should be an experimental harness (46:58), to run many trainings and compare them: chapter
// 10. The tree can be computed more efficiently, as dilated causal convolutions (47:44): chapter 9. Real WaveNet layers have gates and
// residual and skip connections, and there are other networks for sequences, such as RNNs and transformers (54:17): chapters 9 and 11 try
// some of them. And you are invited to improve on this loss (55:26): chapter 11.
