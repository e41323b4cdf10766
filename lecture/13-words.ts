// %% [markdown]
// # Chapter 13: words
//
// *1:40 in the lecture: where its network comes from.* The network that the lecture starts from is that of a paper, Bengio, Ducharme,
// Vincent and Jauvin 2003, "A neural probabilistic language model" (https://jmlr.org/papers/v3/bengio03a.html). The paper predicts *words*;
// the lecture keeps its idea and predicts letters.
//
// This chapter goes from counts of pairs to the paper's network and on to the lecture's flat one, first in letters and then in words. Words
// show what the idea was for: the network finds out by itself which words are alike, and no table of counts does.

// %%
import {
  charts,
  counting,
  evaluate,
  everyRow,
  Flat,
  follow,
  Generator,
  loadBrown,
  loadText,
  MLP,
  type Model,
  NGram,
  optim,
  rowsInOrder,
  sampling,
  sequences,
  show,
  split,
  Tensor,
  train,
  training,
  Vocabulary,
  Words,
  windows,
} from "makewave"

const [data = "names", steps = "1000"] = process.argv.slice(2)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// import math
// import random
// import torch
// import torch.nn.functional as F
// ```
//
// </details>

// %%
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const parts = split(text)
const V = vocabulary.size
console.log(`${parts.train.lines.length} names to learn from, ${V} symbols`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// words = open("names.txt", encoding="utf-8").read().splitlines()
// symbols = ["."] + sorted(set("".join(words)))
// V = len(symbols)
// stoi = {symbol: ix for ix, symbol in enumerate(symbols)}
// random.seed(42)
// random.shuffle(words)
// words = words[:int(0.8 * len(words))]
// print(len(words), "names to learn from,", V, "symbols")
// ```
//
// </details>

// %% [markdown]
// ## Counts
//
// The simplest model counts. How often does *b* follow *a*? The counts of all pairs, divided by the sum of their row, are a **bigram**
// model: a table with a row for each symbol, and no training.

// %%
const bigram = new NGram({ order: 2, vocabularySize: V }).fit(
  parts.train.lines.map((line) => vocabulary.encode(line)),
)
await show(bigram.named(vocabulary))

// %% [markdown]
// A longer context predicts better, but each further symbol makes the table V times as large. The first text of the paper has about a
// million words, of which 17,905 are different if the rare ones count as one. Most rows of its tables are never seen.

// %%
const grouped = (n: number) => Math.round(n).toLocaleString("en")
console.log(
  charts.table([
    ["symbols of context", "rows, letters", "rows, 17,905 words"],
    ...[1, 2, 3, 4].map((length) => [`${length}`, grouped(V ** length), (17_905 ** length).toExponential(1)]),
  ]),
)

// %% [markdown]
// Smoothing helps: what a long context has not seen often enough, a shorter one answers. `NGram` smooths by the method of Kneser and Ney,
// one of the paper's baselines. But a table does not know that two words are similar. What it has counted after *the cat* says nothing
// about what comes after *a dog*, however often it has seen both.
//
// ## Equation 1
//
// The paper's idea: each word gets a few numbers, its *features*, and the probability of the next word is a smooth function of the features
// of the words before it. Then similar words can have similar features, and what the network learns from one sentence holds for all
// sentences close to it. It learns features and function together. Let `x` be the features of the words before, the newest first, end to
// end. Then equation 1 of the paper is
//
// ```
// y = b + W x + U tanh(d + H x)
// ```
//
// | | shape | what it is |
// | --- | --- | --- |
// | `C` | (V, m) | the features of each symbol: the embedding |
// | `H`, `d` | ((n - 1) m, h) and (h) | the hidden layer |
// | `U`, `b` | (h, V) and (V) | the output layer: a logit for each symbol |
// | `W` | ((n - 1) m, V) | direct connections from the features to the logits; the best of the paper's networks on its first text has none |
//
// In the paper, n counts the predicted symbol too: n = 4 is a context of 3. The paper multiplies a matrix by a column, and we a row by a
// matrix, so our matrices are its transposes. Here is the equation for 32 contexts of three letters, with random numbers.

// %%
const [n, m, h] = [4, 10, 50]
const random = new Generator(42)
const normal = (...shape: number[]) =>
  Tensor.constant(random.randn(shape.reduce((size, extent) => size * extent)), shape)
const rows = windows(parts.train.lines, vocabulary, n - 1)
const [X, Y] = [rows.inputs, rows.targets].map(({ data, shape }) => Tensor.constant(data, shape, "int32"))
const ix = Tensor.constant(random.randint(0, X.shape[0], 32), [32], "int32")
const [context, target] = [X.gather(ix), Y.gather(ix)] // (32, 3), (32)

const C = normal(V, m)
const H = normal((n - 1) * m, h).div(Math.sqrt((n - 1) * m))
const d = normal(h)
const U = normal(h, V).div(Math.sqrt(h))
const b = normal(V)
const W = normal((n - 1) * m, V).div(Math.sqrt((n - 1) * m))

const features = [2, 1, 0].map((at) => C.gather(context.select(1, at))) // the newest first
const x = Tensor.concat(features, 1) // (32, 3 m)
const y = b.add(x.matmul(W)).add(d.add(x.matmul(H)).tanh().matmul(U)) // (32, V)
console.log(x.shape, y.shape)
console.log(`loss ${y.crossEntropy(target).mean().item().toFixed(4)}`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// n, m, h = 4, 10, 50
// X, Y = [], []
// for word in words:
//     context = [0] * (n - 1)
//     for symbol in word + ".":
//         X.append(context)
//         Y.append(stoi[symbol])
//         context = context[1:] + [stoi[symbol]]
// X, Y = torch.tensor(X), torch.tensor(Y)
//
// g = torch.Generator().manual_seed(42)
// ix = torch.randint(0, len(X), (32,), generator=g)
// context, target = X[ix], Y[ix]
//
// C = torch.randn((V, m), generator=g)
// H = torch.randn(((n - 1) * m, h), generator=g) / ((n - 1) * m) ** 0.5
// d = torch.randn(h, generator=g)
// U = torch.randn((h, V), generator=g) / h**0.5
// b = torch.randn(V, generator=g)
// W = torch.randn(((n - 1) * m, V), generator=g) / ((n - 1) * m) ** 0.5
//
// x = C[context.flip(1)].view(32, -1)
// y = b + x @ W + torch.tanh(d + x @ H) @ U
// print(list(x.shape), list(y.shape))
// print(f"loss {F.cross_entropy(y, target):.4f}")
// ```
//
// </details>

// %% [markdown]
// The library's `MLP` is this network. It has one row of features more than there are symbols: what stands before the beginning of a text
// has features of its own. Given our numbers, it computes our logits.

// %%
const equation1 = new MLP({
  ...{ vocabularySize: V, contextLength: n - 1, embedding: m, hidden: h },
  directConnections: true,
})
const blank = Tensor.full([1, m], 0)
const named = {
  "embedding.weight": Tensor.concat([C, blank]),
  ...{ "hidden.weight": H, "hidden.bias": d },
  ...{ "head.weight": U, "head.bias": b },
  "direct.weight": W,
}
equation1.loadStateDict(
  Object.fromEntries(
    Object.entries(named).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: Float32Array.from(tensor.values()) },
    ]),
  ),
)
const logits = equation1.forward(context).select(1, n - 2) // of the three positions the last
const difference = Math.max(...Array.from(logits.sub(y).values(), Math.abs))
console.log(`the logits differ by at most ${difference.toFixed(5)}`)
console.log(`|V| (1 + n m + h) + h (1 + (n - 1) m) = ${V * (1 + n * m + h) + h * (1 + (n - 1) * m)}`)
console.log(`${equation1.parameterCount} parameters, ${m} of them before the beginning`)

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// hidden, head = torch.nn.Linear((n - 1) * m, h), torch.nn.Linear(h, V)
// direct = torch.nn.Linear((n - 1) * m, V, bias=False)
// with torch.no_grad():
//     for p, number in zip([hidden.weight, hidden.bias, head.weight, head.bias, direct.weight], [H.T, d, U.T, b, W.T]):
//         p.copy_(number)
//     difference = (head(torch.tanh(hidden(x))) + direct(x) - y).abs().max()
// print(f"the logits differ by at most {difference:.5f}")
// parameters = C.numel() + sum(p.numel() for layer in (hidden, head, direct) for p in layer.parameters())
// print(f"|V| (1 + n m + h) + h (1 + (n - 1) m) = {V * (1 + n * m + h) + h * (1 + (n - 1) * m)}")
// print(parameters + m, "parameters,", m, "of them before the beginning")
// ```
//
// </details>

