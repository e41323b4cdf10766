// %% [markdown]
// # Chapter 12: the development process
//
// *52:28 in the lecture.* Near its end, the lecture describes what developing a network is really like. You read documentation, which is
// incomplete and sometimes wrong, so you do not rely on it alone. You make shapes fit, with reshapes and transposes and many prints. You
// prototype in a notebook, where each cell answers at once. When the shapes are right, you copy the code into a repository, and start the
// experiments there. Then you go back to the notebook with the results.
//
// This chapter goes through all of that once, with a small idea. On the way it makes the usual mistakes, and shows the message that each
// one gives.

// %%
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import {
  addModel,
  follow,
  functional,
  Generator,
  loadText,
  nn,
  openModel,
  openSampler,
  show,
  split,
  Tensor,
  train,
  UserError,
  Vocabulary,
  windows,
} from "makewave"

const [data = "names", steps = "1000"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 8)
console.log(rows.inputs.shape, vocabulary.size)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import random
// import torch
// import torch.nn.functional as F
//
// words = open("names.txt", encoding="utf-8").read().splitlines()
// symbols = ["."] + sorted(set("".join(words)))
// vocab_size = len(symbols)
// random.seed(42)
// random.shuffle(words)
//
// X, Y = [], []
// for word in words[:int(0.8 * len(words))]:
//     context = [0] * 8
//     for symbol in word + ".":
//         ix = symbols.index(symbol)
//         X.append(context)
//         Y.append(ix)
//         context = context[1:] + [ix]
// X, Y = torch.tensor(X), torch.tensor(Y)
// print(list(X.shape), vocab_size)
// ```
//
// </details>

// %% [markdown]
// ## The idea
//
// The flat network has one hidden layer, `tanh(x F)`. WaveNet's authors use a *gated* unit instead, `tanh(x F) ⊙ σ(x G)`. One matrix gives
// the output. The other, through a sigmoid between 0 and 1, says how much of it passes. Does that help a network as small as ours?
//
// ## Shapes first
//
// You need no data and no training to find out whether layers fit together. An input tensor has a shape and no numbers yet, and each
// operation knows the shape of its result. We take four examples, eight letters, ten numbers per letter and a hundred hidden units. It
// helps that the four sizes are all different: with 8 examples of 8 letters, a mistake could fit by chance.

// %%
const [B, T, E, H] = [4, 8, 10, 100]
const tried = (attempt: () => Tensor) => {
  try {
    console.log(attempt().shape)
  } catch (error) {
    console.log(`${(error as Error).name}: ${(error as Error).message}`)
  }
}

const ids = Tensor.input("ids", [B, T], "int32")
const embedded = new nn.Embedding(vocabulary.size, E).forward(ids)
tried(() => ids)
tried(() => embedded)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// B, T, E, H = 4, 8, 10, 100
// ids = torch.randint(0, vocab_size, (B, T))
// embedded = torch.randn(vocab_size, E)[ids]
// print(list(ids.shape))
// print(list(embedded.shape))
// ```
//
// </details>

// %% [markdown]
// The first mistake is a common one: the linear layer gets the embeddings as they are.

// %%
tried(() => new nn.Linear(T * E, H).forward(embedded))

// %% [markdown]
// The message names the layer, the shape it got, and what it takes. Each row holds the 10 numbers of *one* letter, and the layer wants the
// 80 numbers of all eight. They have to be laid end to end first.
//
// <details><summary>In PyTorch</summary>
//
// ```python
// try:
//     torch.nn.Linear(T * E, H)(embedded)
// except RuntimeError as error:
//     assert "mat1 and mat2 shapes cannot be multiplied (32x10 and 80x100)" in str(error)
// ```
//
// PyTorch has already merged the first two axes into 32 rows, so its message shows a matrix that does not occur in the code.
//
// </details>

// %%
const x = new nn.Flatten().forward(embedded)
const what = new nn.Linear(T * E, H, { bias: false }).forward(x).tanh()
tried(() => x)
tried(() => what)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// x = embedded.view(B, -1)
// what = torch.tanh(x @ torch.randn(T * E, H))
// print(list(x.shape))
// print(list(what.shape))
// ```
//
// </details>

// %% [markdown]
// Now the gate. The second mistake is to make it as wide as its input. It has to be as wide as what it is multiplied with.

// %%
tried(() => what.mul(new nn.Linear(T * E, T * E, { bias: false }).forward(x).sigmoid()))
tried(() => what.mul(new nn.Linear(T * E, H, { bias: false }).forward(x).sigmoid()))

// %% [markdown]
// Two shapes broadcast if, read from the right, their sizes are equal or one of them is 1. Here 100 meets 80.
//
// The third mistake is at the other end: the loss gets a target for each *position*, but this network makes one prediction for each
// example.

// %%
const logits = new nn.Linear(H, vocabulary.size).forward(what)
tried(() => functional.crossEntropy(logits, ids))
tried(() => functional.crossEntropy(logits, Tensor.input("next", [B], "int32")))

