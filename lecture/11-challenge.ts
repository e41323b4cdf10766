// %% [markdown]
// # Chapter 11: improve on my loss
//
// *55:26 in the lecture.* The lecture ends with an invitation. Its network has a validation loss of 1.993, little was tuned, and the number
// can be beaten. This project keeps a **ledger** of its attempts, `docs/challenge.md`: every row is a loss on the lecture's own split of
// `names.txt`, with the plan that produces it. The ledger has 1.9197 with no more parameters than the lecture's network, 1.9063 with a
// single network of any size, and 1.8934 with an ensemble of eight networks and an n-gram model.
//
// This chapter tries the ledger's techniques one by one, small enough for a notebook: networks of about 16,000 parameters, trained for 400
// steps each. Compare these losses with each other, not with the ledger's.
//
// The rules are those of chapter 10: one change at a time, the same number of steps, and the validation loss decides. The ledger repeats
// its techniques from several seeds; this chapter does not. In chapter 10 the seed alone moved the losses by thousandths, so put a
// difference below 0.01 down to luck.

// %%
import {
  charts,
  counting,
  evaluate,
  functional,
  Generator,
  GRUModel,
  interpret,
  loadText,
  type Model,
  NGram,
  openModel,
  openSampler,
  optim,
  sequences,
  show,
  split,
  Tensor,
  type TrainOptions,
  train,
  training,
  Vocabulary,
  WaveNet,
  WaveNet2016,
  windows,
} from "makewave"

const [data = "names", steps = "400"] = process.argv.slice(2)
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)
const vocabularySize = vocabulary.size
const random = () => new Generator(1) // the same weights and the same batches for each that asks

// %% [markdown]
// ## The ledger of this notebook
//
// An entry trains a model, measures it on the validation part, and writes a line.

// %%
type Rows = ReturnType<typeof windows>

const ledger: string[][] = [["", "parameters", "validation"]]
const enter = (name: string, parameters: number | string, loss: number) => {
  ledger.push([name, `${parameters}`, loss.toFixed(4)])
  console.log(`${name}: ${loss.toFixed(4)}`)
}
const attempt = async (
  name: string,
  model: Model,
  rows: Rows,
  validation: Rows,
  options: Partial<TrainOptions>,
): Promise<charts.LossCurve> => {
  const run = train(model, rows, { steps: Number(steps), batchSize: 32, generator: random(), ...options })
  const losses: number[] = []
  for await (const progress of run) losses.push(...progress.losses)
  // With `ema` the averages of the weights are measured, else the weights themselves.
  enter(name, model.parameterCount, await run.averaged(() => evaluate(model, validation)))
  const points = losses.map((loss, step) => ({ step, loss }))
  return { name, training: charts.windowMeans(points, Math.ceil(Number(steps) / 20)) }
}

// %% [markdown]
// ## Where we start: the lecture's tree
//
// A step of the lecture shows the network 32 windows. Each is a context of eight symbols and the one symbol that follows.

// %%
const [trainWindows, validationWindows] = [parts.train, parts.validation].map(({ lines }) =>
  windows(lines, vocabulary, 8),
)
const tree = () => new WaveNet({ vocabularySize, embedding: 10, hidden: 56 }).initialize(random())
await attempt("tree, SGD, 32 windows a step", tree(), trainWindows, validationWindows, { rate: 0.1 })

// %% [markdown]
// ## A loss at every position
//
// A name of six letters gives seven windows, and the tree computes each of them from scratch. A **causal** network reads the name once and
// predicts the next symbol at every position, with dilated convolutions (chapter 9), a recurrent state, or attention. Later positions use
// what it computed for earlier ones. So a row is a whole name, and a step on 32 rows learns from far more than 32 targets.

// %%
const T = 1 + Math.max(...text.lines.map((line) => Array.from(line).length))
const [rows, validation] = [parts.train, parts.validation].map(({ lines }) => sequences(lines, vocabulary, T))
const id = (ids: Int32Array) =>
  Array.from(ids, (each) => (each < 0 ? " " : vocabulary.symbols[each])).join("")
console.log(`inputs  ${id(rows.inputs.data.subarray(0, T))}`)
console.log(`targets ${id(rows.targets.data.subarray(0, T))}`)
const targets = rows.targets.data.filter((target) => target >= 0).length
const lettersInStep = Math.round((32 * targets) / rows.inputs.shape[0])
console.log(`32 rows have ${lettersInStep} targets on average`)