// %% [markdown]
// ## The lecture's flat network
//
// `Flat` is the network of chapter 1. It is the same equation with four changes: it has no `W`; a batch normalization stands before the
// `tanh`, and its shift takes the place of `d`; the logits are small at first; and the dot that ends a name also stands before its
// beginning.
//
// Now all of them learn from the same names. Both networks have ten features, 200 hidden units and no `W`. In a step, both see about as
// many letters, as in chapter 11.

// %%
const optimization = () => ({
  steps: Number(steps),
  optimizer: optim.adamw(),
  rate: optim.cosine(0.01, { steps: Number(steps), warmup: Math.ceil(Number(steps) / 20) }),
})
type Rows = ReturnType<typeof windows>
const trained = async <M extends Model>(model: M, rows: Rows, batchSize: number): Promise<M> => {
  await follow(train(model, rows, { ...optimization(), batchSize, generator: new Generator(42) }))
  return model
}
const seed = () => new Generator(42)

const longest = Math.max(...text.lines.map((line) => Array.from(line).length))
const [names, heldOutNames] = [parts.train, parts.validation].map(({ lines }) =>
  sequences(lines, vocabulary, longest + 1),
)
const heldOutWindows = windows(parts.validation.lines, vocabulary, n - 1)
const lettersInStep = Math.round((32 * rows.targets.data.length) / parts.train.lines.length)
const sizes = { vocabularySize: V, contextLength: n - 1, embedding: m, hidden: 200 }
const bengio = await trained(new MLP(sizes).initialize(seed()), names, 32)
const flat = await trained(new Flat(sizes).initialize(seed()), rows, lettersInStep)

