// %% [markdown]
// # Chapter 2: a loss plot you can read
//
// *6:56 in the lecture, cells 10 and 11 of its notebook.* The plot at the end of chapter 1 is a thick band. A batch has only 32 examples,
// and some batches are easier than others, whatever the network has learned. This chapter measures the band, averages it away in one line,
// and sees what it was hiding.

// %%
import {
  charts,
  Flat,
  follow,
  Generator,
  loadText,
  optim,
  show,
  split,
  Tensor,
  train,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "20000"] = process.argv.slice(2)

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
// ## The training again
//
// The network, the examples and the seed are those of chapter 1. There are more steps, and the loss of every step is kept. After three
// quarters of the steps, the learning rate drops from 0.1 to 0.01.

// %%
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 3)

const generator = new Generator(42)
const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 3 }).initialize(generator)
const rate = optim.step(0.1, { steps: Number(steps) })
const losses = await follow(train(model, rows, { steps: Number(steps), rate, generator }))

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
// X, Y = [], []
// for w in words[:int(0.8 * len(words))]:
//     context = [0] * 3
//     for ch in w + ".":
//         X.append(context)
//         Y.append(stoi[ch])
//         context = context[1:] + [stoi[ch]]
// X, Y = torch.tensor(X), torch.tensor(Y)
//
// torch.manual_seed(42)
// C = torch.randn((vocab_size, 10))
// W1 = torch.randn((30, 200)) / 30 ** 0.5
// gamma, beta = torch.ones(200), torch.zeros(200)
// W2, b2 = torch.randn((200, vocab_size)) / 200 ** 0.5 * 0.1, torch.zeros(vocab_size)
// parameters = [C, W1, gamma, beta, W2, b2]
// for p in parameters:
//     p.requires_grad = True
//
// lossi = []
// for i in range(steps):
//     ix = torch.randint(0, X.shape[0], (32,))
//     x = C[X[ix]].view(32, -1) @ W1
//     x = gamma * (x - x.mean(0)) / torch.sqrt(x.var(0) + 1e-5) + beta
//     loss = F.cross_entropy(torch.tanh(x) @ W2 + b2, Y[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     lr = 0.1 if i < int(0.75 * steps) else 0.01
//     for p in parameters:
//         p.data += -lr * p.grad
//     lossi.append(loss.item())
// ```
//
// </details>

// %% [markdown]
// ## The band
//
// Here is the loss of every step. (The notebook plots its logarithm to the base 10, which is just as noisy.)

// %%
const training = losses.map((loss, step) => ({ step, loss }))
await show(charts.lossPlot({ training, window: 1, title: "The loss of each step" }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// plt.plot(lossi)
// ```
//
// </details>

// %% [markdown]
// How thick is the band? Towards the end the network hardly changes, so the last 1,000 losses differ mostly because their batches do.

// %%
console.log(`${losses.length} losses, from ${losses[0].toFixed(4)}`)
const last = Tensor.constant(losses.slice(-1000))
console.log(`mean               ${last.mean().item().toFixed(3)}`)
console.log(`standard deviation ${last.std().item().toFixed(3)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(len(lossi), f"losses, from {lossi[0]:.4f}")
// last = torch.tensor(lossi[-1000:])
// print(f"mean               {last.mean():.3f}")
// print(f"standard deviation {last.std():.3f}")
// ```
//
// </details>

// %% [markdown]
// ## Rows
//
// First a small example. Ten numbers can be read as two rows of five. Their order stays the same; only the shape changes. One of the sizes
// may be -1, which stands for whatever is left.

// %%
const ten = Tensor.arange(10)
await show(ten.reshape([2, 5]))
console.log(ten.reshape([-1, 5]).shape, ten.reshape([5, -1]).shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// ten = torch.arange(10)
// print(ten.view(2, 5).shape, ten.view(2, 5))
// print(ten.view(-1, 5).shape, ten.view(5, -1).shape)
// ```
//
// </details>

// %% [markdown]
// The mean over axis 1 turns each row into one number.

// %%
console.log(ten.reshape([2, 5]).cast("float32").mean(1).values().join(" and "))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(*ten.view(2, 5).float().mean(1).tolist(), sep=" and ")
// ```
//
// </details>

// %% [markdown]
// ## Rows of a thousand
//
// Now the same with the losses: each row holds 1,000 of them, one after another, and we take the mean of each row. The number of losses
// must be a multiple of 1,000. If it is not, an error says that the shape does not fit.

// %%
const rowsOfLosses = Tensor.constant(losses).reshape([-1, 1000])
const means = rowsOfLosses.mean(1)
console.log(rowsOfLosses.shape, "->", means.shape)
for (const [row, mean] of means.values().entries())
  console.log(
    `steps ${String(1000 * row).padStart(6)} to ${String(1000 * row + 999).padStart(6)}: ${mean.toFixed(3)}`,
  )

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// means = torch.tensor(lossi).view(-1, 1000).mean(1)
// print(torch.tensor(lossi).view(-1, 1000).shape, "->", means.shape)
// for row, mean in enumerate(means):
//     print(f"steps {1000 * row:6d} to {1000 * row + 999:6d}: {mean:.3f}")
// ```
//
// </details>

// %% [markdown]
// Averaging cancels most of the noise. The mean of n independent numbers varies √n times less than a single one: for 1,000 numbers, about
// 32 times less. How much it varies is called its *standard error*. If two rows differ by several standard errors, that is more than
// chance.

// %%
const standardError = last.std().item() / Math.sqrt(last.size)
console.log(`standard error of a mean: ${standardError.toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(f"standard error of a mean: {last.std() / last.nelement() ** 0.5:.4f}")
// ```
//
// </details>

// %% [markdown]
// ## The drop
//
// Now the plot shows what happened. The faint strip behind the line shows where the middle half of the losses lies.

// %%
await show(charts.lossPlot({ training, window: 1000, title: "Means of 1,000 losses" }))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// plt.plot(means)
// ```
//
// </details>

// %% [markdown]
// The loss falls fast, then slowly, then hardly at all. And then it drops: that is where the learning rate is lowered. At 0.1 every step
// overshoots a little, and the network bounces around the bottom of a valley without reaching it. At 0.01 it settles.
//
// How much did the loss fall from one row to the next, just before the rate was lowered and just after?

// %%
const at = Math.round((0.75 * Number(steps)) / 1000) // the first row with the lower rate
const falls = Array.from(means.values()).map((mean, row, all) => (row === 0 ? 0 : all[row - 1] - mean))
console.log(
  `row ${at - 1}, rate ${rate(1000 * (at - 1))}: ${falls[at - 1].toFixed(3)} lower than the row before`,
)
console.log(`row ${at}, rate ${rate(1000 * at).toFixed(2)}: ${falls[at].toFixed(3)} lower`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// at = round(0.75 * steps / 1000)
// falls = means[:-1] - means[1:]
// print(f"row {at - 1}, rate 0.1: {falls[at - 2]:.3f} lower than the row before")
// print(f"row {at}, rate 0.01: {falls[at - 1]:.3f} lower")
// ```
//
// </details>

// %% [markdown]
// In the notebook the drop comes at step 150,000 of 200,000. Such a plot also tells you when to lower the rate: once the line is flat. And
// it tells you when you did it too early: in the table above, the loss is still falling from row to row at step 3,000, which is where a
// training of 4,000 steps would have lowered the rate.
//
// `follow` draws such a curve while a training runs, and `charts.lossPlot` draws it afterwards.
