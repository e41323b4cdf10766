// %% [markdown]
// # Chapter 4: the idea of WaveNet
//
// *17:11 in the lecture.* The code is tidy now, and the network can grow. We could let it read more letters and give it more hidden units.
// But there is something wrong with its architecture. This chapter trains nothing. It shows what is wrong, what WaveNet does instead, and
// what that costs.

// %%
import { charts, Flat, nn, receptiveFields, show, WaveNet } from "makewave"

const context = "deandre".padStart(8, ".")
const vocabularySize = 27

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import torch
//
// vocab_size = 27
// ```
//
// </details>

// %% [markdown]
// ## All at once
//
// Suppose we give the network of the last chapters eight letters instead of three. It still has one hidden layer, and that layer takes in
// all the embeddings in one gulp. Above it there are no letters any more, only 200 numbers. Whatever the network learns about letters and
// their neighbours has to come out of this one matrix product.
//
// Here is a picture of it. Each dot is a *node*, a place where the network computes something, and the lines lead to what it is computed
// from. At the bottom are the eight symbols from which the network should predict that `deandre` ends here.

// %%
const flat = new Flat({ vocabularySize, contextLength: 8 })
await show(
  charts.receptiveFieldPlot({ levels: receptiveFields(flat), symbols: [...context], title: "All at once" }),
)

// %% [markdown]
// More layers on top would come too late: everything has already been squashed into one vector below them.
//
// ## Slowly
//
// WaveNet (van den Oord et al., 2016) is a network for sound: it predicts the next sample of a waveform from the samples before it. There
// are thousands of those, and it does not take them in all at once. It joins them **two by two**. With letters, two of them become a pair,
// two pairs become a group of four, and two groups of four are the whole context. This makes a tree, and each of its levels has a layer of
// its own.

// %%
const tree = new WaveNet({ vocabularySize, contextLength: 8 })
await show(
  charts.receptiveFieldPlot({ levels: receptiveFields(tree), symbols: [...context], title: "Two by two" }),
)

// %% [markdown]
// These pictures are not drawn by hand. `receptiveFields` changes one symbol after another, and notes which nodes change with it. The
// symbols that a node sees are its *receptive field*. Its size doubles from level to level.

// %%
for (const [level, { sees, channels }] of receptiveFields(tree).entries())
  console.log(
    `level ${level}: ${sees.length} × ${channels} numbers; a node sees ${sees[0].length} of the letters`,
  )

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// x = torch.randn((1, 8, 24), requires_grad=True)
// y = x
// for level in range(4):
//     if level > 0:
//         y = y.view(1, y.shape[1] // 2, -1) @ torch.randn((2 * y.shape[2], 128))
//     (gradient,) = torch.autograd.grad(y[0, 0].sum(), x, retain_graph=True)
//     seen = (gradient[0].abs().sum(1) > 0).sum().item()  # the letters that the first node depends on
//     print(f"level {level}: {y.shape[1]} × {y.shape[2]} numbers; a node sees {seen} of the letters")
// ```
//
// </details>

// %% [markdown]
// So a longer context needs a deeper network, but not a much deeper one: each further level doubles what the last node sees.
//
// ## Dilated causal convolutions
//
// The paper speaks of *dilated causal convolutions*, which sounds harder than it is. The words say how the tree is computed, not what it
// computes. We want a prediction at every position of a name, and the trees of different positions have nodes in common. A convolution
// slides over all positions and computes each node once. It is *causal* because no node sees what comes later, and *dilated* because a node
// reads two others with a gap between them: they are next to each other on the first level, then two apart, then four.
//
// The lecture leaves the convolutions for later and builds the tree. So do we; the convolutions come in chapter 9. Here is how far a stack
// of them sees: with dilations 1, 2, 4, as far as the tree.

// %%
for (const dilations of [[1], [1, 2], [1, 2, 4], [1, 2, 4, 8], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]])
  console.log(`dilations ${dilations.join(", ")}: receptive field ${nn.receptiveField(dilations, 2)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// for levels in (1, 2, 3, 4, 10):
//     dilations = [2 ** level for level in range(levels)]
//     print("dilations", *dilations, "receptive field", 1 + sum(dilations))
// ```
//
// </details>

// %% [markdown]
// The last line is a stack as in the paper, ten levels high. The paper puts several such stacks on top of each other. Its levels are also
// more elaborate: they have gates, and residual and skip connections. The lecture keeps to a linear layer, batch normalization and a tanh.
//
// ## What it costs
//
// A larger network is often a better one. To compare two architectures fairly, give both about the same number of parameters. The tree of
// chapter 6 has 68 hidden units on each level; with eight letters that makes it about as large as the flat network with its 200.
//
// When the context doubles, so does the flat network's first layer. The tree gets one more level.

// %%
for (const contextLength of [8, 16, 32, 64]) {
  const flat = new Flat({ vocabularySize, contextLength, embedding: 10, hidden: 200 })
  const tree = new WaveNet({ vocabularySize, contextLength, embedding: 10, hidden: 68 })
  console.log(
    `context ${contextLength}: ${flat.parameterCount} parameters flat, ${tree.parameterCount} as a tree`,
  )
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// from torch import nn
//
// def count(*layers):
//     return sum(p.nelement() for p in nn.Sequential(*layers).parameters())
//
// def level(inputs, outputs):
//     return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs)]
//
// for context in (8, 16, 32, 64):
//     flat = count(nn.Embedding(vocab_size, 10), *level(context * 10, 200), nn.Linear(200, vocab_size))
//     above = []
//     for _ in range(context.bit_length() - 2):
//         above += level(2 * 68, 68)
//     tree = count(nn.Embedding(vocab_size, 10), *level(2 * 10, 68), *above, nn.Linear(68, vocab_size))
//     print(f"context {context}: {flat} parameters flat, {tree} as a tree")
// ```
//
// </details>

// %% [markdown]
// To see what the tree is worth, we need a baseline. Chapter 5 gives the flat network its eight letters.
