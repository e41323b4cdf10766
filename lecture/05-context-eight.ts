// %% [markdown]
// # Chapter 5: eight letters
//
// *19:33 in the lecture, cells 5 to 13 of its notebook.* Before it builds the tree, the lecture makes the simplest change there is: the
// flat network reads eight letters instead of three. At 19:55 it trains that network. The loss is lower, and it is the baseline that the
// tree has to beat.

// %%
import {
  charts,
  display,
  evaluate,
  Flat,
  follow,
  Generator,
  loadText,
  openSampler,
  optim,
  show,
  split,
  train,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "10000"] = process.argv.slice(2)

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

// %%
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// words = open("names.txt").read().splitlines()
// chars = sorted(set("".join(words)))
// stoi = {s: i + 1 for i, s in enumerate(chars)}
// stoi["."] = 0
// itos = {i: s for s, i in stoi.items()}
// vocab_size = len(itos)
// random.seed(42)
// random.shuffle(words)
// n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
// ```
//
// </details>

// %% [markdown]
// ## One number changes
//
// In the notebook the number is `block_size`: 3 before, 8 now. The rest follows. The inputs become wider, and so does the layer that reads
// them.
//
// There are as many examples as before, since each symbol of a name still gives one. Only the context in front of it is longer. Most
// contexts begin with dots, because there are not yet eight letters to read.

// %%
const rowsOf = (lines: readonly string[], contextLength: number) => windows(lines, vocabulary, contextLength)
const rows = rowsOf(parts.train.lines, 8)
for (const contextLength of [3, 8])
  for (const { lines } of [parts.train, parts.validation, parts.test]) {
    const { inputs, targets } = rowsOf(lines, contextLength)
    console.log(inputs.shape, targets.shape)
  }

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def build_dataset(words, block_size):
//     X, Y = [], []
//     for w in words:
//         context = [0] * block_size
//         for ch in w + ".":
//             ix = stoi[ch]
//             X.append(context)
//             Y.append(ix)
//             context = context[1:] + [ix]
//     return torch.tensor(X), torch.tensor(Y)
//
// for block_size in (3, 8):
//     for part in (words[:n1], words[n1:n2], words[n2:]):
//         X, Y = build_dataset(part, block_size)
//         print(X.shape, Y.shape)
// ```
//
// </details>

