// %% [markdown]
// # Chapter 1: the starting point
//
// *1:40 in the lecture, cells 1 to 14 of its notebook.* The lecture picks up the network of part 3. It reads three letters of a name and
// predicts the next one. The rest of the lecture improves this network, so this chapter walks through all of it once: the names, the
// examples cut from them, the network, its training, its loss, and the names it makes up.
//
// Under each cell, a fold holds the same step in PyTorch. Both draw the same random numbers from the same seed, so both print the same
// numbers.

// %%
import {
  charts,
  evaluate,
  Flat,
  follow,
  Generator,
  loadText,
  openSampler,
  optim,
  show,
  split,
  Tensor,
  train,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "3000"] = process.argv.slice(2)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import random
// import torch
// import torch.nn.functional as F
// import matplotlib.pyplot as plt
// ```
//
// </details>

// %% [markdown]
// ## The names
//
// The data is a list of first names, one per line. It comes with this library. To run the chapter on the lecture's own list, `names.txt`,
// for as many steps as in the lecture: `npm run -s chapter 1 makemore-names 200000`.

// %%
const text = await loadText(data)
const longest = text.lines.reduce((most, { length }) => Math.max(most, length), 0)
console.log(`${text.lines.length} names; the longest has ${longest} letters`)
console.log(text.lines.slice(0, 8).join(", "))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// words = open("names.txt").read().splitlines()
// print(len(words), "names; the longest has", max(len(word) for word in words), "letters")
// print(words[:8])
// ```
//
// </details>

// %% [markdown]
// ## The vocabulary
//
// A network computes with numbers, so each letter gets one: its place in the alphabet. The number 0 stands for a symbol that occurs in no
// name, written as a dot. It marks where a name starts and where it ends. When we say *symbol* rather than *letter*, the dot is included.

// %%
const vocabulary = Vocabulary.from(text.lines)
console.log(`${vocabulary.size} symbols: ${vocabulary.symbols.join("")}`)
console.log(vocabulary.symbols.map((symbol, id) => `${id} ${symbol}`).join(", "))