// %% [markdown]
// The loss is a single number, so its shape is empty.
//
// The fourth mistake gives no message. There is a column with one number for each example, (4, 1), and you want to subtract a mean for each
// example. The means were computed without `keepDim`, so their shape is (4) and not (4, 1):

// %%
const column = Tensor.input("column", [B, 1])
tried(() => column.sub(Tensor.input("means", [B])))
tried(() => column.sub(Tensor.input("means", [B, 1])))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// column = torch.randn(B, 1)
// print(list((column - torch.randn(B)).shape))
// print(list((column - torch.randn(B, 1)).shape))
// ```
//
// </details>

// %% [markdown]
// The first result is (4, 4): every number minus every mean, which is not what you want. It is legal in PyTorch and here, and the training
// would go on with it. The bug of chapter 7 was of this kind: every shape was legal, and the mean was over the wrong axes. No library
// catches these. What catches them is printing shapes, and a comment on each line that says what its shape should be.
//
// ## A layer
//
// The cells above become a class. A layer has its parts as fields, which need no registration, and a `forward` method.

// %%
class GatedUnit extends nn.Layer {
  readonly filter: nn.Linear // (I) -> (O)
  readonly gate: nn.Linear // (I) -> (O)

  constructor(inputs: number, outputs: number) {
    super()
    this.filter = new nn.Linear(inputs, outputs, { bias: false })
    this.gate = new nn.Linear(inputs, outputs, { bias: false })
  }

  // (..., I) -> (..., O)
  forward(x: Tensor): Tensor {
    return this.filter.forward(x).tanh().mul(this.gate.forward(x).sigmoid())
  }
}

const generator = new Generator(42)
const network = new nn.Sequential([
  new nn.Embedding(vocabulary.size, E),
  new nn.Flatten(),
  new GatedUnit(T * E, H),
  new nn.Linear(H, vocabulary.size, { gain: 0.1 }), // less confident at first
]).initialize(generator)
await show(nn.summarize(network, ids))

// %% [markdown]
// The summary prints all the shapes at once. The next cell trains the network.

// %%
const losses = await follow(
  train(network, rows, {
    loss: ({ inputs, targets }) => functional.crossEntropy(network.forward(inputs), targets),
    steps: Number(steps),
    rate: 0.1,
    generator,
  }),
)

// %%
const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each) / numbers.length
console.log(
  `first loss ${losses[0].toFixed(4)}, mean of the last 100: ${mean(losses.slice(-100)).toFixed(3)}`,
)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// g = torch.Generator().manual_seed(42)
// C = torch.randn((vocab_size, E), generator=g)
// filter = torch.randn((T * E, H), generator=g) / (T * E) ** 0.5
// gate = torch.randn((T * E, H), generator=g) / (T * E) ** 0.5
// W = torch.randn((H, vocab_size), generator=g) / H**0.5 * 0.1
// b = torch.zeros(vocab_size)
// parameters = [C, filter, gate, W, b]
// for p in parameters:
//     p.requires_grad = True
//
// losses = []
// for _ in range(steps):
//     ix = torch.randint(0, len(X), (32,), generator=g)
//     x = C[X[ix]].view(32, -1)
//     logits = torch.tanh(x @ filter) * torch.sigmoid(x @ gate) @ W + b
//     loss = F.cross_entropy(logits, Y[ix])
//     for p in parameters:
//         p.grad = None
//     loss.backward()
//     for p in parameters:
//         p.data += -0.1 * p.grad
//     losses.append(loss.item())
// last = losses[-100:]
// print(f"first loss {losses[0]:.4f}, mean of the last 100: {sum(last) / len(last):.3f}")
// ```
//
// </details>

// %% [markdown]
// It learns. But here a notebook stops being the right tool. What was trained is gone when the kernel stops, the next change to the cell
// overwrites what you tried before, and a comparison needs the same training twice, with seeds, settings and losses written down.
//
// ## To a file
//
// `makewave new` makes a place for it: a folder with a model that works, its test, a recipe and a notebook. You would type the command in a
// terminal. Here a function runs it, in a temporary folder in which this makewave is installed.

// %%
const root = dirname(createRequire(join(process.cwd(), "cell.js")).resolve("makewave/package.json"))
const project = mkdtempSync(join(tmpdir(), "makewave-chapter-"))
mkdirSync(join(project, "node_modules"))
symlinkSync(root, join(project, "node_modules", "makewave"), "junction")

const node = (...words: string[]): string => {
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter)
  const { stdout, stderr } = spawnSync("node", words, {
    cwd: project,
    env: { ...process.env, PATH: path },
    encoding: "utf8",
  })
  return stdout || stderr
}
const makewave = (...words: string[]): string => {
  console.log(`$ makewave ${words.join(" ")}`)
  return node(join(root, "bin", "makewave.cjs"), ...words).trim()
}