// %%
const encoded = (lines: readonly string[]) => lines.map((line) => vocabulary.encode(line))
const inLetters: [string, number, number][] = [["all letters alike", 0, Math.log(V)]]
for (const order of [1, 2, 3, 4]) {
  const counts = new NGram({ order, vocabularySize: V }).fit(encoded(parts.train.lines))
  inLetters.push([
    `counts, context ${order - 1}`,
    counts.parameterCount,
    counts.loss(encoded(parts.validation.lines)),
  ])
}
inLetters.push(["Bengio's network, context 3", bengio.parameterCount, await evaluate(bengio, heldOutNames)])
inLetters.push(["the flat network, context 3", flat.parameterCount, await evaluate(flat, heldOutWindows)])
const perplexities = (lines: [string, number, number][]) =>
  charts.table([
    ["", "numbers", "loss", "perplexity"],
    ...lines.map(([name, numbers, loss]) => [
      name,
      grouped(numbers),
      loss.toFixed(3),
      Math.exp(loss).toFixed(2),
    ]),
  ])
console.log(perplexities(inLetters))

// %% [markdown]
// The **perplexity** is the exponential of the loss, and the unit of most papers on words. A model with a perplexity of 10 is as uncertain
// as somebody who guesses among 10 symbols that are all equally likely.
//
// In letters, the tables do well. With the default list and 1,000 steps, the networks come up to the counts of two letters of context, with
// a context of three. There are so few contexts of three letters that counting them works. The lecture's answer is a longer context.
//
// ## Words
//
// The paper's first text is the Brown corpus: 500 American texts of 1961, from news to science fiction, typed in with all their marks. It
// is downloaded once, 2.9 MB, and kept. It is cut into tokens already, words and punctuation marks.

// %%
const brown = await loadBrown()
const { tokens } = brown
console.log(`${grouped(tokens.length)} tokens, ${grouped(new Set(tokens).size)} different`)
console.log(tokens.slice(0, brown.sentenceEnds[0]).join(" "))

// %% [markdown]
// In the paper, all words that occur three times or less are one symbol. The rest is more than a notebook should wait for, so this chapter
// keeps the 2,000 most frequent words. `docs/bengio.md` has the paper's whole table, with all the words.

// %%
const ofPaper = Words.fromTokens(tokens, { minCount: brown.minCount })
console.log(`${grouped(ofPaper.symbols.length - 1)} symbols by the rule of the paper`)
const words = Words.fromTokens(tokens, { vocabulary: 2000 })
const ids = words.encodeTokens(tokens)
const rare = ids.filter((id) => id === words.unknown).length / ids.length
console.log(`${grouped(words.size)} symbols: ${words.symbols.slice(0, 12).join(" ")} ...`)
console.log(`${(100 * rare).toFixed(1)} % of the tokens are ${words.symbols[words.unknown]}`)
const sentence = ids.subarray(0, brown.sentenceEnds[0])
console.log(Array.from(sentence, (id) => words.symbols[id]).join(" "))

