/**
 * A custom layer in a custom model: WaveNet's gated activation unit, tanh(x F) ⊙ σ(x G), over a context of 8 symbols.
 *
 *   npx node examples/03-your-own-layer.ts [steps]
 */
import "./errors.ts"
import { loadText, split, Vocabulary, windows } from "../src/data/index.ts"
import { Generator, Model, nn, type Tensor, train } from "../src/index.ts"

class Gated extends nn.Layer {
  readonly filter = new nn.Linear(128, 100, { bias: false }) // parameters are found through the fields, without registration
  readonly gate = new nn.Linear(128, 100, { bias: false })

  // (..., 128) -> (..., 100)
  forward(x: Tensor): Tensor {
    return this.filter.forward(x).tanh().mul(this.gate.forward(x).sigmoid())
  }
}

class GatedNetwork extends Model {
  readonly reads = "windows" // ids (B, 8) -> logits (B, 27)
  readonly config = { vocabularySize: 27, contextLength: 8 }
  readonly layers = [new nn.Embedding(27, 16), new nn.Flatten(), new Gated(), new nn.Linear(100, 27)]

  forward(ids: Tensor): Tensor {
    return this.layers.reduce((x, layer) => layer.forward(x), ids)
  }
}

const model = new GatedNetwork().initialize(new Generator(42))
for (const [name, { shape }] of model.namedParameters()) console.log(name, shape)

const steps = Number(process.argv[2] ?? 3000)
const text = await loadText("names")
const rows = windows(split(text).train.lines, Vocabulary.from(text.lines), 8)
for await (const { step, loss } of train(model, rows, { steps, every: 500, rate: 0.1 }))
  console.log(step, loss.toFixed(3))
