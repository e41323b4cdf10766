// %% [markdown]
// # Chapter 9: dilated causal convolutions
//
// *17:11 and 47:44 in the lecture, cells 15 to 18 of its notebook.* The WaveNet paper does not speak of trees but of dilated causal
// convolutions. The lecture says that they compute the same thing more efficiently, and leaves them for another time. This chapter builds
// them. It turns the trained tree into convolutions with the same weights and counts what that saves. Then it uses what convolutions make
// possible: to learn from all positions of a name at once, and to draw each symbol at the same cost, however far back the network sees.

// %%
import {
  charts,
  evaluate,
  follow,
  Generator,
  data as lists,
  loadText,
  nn,
  openSampler,
  optim,
  receptiveFields,
  sequences,
  show,
  split,
  Tensor,
  TreeAsConvolution,
  train,
  Vocabulary,
  WaveNet,
  WaveNet2016,
  windows,
} from "makewave"

const [data = "names", steps = "2000"] = process.argv.slice(2)
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
// ## A trained tree
//
// We train the network of chapter 8 for a moment. Then we put it into evaluation mode, so that `BatchNorm1d` treats each example by itself.

// %%
const random = new Generator(42)
const tree = new WaveNet({ vocabularySize: vocabulary.size, embedding: 24, hidden: 128 }).initialize(random)
await follow(train(tree, rows, { steps: Number(steps), rate: 0.1, generator: random }))
tree.eval()

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// def level(width):
//     return [FlattenConsecutive(2), Linear(2 * width, 128, bias=False), BatchNorm1d(128), Tanh()]
//
// g = torch.Generator().manual_seed(42)
// tree = Sequential([
//     Embedding(vocab_size, 24),
//     *level(24),
//     *level(128),
//     *level(128),
//     Linear(128, vocab_size, gain=0.1),
// ])
// parameters = tree.parameters()
// for p in parameters:
//     p.requires_grad = True
//
// for step in range(steps):
//     ix = torch.randint(0, len(Xtr), (32,), generator=g)
//     loss = F.cross_entropy(tree(Xtr[ix]), Ytr[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     for p in parameters:
//         p.data += -0.1 * p.grad
//
// for layer in tree.layers:
//     layer.training = False
// torch.set_grad_enabled(False)
// ```
//
// </details>