// %% [markdown]
// Since one symbol stands for all the other words, the perplexities below are lower than the paper's. Compare them with each other only.
//
// The parts are the paper's too: the first 800,000 tokens are for training, and the next 200,000 for validation. The rest, the test part,
// stays closed. We read half of the validation part: 50,000 tokens to choose by, and the 50,000 after them to measure by.

// %%
const [end] = brown.cuts
const stretches = {
  train: { from: 0, to: end },
  choose: { from: end, to: end + 50_000 },
  measure: { from: end + 50_000, to: end + 100_000 },
}
const within = ({ from, to }: { from: number; to: number }) => ids.subarray(from, to)
const mean = (logs: ArrayLike<number>) => Array.from(logs).reduce((sum, log) => sum + log, 0) / logs.length

// ln p of each word of a stretch. The text goes on after it, so there is no stop to predict.
const byCounts = (model: NGram, stretch: { from: number; to: number }) =>
  model.logProbabilities(within(stretch)).slice(0, -1)

const inWords: [string, number, number][] = [["all words alike", 0, Math.log(words.size)]]
const ngrams = [1, 2, 3, 4].map((order) =>
  new NGram({ order, vocabularySize: words.size }).fit([within(stretches.train)]),
)
for (const counts of ngrams)
  inWords.push([
    `counts, context ${counts.order - 1}`,
    counts.parameterCount,
    -mean(byCounts(counts, stretches.measure)),
  ])
console.log(perplexities(inWords))

// %% [markdown]
// From some length on, further words of context bring nothing, although the tables grow. How many of the contexts that we ask about have
// been seen before?

// %%
// Each context as one number: its words are the digits.
const contextsOf = (stretch: { from: number; to: number }, length: number) => {
  const text = within(stretch)
  return Array.from({ length: text.length - length }, (_, k) =>
    text.subarray(k, k + length).reduce((number, id) => number * words.size + id, 0),
  )
}
for (const length of [1, 2, 3, 4]) {
  const known = new Set(contextsOf(stretches.train, length))
  const asked = contextsOf(stretches.measure, length)
  const share = asked.filter((context) => known.has(context)).length / asked.length
  console.log(`contexts of ${length}: ${(100 * share).toFixed(1)} % were seen in the training part`)
}

// %% [markdown]
// ## The networks on words
//
// Nothing in a model knows what a symbol is. The same two classes read words; only V is larger. A running text is no list of lines, so a
// row is a crop of it. For training, `everyRow` has a row that begins at each token; for measuring, `rowsInOrder` predicts each token once.
// The networks are of a size as in the paper: n = 5, which is a context of four words, 30 features and 64 hidden units.
//
// The paper takes a step after each word, by SGD at a rate that falls slowly (`optim.inverseTime`). We use AdamW, and 512 words a step.
//
// `C` would start at random numbers of variance 1. The network sees each letter in every step, but most words only now and then, so much of
// their features would stay random. We let `C` start ten times smaller.

// %%
const small = <M extends Model>(model: M): M => {
  const [embedding] = model.initialize(seed()).parameters()
  embedding.data = embedding.data.map((number) => number / 10)
  return model
}
const sizesOfWords = { vocabularySize: words.size, contextLength: 4, embedding: 30, hidden: 64 }
const wordsInStep = 512
const length = 64 // words of a row
const bengioOnWords = await trained(
  small(new MLP(sizesOfWords)),
  everyRow(ids, { ...stretches.train, reads: "sequences", length }),
  wordsInStep / length,
)

// %%
const flatOnWords = await trained(
  small(new Flat(sizesOfWords)),
  everyRow(ids, { ...stretches.train, reads: "windows", length: 4 }),
  wordsInStep,
)
console.log(
  `${((Number(steps) * wordsInStep) / end).toFixed(2)} times as many words as the training part has`,
)

// %% [markdown]
// The paper also averages the probabilities of a network and of counts, which are wrong in different places. The weight of the network is
// fitted on the tokens that we choose by.