const made = JSON.parse(makewave("new", "gated", "--json"))
for (const file of made.files) console.log(`gated/${file}`)

// %% [markdown]
// The test asks two questions that are worth asking of any model. Do ids (B, T) become logits (B, V)? And does the model learn four lines
// by heart, so that it samples these four and nothing else? A network that cannot overfit four lines has a bug, whatever its loss on
// thousands.
//
// The model in `model.ts` starts as a plain multilayer perceptron. We copy the layer from its cell into the file, in place of the linear
// layer and the tanh. You would do that in an editor; here two replacements do it. They contain a mistake, because it is easy to overlook
// that the layer has `contextLength * E` inputs:

// %%
const path = join(project, "gated", "model.ts")
const replace = (...changes: [string, string][]) => {
  let file = readFileSync(path, "utf8")
  for (const [from, to] of changes) {
    if (!file.includes(from)) throw new Error(`${from} is not in the file`)
    file = file.replace(from, to)
  }
  writeFileSync(path, file)
}

const copied = `class GatedUnit extends nn.Layer {
  readonly filter: nn.Linear // (I) -> (O)
  readonly gate: nn.Linear // (I) -> (O)

  constructor(inputs: number, outputs: number) {
    super()
    this.filter = new nn.Linear(inputs, outputs, { bias: false })
    this.gate = new nn.Linear(inputs, outputs, { bias: false })
  }

  // (..., I) -> (..., O)
  forward(x: Tensor): Tensor {
    return this.filter.forward(x).tanh().mul(this.gate.forward(x).sigmoid())
  }
}
`
replace(
  ["export class", `${copied}\nexport class`],
  [
    "new nn.Linear(contextLength * E, hidden), // (B, H)\n      new nn.Tanh(),",
    "new GatedUnit(E, hidden), // (B, H)",
  ],
)

const runTest = () => {
  console.log("$ node --test gated/model.test.ts")
  const condition = root.includes("node_modules") ? [] : ["--conditions=makewave-source"]
  const printed = node(...condition, "--test", "--test-reporter=tap", "gated/model.test.ts")
  for (const line of printed.split("\n")) if (/^ *(not )?ok.* (ids|four)/.test(line)) console.log(line.trim())
}
runTest()
console.log(makewave("inspect", "gated/model.ts"))

// %% [markdown]
// Both tests fail. `inspect`, which would list the layers, says what is wrong and in which line of the file. Every command tries a model on
// a few rows before it trains anything, so you learn of a mistake at once. We correct it:

// %%
replace(["new GatedUnit(E, hidden)", "new GatedUnit(contextLength * E, hidden)"])
runTest()

// %% [markdown]
// ## Experiments
//
// From here on, the command line treats the file like any other model. Its settings are flags, and a run keeps them in a folder, with
// checkpoints and losses. The recipe beside the file is read too. Does the gate help? With the same recipe we train the lecture's flat
// network, with more hidden units, so that both have about as many parameters.

// %%
const experiment = (out: string, ...words: string[]) => {
  const printed = makewave("train", data, ...words, "--steps", steps, "--out", out, "--json")
  const last = JSON.parse(printed.split("\n").findLast((line) => line.includes('"validation"'))!)
  console.log(`validation ${last.validation.toFixed(4)}`)
  return last.validation
}
const gated = experiment("runs/gated", "--model", "gated/model.ts", "--hidden", "64")
const flat = experiment("runs/flat", "--model", "flat", "--hidden", "112", "--config", "gated/recipe.yaml")
console.log(`with the gate ${gated > flat ? "higher" : "lower"} by ${Math.abs(gated - flat).toFixed(4)}`)

// %% [markdown]
// A small difference with one seed each says little; chapter 10 shows how to find out more. WaveNet has a gate in every one of its many
// layers, and this network has only one. Many ideas end like this, so it pays to make trying them cheap.
//
// ## Back in the notebook
//
// The notebook now imports the file in place of the prototype. A run contains the weights of its model and never the code, so opening
// somebody else's run executes nothing. Without the class, you get a message that says so:

// %%
const run = join(project, "runs", "gated")
try {
  await openModel(run)
} catch (error) {
  if (!(error instanceof UserError)) throw error
  console.log(error.message.replace(run, "runs/gated"))
}

// %%
const { Gated } = await import(pathToFileURL(path).href)
addModel(Gated)
const trained = await openModel(run)
await show(nn.summarize(trained.model, ids))

const sampler = await openSampler(trained.model)
const samples: string[] = []
for await (const sample of sampler.sample({ count: 10, generator: new Generator(42) }))
  samples.push(vocabulary.decode(sample))
console.log(samples.join(" "))

// %%
rmSync(project, { recursive: true })

// %% [markdown]
// That is the cycle: a cell, a class, a file with a test, runs, and back to a cell that imports the file. The next idea begins in a cell
// again. `docs/command-line.md` describes models of your own, and `docs/adding-a-model.md` says what else a model may declare.