// %% [markdown]
// After the end of a name there is nothing to predict. The targets there are -1, and the loss leaves them out of its mean; in PyTorch that
// is `ignore_index`. Here is this loss by hand, for two rows of four positions, five of which have a target.

// %%
const logits = Tensor.constant(new Generator(42).randn(2 * 4 * 27), [2, 4, 27])
const next = [1, 2, 0, -1, 3, 0, -1, -1]
const counted = functional.crossEntropy(logits, Tensor.constant(Int32Array.from(next), [2, 4], "int32"), {
  ignoreIndex: -1,
})
const [[loss], logProbabilities] = interpret([counted, logits.logSoftmax()])
const present = next.flatMap((symbol, at) => (symbol < 0 ? [] : [logProbabilities[at * 27 + symbol]]))
console.log(loss.toFixed(4), (-present.reduce((sum, each) => sum + each) / present.length).toFixed(4))

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import torch
// import torch.nn.functional as F
//
// g = torch.Generator().manual_seed(42)
// logits = torch.randn((2 * 4 * 27,), generator=g).view(2, 4, 27)
// following = torch.tensor([1, 2, 0, -1, 3, 0, -1, -1])
// loss = F.cross_entropy(logits.view(-1, 27), following, ignore_index=-1)
// present = [F.log_softmax(logits, dim=-1).view(-1, 27)[at, ix] for at, ix in enumerate(following) if ix >= 0]
// print(f"{loss:.4f} {-sum(present) / len(present):.4f}")
// ```
//
// </details>

// %% [markdown]
// Do both networks learn equally well from equally many targets? The tree gets as many windows per step as 32 names have targets. The
// causal network is the WaveNet of the paper (chapter 9), about as large as the tree: a stack of four dilated convolutions with gates,
// residual and skip connections.

// %%
const waveNet = ({ dropout = 0 } = {}) =>
  new WaveNet2016({
    ...{ vocabularySize, contextLength: T, layers: 4, stacks: 1, norm: "rms", dropout },
    ...{ residualChannels: 24, dilationChannels: 24, skipChannels: 24 },
  }).initialize(random())
const many = { rate: 0.1, batchSize: lettersInStep }
await attempt(`tree, SGD, ${lettersInStep} windows a step`, tree(), trainWindows, validationWindows, many)
await attempt("WaveNet, SGD, 32 names a step", waveNet(), rows, validation, { rate: 0.1 })

// %% [markdown]
// The WaveNet is far worse. Is it the worse network? Before you believe it, look at the size of its gradients. A single step of SGD at a
// learning rate of 1 moves the weights by exactly the gradient.

// %%
const gradientNorm = async (model: Model, rows: Rows, batchSize: number) => {
  const before = model.parameters().map(({ data }) => Float32Array.from(data))
  await train(model, rows, { steps: 1, rate: 1, batchSize, generator: random() }).advance(1)
  const squares = model
    .parameters()
    .flatMap(({ data }, k) => Array.from(data, (each, i) => (each - before[k][i]) ** 2))
  return Math.sqrt(squares.reduce((sum, each) => sum + each, 0))
}
console.log(
  `tree:    norm of the gradient ${(await gradientNorm(tree(), trainWindows, lettersInStep)).toFixed(2)}`,
)
console.log(`WaveNet: norm of the gradient ${(await gradientNorm(waveNet(), rows, 32)).toFixed(2)}`)

// %% [markdown]
// Its gradient is smaller: a gate multiplies small numbers by small numbers. So at the same rate it takes shorter steps. A learning rate
// suits a network and a number of steps, and 0.1 was chosen for another network and 200,000 steps. For 400 steps, both get a higher one:

// %%
const ofTree = await attempt("tree, SGD at a rate of 1", tree(), trainWindows, validationWindows, {
  ...many,
  rate: 1,
})
const ofSGD = await attempt("WaveNet, SGD at a rate of 1", waveNet(), rows, validation, { rate: 1 })

// %% [markdown]
// For both networks, the rate mattered more than the difference that is left between them. The ledger finds the same at full size: five
// architectures of equal size, equally well tuned, end within 0.05 of each other, and the lecture's own tree reaches the lecture's loss in
// a hundredth of the steps. What it lacked was better training more than a better architecture. So next we change the training.
//
// ## An optimizer, and a schedule
//
// AdamW divides each gradient by a running estimate of its size. So all parameters move at a similar pace, whether their gradients are
// large or small. That is what was missing above.