// %%
for (let row = 0; row < 20; row++) {
  const context = Array.from(rows.inputs.data.subarray(8 * row, 8 * row + 8), (id) => vocabulary.symbols[id])
  console.log(`${context.join("")} --> ${vocabulary.symbols[rows.targets.data[row]]}`)
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// Xtr, Ytr = build_dataset(words[:n1], 8)
// for x, y in zip(Xtr[:20], Ytr[:20]):
//     print("".join(itos[ix.item()] for ix in x), "-->", itos[y.item()])
// ```
//
// </details>

// %% [markdown]
// Are eight enough? If a context reaches back to the start of the name, a longer one has nothing to add. Here is the share of examples for
// which that is so.

// %%
const within = (length: number) =>
  parts.train.lines.reduce((sum, name) => sum + Math.min(name.length + 1, length + 1), 0) /
  rows.inputs.shape[0]
for (const length of [3, 8, 16]) console.log(`${length} letters: ${(100 * within(length)).toFixed(1)} %`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def within(length):
//     return sum(min(len(w) + 1, length + 1) for w in words[:n1]) / Xtr.shape[0]
//
// for length in (3, 8, 16):
//     print(f"{length} letters: {100 * within(length):.1f} %")
// ```
//
// </details>

// %% [markdown]
// ## Three against eight
//
// Both networks are trained in the same way: from the same seed, for the same number of steps, with a learning rate that drops after three
// quarters of them.

// %%
const networkOf = (contextLength: number) => {
  const generator = new Generator(42)
  const model = new Flat({ vocabularySize: vocabulary.size, contextLength }).initialize(generator)
  const training = train(model, rowsOf(parts.train.lines, contextLength), {
    steps: Number(steps),
    rate: optim.step(0.1, { steps: Number(steps) }),
    generator,
  })
  return { contextLength, generator, model, training }
}
const [three, eight] = [3, 8].map(networkOf)
for (const { contextLength, model } of [three, eight])
  console.log(`context ${contextLength}: ${model.parameterCount} parameters`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// class Flat:
//     def __init__(self, block_size, n_embd=10, n_hidden=200):
//         torch.manual_seed(42)
//         fan_in = block_size * n_embd
//         self.C = torch.randn((vocab_size, n_embd))
//         self.W1 = torch.randn((fan_in, n_hidden)) / fan_in ** 0.5
//         self.gamma, self.beta = torch.ones(n_hidden), torch.zeros(n_hidden)
//         self.W2 = torch.randn((n_hidden, vocab_size)) / n_hidden ** 0.5 * 0.1
//         self.b2 = torch.zeros(vocab_size)
//         self.running_mean, self.running_var = torch.zeros(n_hidden), torch.ones(n_hidden)
//         self.training = True
//         self.parameters = [self.C, self.W1, self.gamma, self.beta, self.W2, self.b2]
//         for p in self.parameters:
//             p.requires_grad = True
//
//     def __call__(self, x):
//         x = self.C[x].flatten(1) @ self.W1
//         mean, var = self.running_mean, self.running_var
//         if self.training:
//             mean, var = x.mean(0), x.var(0)
//             self.running_mean = 0.9 * self.running_mean + 0.1 * mean.detach()
//             self.running_var = 0.9 * self.running_var + 0.1 * var.detach()
//         x = torch.tanh(self.gamma * (x - mean) / torch.sqrt(var + 1e-5) + self.beta)
//         return x @ self.W2 + self.b2
//
// for block_size in (3, 8):
//     print(f"context {block_size}:", sum(p.nelement() for p in Flat(block_size).parameters), "parameters")
// ```
//
// </details>

// %%
const lossesOfThree = await follow(three.training, { title: "Context 3" })

// %%
const lossesOfEight = await follow(eight.training, { title: "Context 8" })

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def train(block_size):
//     model = Flat(block_size)
//     X, Y = build_dataset(words[:n1], block_size)
//     lossi = []
//     for i in range(steps):
//         ix = torch.randint(0, X.shape[0], (32,))
//         loss = F.cross_entropy(model(X[ix]), Y[ix])
//         for p in model.parameters:
//             p.grad = None
//         loss.backward()
//         lr = 0.1 if i < int(0.75 * steps) else 0.01
//         for p in model.parameters:
//             p.data += -lr * p.grad
//         lossi.append(loss.item())
//     model.training = False
//     return model, lossi
//
// three, losses_of_three = train(3)
// eight, losses_of_eight = train(8)
// ```
//
// </details>

// %% [markdown]
// Here are both curves. Each point is the mean of 500 steps.

// %%
const curve = (name: string, losses: readonly number[]) => {
  const training = losses.map((loss, step) => ({ step, loss }))
  return { name, training: charts.windowMeans(training, 500) }
}
await show(charts.lossCurves([curve("context 3", lossesOfThree), curve("context 8", lossesOfEight)]))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// plt.plot(torch.tensor(losses_of_three).view(-1, 500).mean(1))
// plt.plot(torch.tensor(losses_of_eight).view(-1, 500).mean(1))
// ```
//
// </details>

// %% [markdown]
// ## The performance log
//
// The lecture keeps a log of what each change brings. You should too; a table is enough.

// %%
const log = [["network", "parameters", "train", "validation"]]
for (const { contextLength, model } of [three, eight]) {
  const [onTrain, onValidation] = [parts.train, parts.validation].map(({ lines }) =>
    rowsOf(lines, contextLength),
  )
  log.push([
    `flat, context ${contextLength}`,
    String(model.parameterCount),
    (await evaluate(model, onTrain)).toFixed(3),
    (await evaluate(model, onValidation)).toFixed(3),
  ])
}
const table = () => charts.table(log)
await show(display.shownAs(log, { text: table, markdown: () => charts.table(log, { markdown: true }) }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// @torch.no_grad()
// def loss_of(model, words, block_size):
//     X, Y = build_dataset(words, block_size)
//     return F.cross_entropy(model(X), Y).item()
//
// for block_size, model in ((3, three), (8, eight)):
//     on_train, on_validation = loss_of(model, words[:n1], block_size), loss_of(model, words[n1:n2], block_size)
//     count = sum(p.nelement() for p in model.parameters)
//     print(f"flat, context {block_size}   {count}   {on_train:.3f}   {on_validation:.3f}")
// ```
//
// </details>

// %% [markdown]
// And this is the lecture's log, after 200,000 steps on its own list of names. (The notebook no longer has the cells that made these two
// rows, so the random numbers behind them are unknown. `docs/performance-log.md` says how much the seed matters.)
//
// | network | parameters | train | validation |
// | --- | ---: | ---: | ---: |
// | flat, context 3 | 12,097 | 2.058 | 2.105 |
// | flat, context 8 | 22,097 | 1.918 | 2.027 |
//
// Two differences are worth computing. The first is how much the longer context lowers the validation loss. The second is how far the
// training loss lies below the validation loss. In the notebook that gap is more than twice as wide for the larger network: it has learned
// some things that hold only for the names it was trained on.

// %%
const [[, , trainOfThree, validationOfThree], [, , trainOfEight, validationOfEight]] = log.slice(1)
const gain = (higher: string, lower: string) => (Number(higher) - Number(lower)).toFixed(3)
console.log(`here:         context 8 brings ${gain(validationOfThree, validationOfEight)}`)
console.log(`the notebook: context 8 brings ${gain("2.105", "2.027")}`)
console.log(
  `here:         train is below by ${gain(validationOfThree, trainOfThree)} and ${gain(validationOfEight, trainOfEight)}`,
)
console.log(`the notebook: train is below by ${gain("2.105", "2.058")} and ${gain("2.027", "1.918")}`)

// %% [markdown]
// ## Names again
//
// Here are ten names from the network that reads eight letters.

// %%
const sampler = await openSampler(eight.model)
for await (const ids of sampler.sample({ count: 10, generator: eight.generator }))
  console.log(vocabulary.decode(ids))
await sampler.release()

// %% [markdown]
// The lecture does not tune this network any further, although the width of the embedding, the number of hidden units and the learning rate
// could all be better. It wants a baseline, and now has one: 2.027. Next comes the tree.
