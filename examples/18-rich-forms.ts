// %% [markdown]
// # Rich forms
//
// In a notebook, the last value of a cell and each thing passed to `show` appear in a rich form: a table, a picture, a player. In a
// console they are printed as text: `npx node examples/18-rich-forms.ts`.

// %%
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  charts,
  counting,
  data,
  follow,
  Generator,
  heatMap,
  loadText,
  nn,
  runs,
  show,
  sound,
  Tensor,
  train,
  training,
  WaveNet,
} from "makewave"

// %% [markdown]
// ## Data

// %%
const text = await loadText("names")
const parts = data.split(text)
const vocabulary = data.Vocabulary.from(text.lines)
const rows = data.windows(parts.train.lines, vocabulary, 8)
await show(parts, vocabulary, rows)

// %% [markdown]
// ## Counts

// %%
const encoded = parts.train.lines.map((line) => vocabulary.encode(line))
const ngram = (order: number) => new counting.NGram({ order, vocabularySize: vocabulary.size }).fit(encoded)
await show(ngram(2).named(vocabulary), ngram(4).named(vocabulary, { contexts: ["", "an", "qu"] }))

// %% [markdown]
// ## Tensors

// %%
const x = Tensor.constant([1, 2, 3, 4, 5, 6], [2, 3])
await show(x, x.sub(3.5).reshape([3, 1, 2]), Tensor.input("ids", [32, 8], "int32"))

// %% [markdown]
// ## A model and its training

// %%
const model = new WaveNet({ vocabularySize: vocabulary.size }).initialize(new Generator(42))
await show(model, nn.summarize(model, Tensor.input("ids", [1, 8], "int32")))

// %%
const validation = data.windows(parts.validation.lines, vocabulary, 8)
const steps = train(model, rows, { steps: 3000 })
await follow(steps, {
  title: "WaveNet",
  validation: () => training.evaluate(model, validation),
})

// %%
const table = model.namedParameters()[0][1]
await show(table, heatMap(table, { rows: vocabulary.symbols, title: "The embedding" }))
await show(charts.embeddingMap({ numbers: table.data, symbols: vocabulary.symbols }))

// %%
await show(await training.diagnose(model, rows, { rows: [...Array(32).keys()] }))
await show(training.evaluationReport(await training.lossPerLine(model, validation)))

// %% [markdown]
// ## A run

// %%
const out = mkdtempSync(join(tmpdir(), "makewave-"))
const given = { data: "names", model: "wavenet", steps: 1000, seed: 7, evaluateEvery: 200 } as const
let run: runs.Run | undefined
for await (const event of runs.runTraining({ given, out, brief: true }))
  if (event.kind === "begun") run = event.run
await show(run)
rmSync(out, { recursive: true })

// %% [markdown]
// ## Sound

// %%
const tone = Float32Array.from(
  { length: 8000 },
  (_, k) => 0.5 * Math.sin(2 * Math.PI * (200 + k / 10) * (k / 8000)),
)
const heard = await sound.readWav(await sound.writeWav({ sampleRate: 8000, samples: tone }))
await show(heard, sound.spectrogram(heard))

// %% [markdown]
// ## Errors

// %%
try {
  x.matmul(x)
} catch (error) {
  console.log(`${error}`)
}