// %%
console.log(`validation ${(await evaluate(tree, validation)).toFixed(3)} after ${steps} steps`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(f"validation {F.cross_entropy(tree(Xdev), Ydev).item():.3f} after {steps} steps")
// ```
//
// </details>

// %% [markdown]
// ## The examples of one name
//
// *Cell 15.* A name of seven letters gives eight examples: one for each letter, and one for its end. The notebook takes rows 7 to 14 of its
// training data, which spell diondre. We take the name that the video says, deandre.

// %%
const name = "deandre"
const examples = windows([name], vocabulary, 8)
const contexts = Tensor.constant(examples.inputs.data, examples.inputs.shape, "int32")
const symbolsOf = (ids: ArrayLike<number>) => Array.from(ids, (id) => vocabulary.symbols[id])
for (const [t, context] of contexts.unbind().entries())
  console.log(`${symbolsOf(context.values()).join("")} --> ${vocabulary.symbols[examples.targets.data[t]]}`)
console.log(contexts.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// name = "deandre"
// contexts, targets = build_dataset([name])
// for x, y in zip(contexts, targets):
//     print("".join(symbols[ix] for ix in x), "-->", symbols[y])
// print(list(contexts.shape))
// ```
//
// </details>

// %% [markdown]
// ## Eight calls
//
// *Cells 16 and 17.* One example goes through the tree and gives one row of logits. For all eight examples, the notebook calls the tree in
// a loop.

// %%
const [one] = contexts.unbind()
console.log(tree.forward(one.unsqueeze(0)).shape)

const rowsOfLogits = contexts.unbind().map((context) => tree.forward(context.unsqueeze(0)))
const logits = Tensor.concat(rowsOfLogits)
console.log(logits.shape)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print(list(tree(contexts[[0]]).shape))
//
// logits = torch.zeros(8, vocab_size)
// for i in range(8):
//     logits[i] = tree(contexts[[i]])
// print(list(logits.shape))
// ```
//
// </details>

// %% [markdown]
// This is the probability that the tree gives to each next symbol of the name:

// %%
const probabilities = logits.softmax().values()
for (const [t, next] of examples.targets.data.entries())
  console.log(`${vocabulary.symbols[next]} ${probabilities[t * vocabulary.size + next].toFixed(3)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// probabilities = logits.softmax(1)
// for t, next in enumerate(targets):
//     print(symbols[next], f"{probabilities[t, next].item():.3f}")
// ```
//
// </details>

// %% [markdown]
// ## What is computed more than once
//
// Each call computes seven nodes: four that see two symbols, two that see four, and one that sees all eight. `receptiveFields` finds this,
// as in chapter 4, by changing one symbol after another and noting what changes with it.

// %%
const [, ...levelsOfTree] = receptiveFields(tree)
await show(
  charts.receptiveFieldPlot({
    title: "The tree of the last example",
    symbols: symbolsOf(contexts.select(0, -1).values()),
    levels: levelsOfTree,
  }),
)

// %% [markdown]
// A node depends only on the symbols below it, and all nodes of a level have the same weights. So two nodes of a level that see the same
// symbols compute the same numbers, whichever of the eight calls they belong to. How many nodes are there, and how many of them are
// different?

// %%
const seen = levelsOfTree.map(({ sees }) =>
  contexts
    .unbind()
    .map((context) => symbolsOf(context.values()))
    .flatMap((symbols) => sees.map((positions) => positions.map((t) => symbols[t]).join(""))),
)
for (const [k, nodes] of seen.entries()) {
  const different = [...new Set(nodes)]
  console.log(`level ${k + 1}: ${nodes.length} nodes, ${different.length} different: ${different.join(" ")}`)
}
const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0)
const all = total(seen.map((nodes) => nodes.length))
const different = total(seen.map((nodes) => new Set(nodes).size))
console.log(`in all ${all} nodes, ${different} different`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// texts = ["".join(symbols[ix] for ix in x) for x in contexts]
// counts = []
// for k, width in enumerate([2, 4, 8]):
//     nodes = [text[i : i + width] for text in texts for i in range(0, 8, width)]
//     counts.append((len(nodes), len(set(nodes))))
//     print(f"level {k + 1}: {len(nodes)} nodes, {len(set(nodes))} different")
// print("in all", sum(n for n, _ in counts), "nodes,", sum(n for _, n in counts), "different")
// ```
//
// </details>

// %% [markdown]
// More than half of the nodes repeat one that was computed before. What is left is eight nodes on each level, one for each position of the
// name.
//
// ## One pass
//
// So we give each level one node at every position. A node of the first level reads the symbol at its own position and the one before it. A
// node of the second level reads the node below it, which has seen two symbols already, and the node 2 positions earlier. On the third
// level it is 4 positions. This distance is the *dilation*. No node reads anything later than its own position, so the convolution is
// *causal*.
//
// The first letter is predicted from eight dots, so we put seven more in front of the name's own first dot. Then the tree's layers are
// applied as they are. Only where the tree joins neighbours, each position is joined with an earlier one.

// %%
const padded = [...".".repeat(7), ".", ...name]
const row = Tensor.constant(
  padded.map((symbol) => vocabulary.symbols.indexOf(symbol)),
  [1, padded.length],
  "int32",
)
let y = row
let dilation = 1
for (const layer of tree.network.layers) {
  if (layer instanceof nn.FlattenConsecutive) {
    const earlier = y.slice(1, 0, y.shape[1] - dilation)
    const own = y.slice(1, dilation)
    y = Tensor.concat([earlier, own], 2)
    console.log(`each position and the one ${dilation} before:`, y.shape)
    dilation *= 2
  } else {
    y = layer.forward(y)
    console.log(layer.constructor.name, y.shape)
  }
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// row = torch.tensor([[0] * 8 + [symbols.index(symbol) for symbol in name]])
// y, dilation = row, 1
// for layer in tree.layers:
//     if isinstance(layer, FlattenConsecutive):
//         y = torch.cat([y[:, :-dilation], y[:, dilation:]], dim=2)
//         print(dilation, list(y.shape))
//         dilation *= 2
//     else:
//         y = layer(y)
//         print(layer.__class__.__name__, list(y.shape))
// ```
//
// </details>

// %% [markdown]
// Eight rows of logits come out of one pass over fifteen symbols. Are they the same as those of the eight calls?

// %%
const apart = (a: Tensor, b: Tensor) => {
  const [ours, theirs] = [a.values(), b.values()]
  return ours.reduce((most, x, k) => Math.max(most, Math.abs(x - theirs[k])), 0)
}
console.log(`the same: ${apart(logits, y) < 1e-12}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// print("the same:", torch.allclose(logits, y[0], atol=1e-4))
// ```
//
// </details>

// %% [markdown]
// ## As a layer
//
// To join each position with an earlier one and multiply by a matrix is a *convolution* with a kernel of size 2. Its weight holds the same
// numbers as the tree's: the first half of the rows is for the earlier position, the second half for the position itself.

// %%
let level = 0
const convolutional = new nn.Sequential(
  tree.network.layers.flatMap((layer): nn.Layer[] => {
    if (layer instanceof nn.FlattenConsecutive) return []
    if (!(layer instanceof nn.Linear) || level === 3) return [layer]
    const [inputs, outputs] = layer.weight.shape // (2 E, H)
    const convolution = new nn.Conv1d(inputs / 2, outputs, 2, { dilation: 2 ** level++, bias: false })
    convolution.weight.data = layer.weight.data // (2, E, H)
    return [convolution]
  }),
)
convolutional.eval()
console.log(`the same: ${apart(logits, convolutional.forward(row)) < 1e-12}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// `conv1d` wants the channels in the middle, and a weight of (H, E, 2).
//
// ```python
// y, dilation = row, 1
// for k, layer in enumerate(tree.layers):
//     if isinstance(layer, FlattenConsecutive):
//         continue
//     if isinstance(tree.layers[k - 1], FlattenConsecutive):
//         inputs, outputs = layer.weight.shape
//         weight = layer.weight.view(2, inputs // 2, outputs).permute(2, 1, 0)
//         y = F.conv1d(y.transpose(1, 2), weight, dilation=dilation).transpose(1, 2)
//         dilation *= 2
//     else:
//         y = layer(y)
// print("the same:", torch.allclose(logits, y[0], atol=1e-4))
// ```
//
// </details>

// %%
await show(nn.summarize(convolutional, row))

// %% [markdown]
// ## Its picture
//
// Which positions does a node of a convolution read? Put a one at a single position and zeros everywhere else: each node whose output is
// not zero has read that position. This time the convolutions run over the name alone and see zeros before it, so there is one node for
// each position.

// %%
const reads = convolutional.layers
  .filter((layer) => layer instanceof nn.Conv1d)
  .map(({ weight, dilation }) => {
    const [, width, outputs] = weight.shape
    const convolution = new nn.CausalConv1d(width, outputs, 2, { dilation, bias: false })
    convolution.weight.data = weight.data
    const impulses = Tensor.arange(8).oneHot(8).unsqueeze(2).expand([8, 8, width]) // a row for each position
    const answers = convolution.forward(impulses).norm(2) // (position, node)
    return answers
      .transpose()
      .unbind()
      .map((node) => Array.from(node.values().keys()).filter((t) => node.values()[t] > 0))
  })
for (const [k, nodes] of reads.entries())
  console.log(
    `level ${k + 1}: ${nodes.length} nodes, which read ${nodes.map((each) => each.join("+")).join(", ")}`,
  )

// %%
const levels: { channels: number; sees: number[][]; reads: number[][] }[] = []
for (const nodes of reads) {
  const below = levels.at(-1)
  const sees = nodes.map((each) => each.flatMap((node) => below?.sees[node] ?? [node]))
  levels.push({ channels: 128, sees, reads: nodes })
}
await show(charts.receptiveFieldPlot({ title: "One pass over the name", symbols: padded.slice(7), levels }))

// %% [markdown]
// The filled nodes are the tree of the last example. Move them two positions to the left, and you have the tree of the example two before
// it; three of its four nodes on the first level are filled here already. Each node is computed once and is used by all the trees it
// belongs to.
//
// ## How much is saved
//
// Most of the work of a network is multiplying matrices, and the multiplications can be counted. `TreeAsConvolution` is the library's
// version of this chapter's convolutions. It saves a little more: the nodes over the dots in front of a name are all equal, and it computes
// them once per level. (`makewave lecture --dilated` compares the two forms of a whole run.)

// %%
const ofTheTree = nn.multiplications(logits)
const ofOnePass = nn.multiplications(convolutional.forward(row))
const dilated = new TreeAsConvolution(tree)
const ofTheLibrary = dilated.forward(row.slice(1, 7))
console.log(`the same: ${apart(logits, ofTheLibrary) < 1e-12}`)
console.log(`eight calls: ${ofTheTree} multiplications`)
console.log(`one pass over ${padded.length} symbols: ${ofOnePass}`)
console.log(`with the dots only once: ${nn.multiplications(ofTheLibrary)}`)
console.log(`${(ofTheTree / nn.multiplications(ofTheLibrary)).toFixed(2)} times fewer`)

// %% [markdown]
// That is less than you might hope for, with more than half of the nodes gone. The expensive nodes are those with 256 inputs. A tree of
// three levels has only three of them, and one of those, the top, is never shared. Deeper trees gain more. A tree over T symbols has T - 1
// nodes. The convolution has one node per level at each position, and T symbols need only log₂ T levels.

// %%
for (const contextLength of [8, 16, 64, 1024]) {
  const deep = new WaveNet({ vocabularySize: vocabulary.size, contextLength }).eval()
  const cost = (T: number) =>
    nn.multiplications(new TreeAsConvolution(deep).forward(Tensor.input("ids", [1, T], "int32")))
  const asTree = nn.multiplications(deep.forward(Tensor.input("ids", [1, contextLength], "int32")))
  const asConvolution = cost(2) - cost(1) // one more position
  const times = (asTree / asConvolution).toFixed(1)
  console.log(`context ${contextLength}: ${asTree} or ${asConvolution} a prediction, ${times} times fewer`)
}

// %% [markdown]
// The last line has the size of one stack of the paper's network for sound, with ten levels.
//
// *Cell 18* of the notebook is a remark: a convolution is a for loop. It slides a small network, here the tree, over the positions of its
// input. The loop of cell 17 is written in Python and calls the whole network eight times. The loop of a convolution is inside the kernel,
// the compiled code that multiplies the matrices, where it is fast. And the nodes that its steps have in common are computed only once.
//
// ## Learning from all positions
//
// The paper's network consists of such convolutions. Each has a *gate*: a tanh times a sigmoid, which decides how much of it passes. A
// *residual connection* adds the input of a layer to its output, and *skip connections* lead from every layer straight to the output
// layers. The library has this network as `WaveNet2016`. It reads a whole name and predicts the next symbol at each position. So one row of
// the data is a whole name.

// %%
const longest = lists.longest(text.lines) + 1
const [names, validationNames] = [parts.train, parts.validation].map(({ lines }) =>
  sequences(lines, vocabulary, longest),
)
console.log(names.inputs.shape)
console.log(`${(rows.inputs.shape[0] / names.inputs.shape[0]).toFixed(1)} predictions a name`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// longest = max(len(word) for word in words) + 1
// print([n1, longest])
// print(f"{len(Xtr) / n1:.1f} predictions a name")
// ```
//
// </details>

// %%
const openStack = () =>
  new WaveNet2016({
    ...{ vocabularySize: vocabulary.size, contextLength: longest },
    ...{ layers: 3, stacks: 1, residualChannels: 32, dilationChannels: 32, skipChannels: 64 },
  }).initialize(random.manualSeed(42))
const stack = openStack()
await show(nn.summarize(stack, Tensor.input("ids", [32, longest], "int32")))
console.log(`it sees ${stack.receptiveField} symbols`)

const cost = (network: WaveNet | WaveNet2016, T: number) =>
  nn.multiplications(network.forward(Tensor.input("ids", [32, T], "int32")))
const predictions = Math.round((32 * rows.inputs.shape[0]) / names.inputs.shape[0])
console.log(`32 windows through the tree: ${cost(tree, 8)} multiplications for 32 predictions`)
console.log(`32 names through this: ${cost(stack, longest)} for about ${predictions}`)

// %% [markdown]
// How much does it help to learn from all positions? We train the same network twice, for the same number of steps. The first time it gets
// four names a step, which hold about as many predictions as the tree's 32 examples. The second time it gets 32 names a step: eight times
// as many predictions, at eight times the work.

// %%
const learn = async (network: WaveNet2016, batchSize: number) => {
  const name = `${batchSize} names a step`
  const rate = optim.cosine(0.005, { steps: Number(steps) })
  const options = { steps: Number(steps), batchSize, optimizer: optim.adamw(), rate, generator: random }
  const losses = await follow(train(network, names, options), { title: name })
  const points = losses.map((loss, step) => ({ step, loss }))
  const training = charts.windowMeans(points, Math.ceil(losses.length / 50))
  return { name, training, loss: await evaluate(network, validationNames) }
}
const four = await learn(openStack(), 4)
const thirtyTwo = await learn(stack, 32)
for (const { name, loss } of [four, thirtyTwo]) console.log(`${name}: validation ${loss.toFixed(3)}`)
console.log(`lower by ${(four.loss - thirtyTwo.loss).toFixed(3)}`)

// %%
await show(charts.lossCurves([four, thirtyTwo], { title: "The same number of steps" }))

// %% [markdown]
// Every symbol of a name is something to learn from, and none of them needs a pass of its own.
//
// ## Sampling at a constant cost
//
// A network makes a name symbol by symbol. Each time it reads the whole name so far, although only the last symbol is new. In the picture
// above, only the nodes at the right edge are new. So each level can keep its last inputs, as many positions as its dilation, and a new
// symbol costs one node per level. `openSampler` does this. Here are five names from it, and five names from the same seed for which
// everything is read again for each symbol:

// %%
const sampler = await openSampler(stack)
const kept: string[] = []
for await (const ids of sampler.sample({ count: 5, generator: random.manualSeed(42) }))
  kept.push(vocabulary.decode(ids))
await sampler.release()
console.log(kept.join(", "))

stack.eval()
random.manualSeed(42)
const drawn: string[] = []
while (drawn.length < 5) {
  const ids = [0]
  do {
    const read = stack.forward(Tensor.constant(ids, [1, ids.length], "int32"))
    const [next] = random.multinomial(read.select(1, -1).softmax().values(), 1)
    ids.push(next)
  } while (ids.at(-1) !== 0 && ids.length < longest)
  drawn.push(vocabulary.decode(ids.slice(1)))
}
console.log(drawn.join(", "))

// %% [markdown]
// How much does this save? Take twelve layers of 64 channels, in stacks of one layer, of two, and so on. The work per symbol stays the
// same. What grows is how far back the network sees, and with it the work of reading everything again.

// %%
for (const layers of [1, 2, 4, 6, 12]) {
  const deep = new WaveNet2016({ vocabularySize: vocabulary.size, layers, stacks: 12 / layers }).eval()
  const cost = (T: number) => nn.multiplications(deep.forward(Tensor.input("ids", [1, T], "int32")))
  const asBefore = cost(deep.receptiveField)
  const once = cost(2) - cost(1)
  console.log(
    `sees ${deep.receptiveField} symbols: ${once} multiplications a symbol, ` +
      `${asBefore} to read all again, ${Math.round(asBefore / once)} times as many`,
  )
}

// %% [markdown]
// Reading everything again takes as many times the work as there are symbols to see. For names that hardly matters. A second of sound is
// some 16,000 samples, each drawn after the one before, and there it decides whether you can wait for the result.
// `docs/cached-generation.md` has more.
