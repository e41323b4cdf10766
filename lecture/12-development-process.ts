// %% [markdown]
// # Chapter 12: the development process
//
// *52:28 in the lecture.* Near its end the lecture says what the work on a network is really like. One reads documentation, and finds it
// incomplete. One makes shapes fit, with reshapes and transposes and many prints, until the layers can be put together. One prototypes in a
// notebook, since a cell answers at once; and when the shapes are right, one copies the code into a repository, because that is where
// experiments are started from. Then back to the notebook with what came out.
//
// This chapter walks that way once with a small idea, and makes the mistakes that one makes on it. Their messages are the point of it.

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
// The flat network has one hidden layer, `tanh(x F)`. WaveNet's authors used a *gated* unit in its place, `tanh(x F) ⊙ σ(x G)`: one matrix
// says what the output is, another, through a sigmoid between 0 and 1, how much of it passes. Does that help a network as small as ours?
//
// ## Shapes first
//
// No data and no training are needed to find out whether layers fit. A tensor that is an input has a shape and no numbers yet, and each
// operation knows the shape that it gives. Four rows, eight letters, ten numbers a letter, a hundred units: it pays that these four are all
// different. With 8 rows of 8 letters a mistake could fit by chance.

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
// The first mistake is the most common one: a linear layer gets the embeddings as they come.

// %%
tried(() => new nn.Linear(T * E, H).forward(embedded))

// %% [markdown]
// The message names the layer, the shape that it got, and what it takes: each row ends in the 10 numbers of *one* letter, and the layer
// wants the 80 of all eight. They have to be laid end to end first.
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
// PyTorch has folded the first two axes into 32 rows already, so its message shows a matrix that is nowhere in the code.
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
// Now the gate. The second mistake: it is as wide as what comes in, and not as wide as what it is multiplied with.

// %%
tried(() => what.mul(new nn.Linear(T * E, T * E, { bias: false }).forward(x).sigmoid()))
tried(() => what.mul(new nn.Linear(T * E, H, { bias: false }).forward(x).sigmoid()))

// %% [markdown]
// Two shapes go together if, read from the right, their extents are equal or one of them is 1. Here 100 meets 80.
//
// The third mistake is at the other end: the loss gets a letter for each *position*, though this network predicts one letter for each row.

// %%
const logits = new nn.Linear(H, vocabulary.size).forward(what)
tried(() => functional.crossEntropy(logits, ids))
tried(() => functional.crossEntropy(logits, Tensor.input("next", [B], "int32")))

// %% [markdown]
// The loss is a single number, and its shape is empty.
//
// And a fourth mistake, which has no message. Subtract from a column of four numbers, (4, 1), a row of four, (4), such as what each row of
// the batch would have to be centered by:

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
// The first is (4, 4): each number minus each other, a table that nobody asked for. It is legal, there as here, and a training would go on
// with it. The batch normalization of chapter 7 was a mistake of this kind: every shape fitted, and the mean was over the wrong axes. No
// library finds those. Prints of shapes do, and a sentence beside each line of what its shape ought to be.
//
// ## A layer
//
// The cells above become a class. A layer has its matrices as fields, which are found without registration, and a `forward`.

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
// The summary is all prints of shapes at once. The network can be trained in the next cell, for as long as one likes to wait there.

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
// It learns. But this is where a notebook stops being good. What was trained here is gone with the kernel, the next change to the cell
// overwrites what was tried before, and a comparison needs the same training twice, with seeds, settings and losses written down.
//
// ## To a file
//
// `makewave new` makes the place for it: a folder with a model that works, its test, a recipe and a notebook. It is typed in a terminal.
// Here a function runs what one would type, in a temporary folder that sees this makewave, as a project does that has installed it.

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
// The test asks two questions, and both are worth asking of any model. Do ids (B, T) become logits (B, V)? And does it learn four lines by
// heart, so that it samples these four and nothing else? A network that cannot overfit four lines has a fault, whatever its loss on
// thousands.
//
// The model in `model.ts` is a plain perceptron to begin with. We copy the layer from its cell into the file, and put it in the place of
// the linear layer and the tanh. In an editor, of course; here by two replacements. And with a mistake, since `contextLength * E` is easily
// read over:

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
// Both questions are answered with no. `inspect` would show the layers, and says why there are none, with the line of the file where it
// happened. Each command tries a model with a few rows before anything is trained, so that a mistake costs a second and not an hour.

// %%
replace(["new GatedUnit(E, hidden)", "new GatedUnit(contextLength * E, hidden)"])
runTest()

// %% [markdown]
// ## Experiments
//
// From here on the file has what the command line gives every model: settings as flags, a run folder with all that it was trained with,
// checkpoints, evaluation, comparison. The recipe beside the file is read too. Is the gate of use? The same recipe trains the flat network
// of the lecture, with a few more units, so that both have about as many parameters.

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
// A small difference, of one seed each, says little; chapter 10 has the method for that. In WaveNet the gates stand in dozens of layers on
// top of each other, and here there is one. Most ideas end like this one, and so it matters that it took an hour and not a week to try it.
//
// ## Back in the notebook
//
// The cell at the top of a notebook now imports the file in place of the prototype. A run has the numbers of its model and never the code,
// so that opening the run of somebody else executes nothing. Without the class there is a sentence:

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
// That is the round: a cell, a class, a file with a test, runs, and back to a cell that imports the file. Next comes another idea, and it
// begins in a cell again. `docs/command-line.md` has the section on models of one's own, `docs/adding-a-model.md` what a model may declare
// besides.