// %%
const adamw = { optimizer: optim.adamw() }
await attempt("AdamW, rate 0.005", waveNet(), rows, validation, { ...adamw, rate: 0.005 })

// %% [markdown]
// Next comes the schedule. A high rate covers ground, a low one settles. The lecture lowers the rate once, to a tenth. A cosine schedule
// lowers it smoothly, after a short warm-up in which AdamW gathers its estimates. The mean of such a schedule is about half of its peak, so
// we make the peak twice as high as the constant rate.

// %%
const cosine = (peak: number) =>
  optim.cosine(peak, { steps: Number(steps), warmup: Math.ceil(Number(steps) / 20) })
const rates = [0, 0.05, 0.25, 0.5, 0.75, 1].map((part) => cosine(0.01)(part * Number(steps)))
console.log(rates.map((rate) => rate.toFixed(5)).join(" "))
const ofAdamW = await attempt("AdamW, cosine from 0.01", waveNet(), rows, validation, {
  ...adamw,
  rate: cosine(0.01),
})

// %% [markdown]
// In 400 steps, the cosine gains less than what we put down to luck. In the ledger, with 2,000 steps, it is worth more: there a constant
// rate is worse by 0.018, even with averaged weights, which come next.
//
// ## Averages of the weights
//
// At a constant rate, the weights keep bouncing around a minimum. Their moving average is closer to it, and costs little: after each step,
// average ← 0.98 average + 0.02 weight. When the rate falls to zero anyway, averaging has less to add.

// %%
await attempt("AdamW, rate 0.005, averages", waveNet(), rows, validation, {
  ...adamw,
  rate: 0.005,
  ema: 0.98,
})
await attempt("AdamW, cosine, averages", waveNet(), rows, validation, {
  ...adamw,
  rate: cosine(0.01),
  ema: 0.98,
})

// %% [markdown]
// ## Dropout
//
// Dropout sets some of the numbers to zero at random, here a tenth of them, so that no unit can rely on another. It helps against
// overfitting, and a network has hardly begun to overfit after 400 steps. In the ledger, too, a dropout of 0.1 costs 0.017 after 2,000
// steps; after 10,000 it gains as much. What a technique is worth depends on the budget.

// %%
await attempt("AdamW, cosine, dropout of 0.1", waveNet({ dropout: 0.1 }), rows, validation, {
  ...adamw,
  rate: cosine(0.01),
})

// %% [markdown]
// ## Muon
//
// The weights of a linear layer are a matrix. Its gradient has a few strong directions that drown out the rest. Muon replaces the gradient
// by the nearest orthogonal matrix, so that all directions count equally. The embedding, the biases and the last layer stay with AdamW.

// %%
const muon = { optimizer: optim.muon(), rate: cosine(0.02) }
const network = waveNet()
const ofMuon = await attempt("Muon, cosine from 0.02", network, rows, validation, muon)

// %% [markdown]
// ## Another architecture
//
// A GRU is a recurrent network: it reads one symbol after another and carries a state along. In the ledger, it has the lowest loss of the
// five architectures of equal size.

// %%
const gru = new GRUModel({ vocabularySize, contextLength: T, embedding: 24, hidden: 56 }).initialize(random())
const ofGRU = await attempt("GRU, Muon", gru, rows, validation, muon)

// %% [markdown]
// ## The curves

// %%
await show(
  charts.lossCurves([ofTree, ofSGD, ofAdamW, ofMuon, ofGRU], { title: "Training losses of five entries" }),
)

// %% [markdown]
// ## Counting
//
// Part 1 of the series counted pairs of letters. You can count sequences of up to six, and fall back on shorter ones where the long ones
// are rare (Kneser and Ney worked out how). That makes a model that needs no training steps at all. On `names.txt` its validation loss is
// 1.974, below that of the lecture's network.

// %%
const counts = new NGram({ order: 6, vocabularySize }).fit(
  parts.train.lines.map((line) => vocabulary.encode(line)),
)
const held = parts.validation.lines.map((line) => vocabulary.encode(line))
enter("6-grams", "counts", counts.loss(held))

// %% [markdown]
// ## Mixtures and ensembles
//
// The counts memorize sequences, the networks learn what letters have in common, and they make different mistakes. So we mix their
// predictions: we take a weighted mean of their probabilities. The loss of the mixture is never above the mean of their losses, since
// $-\ln$ is convex. Three letters are enough to see it:

// %%
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, each) => sum + each, 0) / values.length
const [one, other] = [
  [0.5, 0.1, 0.3],
  [0.2, 0.4, 0.3],
] // what two models gave the letters that came
const lossOf = (probabilities: number[]) => mean(probabilities.map((p) => -Math.log(p)))
console.log(
  lossOf(one).toFixed(4),
  lossOf(other).toFixed(4),
  lossOf(one.map((p, k) => (p + other[k]) / 2)).toFixed(4),
)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// one, other = torch.tensor([0.5, 0.1, 0.3]), torch.tensor([0.2, 0.4, 0.3])
// print(" ".join(f"{-p.log().mean():.4f}" for p in [one, other, (one + other) / 2]))
// ```
//
// </details>

// %% [markdown]
// Now the real models. `lossPerTarget` gives the loss of every symbol of the validation part. The weight of the networks is the one that
// gives the lowest loss on that same part: a single number, fitted on thousands of symbols, so it flatters the mixture very little.

// %%
const isTarget = validation.targets.data.map((target) => (target >= 0 ? 1 : 0))
const logsOf = async (model: Model) =>
  (await training.lossPerTarget(model, validation)).filter((_, k) => isTarget[k]).map((nats) => -nats)
const [byNetwork, byGRU] = [await logsOf(network), await logsOf(gru)]
const byCounts = Float64Array.from(held.flatMap((ids) => [...counts.logProbabilities(ids)]))

const ensemble = byNetwork.map((log, k) => Math.log((Math.exp(log) + Math.exp(byGRU[k])) / 2))
console.log(`mean of the two losses: ${(-(mean(byNetwork) + mean(byGRU)) / 2).toFixed(4)}`)
enter("WaveNet and GRU", network.parameterCount + gru.parameterCount, -mean(ensemble))
for (const [name, logs] of [
  ["WaveNet and 6-grams", byNetwork],
  ["WaveNet, GRU and 6-grams", ensemble],
] as const) {
  const mixture = new counting.Mixture({ network, counts }).fitWeight(logs, byCounts)
  const mixed = Float64Array.from(logs, (log, k) => mixture.logProbability(log, byCounts[k]))
  enter(`${name}, weight of the networks ${mixture.weight.toFixed(2)}`, "and counts", -mean(mixed))
}

// %% [markdown]
// The loss of the WaveNet and the GRU together is below the mean of their two losses, as it must be, but not below the better of the two:
// equal weights suit networks of equal strength. And the counts alone beat every network here. That is after 400 steps; in the ledger the
// networks overtake the counts, and still gain from them.
//
// ## All entries

// %%
console.log(charts.table(ledger))

// %% [markdown]
// ## The network of the ledger
//
// The best single network of the ledger comes with the package, and opens by its name. It uses one more technique, which takes too long for
// a notebook: a **teacher**. The ensemble makes up 150,000 more names and gives its probabilities for every symbol of them and of the
// training part, and a single WaveNet learns these probabilities.

// %%
const best = await openModel("challenge")
console.log(
  `${best.model.parameterCount} parameters; ${best.config.kept!.validation} on names.txt, as it says of itself`,
)
const known = parts.validation.lines.filter((line) =>
  Array.from(line).every((letter) => best.vocabulary.symbols.includes(letter)),
)
const itsRows = sequences(known, best.vocabulary, T)
console.log(
  `${(await evaluate(best.model, itsRows)).toFixed(4)} on the ${known.length} validation lines of ${data}`,
)

// %% [markdown]
// With `makemore-names` these two numbers are the same. On the package's list, the second number says little: it is another list, and many
// of its names are in `names.txt` too, where the network may have learned them. Losses can only be compared on the same lines.
//
// Here are ten names that it makes up:

// %%
const sampler = await openSampler(best.model)
for await (const ids of sampler.sample({ count: 10, generator: new Generator(42) }))
  console.log(best.vocabulary.decode(ids))
await sampler.release()

// %% [markdown]
// ## Your turn
//
// The ledger has more: each technique from three seeds with its interval, five architectures of equal size, and the shortest time from an
// empty process to the lecture's loss. It also says how it was checked that no number comes from a leak. To try something of your own, copy
// a plan and change it:
//
// ```sh
// cp experiments/challenge/techniques.yaml mine.yaml
// makewave sweep mine.yaml steps=50
// makewave report runs/mine --tests --sort trial
// ```
//
// Before you do, find out what counting reaches. Look at both losses, and change one thing at a time.