const [someone] = text.lines
const encoded = vocabulary.encode(someone)
console.log(`${someone} is ${encoded.join(", ")}, which is ${vocabulary.decode(encoded)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// chars = sorted(set("".join(words)))
// stoi = {s: i + 1 for i, s in enumerate(chars)}
// stoi["."] = 0
// itos = {i: s for s, i in stoi.items()}
// vocab_size = len(itos)
// print(vocab_size, "symbols:", "".join(itos[i] for i in range(vocab_size)))
// print({i: itos[i] for i in range(vocab_size)})
//
// encoded = [stoi[ch] for ch in words[0]]
// print(words[0], "is", encoded, "which is", "".join(itos[i] for i in encoded))
// ```
//
// </details>

// %% [markdown]
// ## Three parts
//
// The names are shuffled and split into three parts. The network learns from the training part, 80 % of them. The validation part, another
// 10 %, shows whether the network has learned something about names in general or has only memorized the ones it saw; we look at it after
// each change. The last 10 % are the test part. It is kept for a single look at the very end, because a part that has guided our decisions
// is no longer a fair test.

// %%
const parts = split(text)
for (const [name, { lines }] of Object.entries(parts)) console.log(`${name}: ${lines.length} names`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// random.seed(42)
// random.shuffle(words)
// n1 = int(0.8 * len(words))
// n2 = int(0.9 * len(words))
// for part in (words[:n1], words[n1:n2], words[n2:]):
//     print(len(part), "names")
// ```
//
// </details>

// %% [markdown]
// ## Examples
//
// Each name gives several examples. An example says: after these three symbols, the *context*, came this one, the *target*. A window of
// three symbols slides along the name. It starts on three dots, where nothing is known yet, and stops on the last three letters, after
// which the name ends.
//
// So a name of five letters gives six examples, and there are several times as many examples as names.

// %%
const [rows, validation, test] = [parts.train, parts.validation, parts.test].map(({ lines }) =>
  windows(lines, vocabulary, 3),
)
for (const { inputs, targets } of [rows, validation, test]) console.log(inputs.shape, targets.shape)

const spelled = (ids: Int32Array) => Array.from(ids, (id) => vocabulary.symbols[id]).join("")
for (let row = 0; row < 20; row++) {
  const context = rows.inputs.data.subarray(3 * row, 3 * row + 3)
  console.log(`${spelled(context)} --> ${vocabulary.symbols[rows.targets.data[row]]}`)
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// block_size = 3
//
// def build_dataset(words):
//     X, Y = [], []
//     for w in words:
//         context = [0] * block_size
//         for ch in w + ".":
//             ix = stoi[ch]
//             X.append(context)
//             Y.append(ix)
//             context = context[1:] + [ix]
//     X, Y = torch.tensor(X), torch.tensor(Y)
//     print(X.shape, Y.shape)
//     return X, Y
//
// Xtr, Ytr = build_dataset(words[:n1])
// Xdev, Ydev = build_dataset(words[n1:n2])
// Xte, Yte = build_dataset(words[n2:])
//
// for x, y in zip(Xtr[:20], Ytr[:20]):
//     print("".join(itos[ix.item()] for ix in x), "-->", itos[y.item()])
// ```
//
// </details>

// %% [markdown]
// ## The forward pass, by hand
//
// Before a model does it for us, let us go from letters to a prediction by hand, and look at the shape after each step. The weights start
// as random numbers. There is a table `C` with ten numbers for each symbol, its *embedding*; the weights `W1` of a hidden layer with 200
// units; and the weights `W2` of the output layer, which has one unit for each symbol.
//
// A unit of the hidden layer adds up 30 terms. If each has variance 1, the sum has variance 30; dividing the weights by √30 brings it back
// to 1. The 200 terms of the output layer need √200.

// %%
const random = new Generator(42)
const normal = (...shape: number[]) =>
  Tensor.constant(random.randn(shape.reduce((size, extent) => size * extent)), shape)

const V = vocabulary.size
const C = normal(V, 10)
const W1 = normal(3 * 10, 200).div(Math.sqrt(3 * 10))
const W2 = normal(200, V).div(Math.sqrt(200))
const b2 = Tensor.full([V], 0)
console.log(C.shape, W1.shape, W2.shape, b2.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// torch.manual_seed(42)
// C = torch.randn((vocab_size, 10))
// W1 = torch.randn((3 * 10, 200)) / (3 * 10) ** 0.5
// W2 = torch.randn((200, vocab_size)) / 200 ** 0.5
// b2 = torch.zeros(vocab_size)
// print(C.shape, W1.shape, W2.shape, b2.shape)
// ```
//
// </details>

// %% [markdown]
// A *batch* is 32 examples, drawn at random.

// %%
const [X, Y] = [rows.inputs, rows.targets].map(({ data, shape }) => Tensor.constant(data, shape, "int32"))
const ix = Tensor.constant(random.randint(0, X.shape[0], 32), [32], "int32")
const [Xb, Yb] = [X.gather(ix), Y.gather(ix)]
console.log(Xb.shape, Yb.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// ix = torch.randint(0, Xtr.shape[0], (32,))
// Xb, Yb = Xtr[ix], Ytr[ix]
// print(Xb.shape, Yb.shape)
// ```
//
// </details>

// %% [markdown]
// Each symbol is replaced by its row of the table. Three symbols become three vectors of ten numbers, and the batch gets a third axis. (A
// one-hot vector times `C` would pick out the same row; looking it up is faster.) Here is the embedding of the first symbol of the first
// example.

// %%
const emb = C.gather(Xb) // (32, 3) -> (32, 3, 10)
console.log(emb.shape)
await show(emb.select(0, 0).select(0, 0))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// emb = C[Xb]
// print(emb.shape)
// print(emb[0, 0].shape, emb.dtype, emb[0, 0])
// ```
//
// </details>

// %% [markdown]
// The hidden layer takes a single vector per example. So the three embeddings are laid end to end, 30 numbers in all. This computes
// nothing: the numbers already lie in that order in memory, and are only read in another shape.

// %%
const flat = emb.reshape([32, -1]) // (32, 3, 10) -> (32, 30)
const linear = flat.matmul(W1) // (32, 30) -> (32, 200)
console.log(flat.shape, linear.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// flat = emb.view(32, -1)
// linear = flat @ W1
// print(flat.shape, linear.shape)
// ```
//
// </details>

// %% [markdown]
// Batch normalization brings each of the 200 units to mean 0 and variance 1 over the 32 examples. That keeps the numbers in the range where
// `tanh`, which comes next, is not flat: where it is flat, nothing can be learned. Why `tanh` at all? Without a nonlinearity in between,
// two linear layers could do no more than one. (The normalization is followed by a scale and a shift, which are learned. They start at 1
// and 0, so they change nothing yet.)

// %%
const [mean, variance] = [linear.mean(0), linear.var(0)] // (200)
const hidden = linear.sub(mean).div(variance.add(1e-5).sqrt()).tanh() // (32, 200)
console.log(mean.shape, variance.shape, hidden.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// mean, variance = linear.mean(0), linear.var(0)
// hidden = torch.tanh((linear - mean) / torch.sqrt(variance + 1e-5))
// print(mean.shape, variance.shape, hidden.shape)
// ```
//
// </details>

// %% [markdown]
// The output layer gives one number for each symbol, the *logits*. `softmax` turns them into probabilities: all positive, with the sum 1.
// The *loss* is minus the natural logarithm of the probability given to the right symbol, averaged over the batch; its unit is the *nat*.
// It would be 0 if the network were always certain and always right.
//
// A network that knows nothing should give all symbols the same probability, and then the loss is the logarithm of their number. Random
// weights do worse: they are confident and wrong, so the loss starts higher. The lecture multiplies `W2` by 0.1, which makes all logits
// small and the probabilities nearly equal at the start.

// %%
const logits = hidden.matmul(W2).add(b2) // (32, 200) -> (32, 27)
const fairer = hidden.matmul(W2.mul(0.1)).add(b2)
const lossOf = (logits: Tensor) => logits.crossEntropy(Yb).mean().item().toFixed(4)
console.log(
  logits.shape,
  `sum of the first probabilities ${logits.softmax().select(0, 0).sum().item().toFixed(4)}`,
)
console.log(`loss            ${lossOf(logits)}`)
console.log(`with 0.1 W2     ${lossOf(fairer)}`)
console.log(`a uniform guess ${Math.log(V).toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// logits = hidden @ W2 + b2
// fairer = hidden @ (0.1 * W2) + b2
// print(logits.shape, f"sum of the first probabilities {logits.softmax(1)[0].sum():.4f}")
// print(f"loss            {F.cross_entropy(logits, Yb):.4f}")
// print(f"with 0.1 W2     {F.cross_entropy(fairer, Yb):.4f}")
// print(f"a uniform guess {torch.tensor(vocab_size).log():.4f}")
// ```
//
// </details>

// %% [markdown]
// ## The network as layers
//
// Part 3 wrapped these steps in layers with the names they have in PyTorch: `Linear`, `BatchNorm1d`, `Tanh`. Here the whole network is a
// model of the library, `Flat`, which draws its weights in the same order as we did.

// %%
const generator = new Generator(42)
const model = new Flat({ vocabularySize: V, contextLength: 3 }).initialize(generator)
console.log(`${model.parameterCount} parameters`)

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
// torch.manual_seed(42)
// n_embd, n_hidden = 10, 200
// C = torch.randn((vocab_size, n_embd))
// layers = [
//     Linear(n_embd * block_size, n_hidden, bias=False), BatchNorm1d(n_hidden), Tanh(),
//     Linear(n_hidden, vocab_size),
// ]
// with torch.no_grad():
//     layers[-1].weight *= 0.1
//
// parameters = [C] + [p for layer in layers for p in layer.parameters()]
// print(sum(p.nelement() for p in parameters), "parameters")
// for p in parameters:
//     p.requires_grad = True
// ```
//
// </details>

// %%
await show(model)

// %% [markdown]
// ## Training
//
// A step draws 32 examples, finds how the loss changes with each parameter (the *gradient*), and moves every parameter a little in the
// direction in which the loss falls. The *learning rate* says how far: it is 0.1, and 0.01 after three quarters of the steps. The notebook
// takes 200,000 steps. A few thousand are enough to see the loss fall.

// %%
const rate = optim.step(0.1, { steps: Number(steps) }) // a tenth of it after three quarters of the steps
const losses = await follow(train(model, rows, { steps: Number(steps), rate, generator }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// lossi = []
// for i in range(steps):
//     ix = torch.randint(0, Xtr.shape[0], (32,))
//     Xb, Yb = Xtr[ix], Ytr[ix]
//
//     emb = C[Xb]
//     x = emb.view(emb.shape[0], -1)
//     for layer in layers:
//         x = layer(x)
//     loss = F.cross_entropy(x, Yb)
//
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//
//     lr = 0.1 if i < int(0.75 * steps) else 0.01
//     for p in parameters:
//         p.data += -lr * p.grad
//     lossi.append(loss.item())
// ```
//
// </details>

// %% [markdown]
// Every 500th loss. The first is the one that we computed by hand: same weights, same examples.

// %%
for (let step = 0; step < losses.length; step += 500)
  console.log(`${String(step).padStart(7)}/${steps.padStart(7)}: ${losses[step].toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for i in range(0, steps, 500):
//     print(f"{i:7d}/{steps:7d}: {lossi[i]:.4f}")
// ```
//
// </details>

// %% [markdown]
// The lecture is not happy with this plot: a thick, noisy band that shows little. Chapter 2 improves it.

// %%
await show(
  charts.lossPlot({
    training: losses.map((loss, step) => ({ step, loss })),
    window: 1,
    title: "The loss of each step",
  }),
)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// plt.plot(lossi)
// ```
//
// </details>

// %% [markdown]
// ## How good is it?
//
// A single batch says little; the loss over a whole part says more. In training, batch normalization takes the mean and the variance of the
// batch. Now it has to use the averages it kept along the way. Otherwise, what the network predicts for a name would depend on the other
// names in the batch. `evaluate` switches to this *evaluation mode* by itself; in PyTorch you have to remember to. Chapter 3 comes back to
// it.
//
// After 200,000 steps, the lecture's network has a loss of 2.058 on the training part and 2.105 on the validation part. The two are close,
// so the network has not memorized its names, and there is room for a larger one.

// %%
console.log(`train      ${(await evaluate(model, rows)).toFixed(3)}`)
console.log(`validation ${(await evaluate(model, validation)).toFixed(3)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for layer in layers:
//     layer.training = False
//
// @torch.no_grad()
// def logits_of(x):
//     emb = C[x]
//     x = emb.view(emb.shape[0], -1)
//     for layer in layers:
//         x = layer(x)
//     return x
//
// print(f"train      {F.cross_entropy(logits_of(Xtr), Ytr).item():.3f}")
// print(f"validation {F.cross_entropy(logits_of(Xdev), Ydev).item():.3f}")
// ```
//
// </details>

// %% [markdown]
// ## Names
//
// To make a name, start with three dots. The network says how likely each symbol is to come next. Draw one with these probabilities, append
// it, and go on with the last three symbols. The name is complete when a dot is drawn.
//
// Some of these could be names. Others nobody would give to a child. The rest of the lecture is about doing better.

// %%
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 20, generator })) console.log(vocabulary.decode(ids))
await sampler.release()

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for _ in range(20):
//     out = []
//     context = [0] * block_size
//     while True:
//         probs = F.softmax(logits_of(torch.tensor([context])), dim=1)
//         ix = torch.multinomial(probs, num_samples=1).item()
//         if ix == 0:
//             break
//         context = context[1:] + [ix]
//         out.append(ix)
//     print("".join(itos[i] for i in out))
// ```
//
// </details>