// %%
const byNetwork = async (model: Model, stretch: { from: number; to: number }) => {
  const { reads } = model
  const rows =
    reads === "windows"
      ? rowsInOrder(ids, { ...stretch, reads, length: 4 })
      : rowsInOrder(ids, { ...stretch, reads, length, warmUp: 3 })
  const losses = await training.lossPerTarget(model, rows)
  return losses.filter((_, k) => rows.targets.data[k] >= 0).map((loss) => -loss)
}
const trigram = ngrams[2]
const mixtures: counting.Mixture[] = []
for (const [name, network] of Object.entries({
  "Bengio's network": bengioOnWords,
  "the flat network": flatOnWords,
})) {
  const [choose, measure] = [
    await byNetwork(network, stretches.choose),
    await byNetwork(network, stretches.measure),
  ]
  const mixture = new counting.Mixture({ network, counts: trigram }).fitWeight(
    choose,
    byCounts(trigram, stretches.choose),
  )
  mixtures.push(mixture)
  const ofCounts = byCounts(trigram, stretches.measure)
  const mixed = measure.map((log, k) => mixture.logProbability(log, ofCounts[k]))
  inWords.push([`${name}, context 4`, network.parameterCount, -mean(measure)])
  inWords.push([
    `${mixture.weight.toFixed(2)} of it, the rest counts of context 2`,
    mixture.parameterCount,
    -mean(mixed),
  ])
}
console.log(perplexities(inWords))

// %% [markdown]
// With 1,000 steps, each network is about as good as the best counts. It has less than half of their numbers, and has seen fewer words than
// the training part has, while the paper's networks see each of them ten to twenty times. The mixture is clearly better than its two parts:
// it is the paper's best result too. And the lecture's flat network is as good in words as the paper's.
//
// ## What it has learned
//
// The rows of `C` are points in a space of 30 dimensions. Which words are close to each other? We measure by the cosine of the angle
// between two rows: 1 for the same direction, 0 for a right angle.

// %%
const table = bengioOnWords.embedding.weight
const featuresOf = (id: number) => Array.from(table.data.subarray(30 * id, 30 * (id + 1)))
const dot = (a: number[], b: number[]) => a.reduce((sum, each, k) => sum + each * b[k], 0)
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
const nearest = (word: string, count: number) => {
  const id = words.symbols.indexOf(word)
  return words.symbols
    .map((symbol, other) => ({ symbol, similarity: cosine(featuresOf(id), featuresOf(other)) }))
    .filter(({ symbol }, other) => other > words.unknown && symbol !== word)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, count)
}
console.log(
  charts.table([
    ["word", "nearest", "2nd", "3rd", "4th", "5th"],
    ...["he", "could", "two", "in", "come", "men", "said", "house"].map((word) => [
      word,
      ...nearest(word, 5).map(({ symbol, similarity }) => `${symbol} ${similarity.toFixed(2)}`),
    ]),
  ]),
)

// %% [markdown]
// Nobody told the network what a pronoun or an auxiliary verb is, or that *He* is *he* at the beginning of a sentence. It has found that
// these words have similar neighbors in the text. Nouns are less clear: most are rare, and 1,000 steps are few.
//
// Here is a map of a hundred frequent words: the 30 dimensions are projected onto the two in which these words differ most.

// %%
const frequent = words.symbols
  .map((symbol, id) => ({ symbol, id }))
  .filter(({ symbol, id }) => id > 30 && /^[a-z]{3,}$/.test(symbol))
  .slice(0, 100)
await show(
  charts.embeddingMap({
    numbers: frequent.flatMap(({ id }) => featuresOf(id)),
    symbols: frequent.map(({ symbol }) => symbol),
    title: "A hundred frequent words, by what the network has learned of them",
  }),
)

// %% [markdown]
// ## What they write
//
// The counts and the mixture write 40 tokens each, and never the symbol of the rare words.

// %%
const writers = { "counts, context 2": trigram, "mixed with the network": mixtures[0] }
for (const [name, writer] of Object.entries(writers)) {
  const written: number[] = []
  const reader = sampling.openTextReader(writer)
  const options = { generator: seed(), unseen: 20, never: [words.unknown], vocabularySize: words.size }
  for await (const id of sampling.runningText(reader, options)) if (written.push(id) === 40) break
  await reader.release()
  console.log(`${name}: ${words.decode(written)}`)
}

// %% [markdown]
// A reader of this text is not fooled. But the network is the one that the lecture starts from, and all that came after it keeps the idea:
// symbols have features, which are learned, and what you know about one symbol you know a little about those that are close to it.
