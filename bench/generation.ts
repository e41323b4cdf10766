/**
 * What a symbol costs that a trained network makes: one position at a time from what is kept, against reading everything anew.
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, figure 4.
 */

import { type Model, models, WaveNet2016 } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { multiplications } from "../src/nn/multiplications.ts"
import { tracePosition } from "../src/nn/stepwise.ts"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { openSampler, openStream } from "../src/sampling/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import type { Benchmark, Contender } from "./benchmark.ts"
import { generationChart } from "./generation-chart.ts"
import { vocabularySize } from "./rows.ts"

const started = <M extends Model>(model: M): M => model.initialize(new Generator(1))

/** The multiplications of a step for one sequence. */
function ofStep(model: WaveNet2016): number {
  const [ids, age] = ["ids", "age"].map((name) => Tensor.input(name, [1], "int32"))
  const { logits } = tracePosition({ age, contextLength: model.contextLength }, (past) =>
    model.forward(ids.unsqueeze(1), { past }),
  )
  return multiplications(logits)
}

const millions = (count: number) => `${(count / 1e6).toPrecision(3)} million multiplications a symbol`

/** Draws one sequence without end. */
const cached = (name: string, make: () => WaveNet2016): Contender => ({
  name,
  async prepare() {
    const model = started(make())
    const stream = openStream(model, { generator: new Generator(2) })
    return {
      async run(count) {
        await stream.draw(count)
        return undefined
      },
      notes: [millions(ofStep(model))],
      close: () => stream.release(),
    }
  },
})

/** Reads the whole receptive field for each symbol. One symbol is a block, for it may take as long as a block of the other. */
const anew = (name: string, make: () => WaveNet2016, { atLeast }: { atLeast?: number } = {}): Contender => ({
  name,
  atLeast,
  async prepare() {
    const model = started(make())
    const ids = Tensor.input("ids", [1, model.receptiveField], "int32")
    const logits = trace(model, "evaluation", () => model.forward(ids)).result.slice(1, -1)
    const leaves = Object.fromEntries(model.namedParameters())
    const numbers = Object.fromEntries(model.namedParameters().map(([name, { data }]) => [name, data]))
    const compiled = await compile({ ids, ...leaves }, { logits })
    const random = new Generator(2)
    return {
      async run() {
        const begin = performance.now()
        await compiled.run({ ids: random.randint(0, model.vocabularySize, model.receptiveField), ...numbers })
        return (performance.now() - begin) * 1000
      },
      notes: [millions(multiplications(logits))],
      close: () => compiled.release(),
    }
  },
})

const deep = () =>
  new WaveNet2016({
    vocabularySize: 256,
    layers: 10,
    stacks: 3,
    residualChannels: 32,
    dilationChannels: 32,
    skipChannels: 256,
  })

export const generationDeep: Benchmark = {
  name: "generation-deep",
  description:
    "one sample of the WaveNet for sound (30 layers, 32/32/256 channels, looks back 3,071), one thread; 500 µs are 2,000 a second",
  steps: 960,
  lossesWithin: 0,
  contenders: [cached("cached", deep), anew("all read anew", deep, { atLeast: 100 })],
}

/** Twelve layers, which as one stack look back further than as many: the same parameters, the same step. */
const twelve = (stacks: number) => () => new WaveNet2016({ vocabularySize, layers: 12 / stacks, stacks })

export const generationField: Benchmark = {
  name: "generation-field",
  description: "one symbol of a WaveNet of 12 layers with 64 channels, by how far it looks back, one thread",
  steps: 320,
  lossesWithin: 0,
  chart: generationChart,
  contenders: [12, 6, 4, 3, 2, 1].flatMap((stacks) => {
    const { receptiveField } = twelve(stacks)()
    return [
      cached(`cached, looks back ${receptiveField}`, twelve(stacks)),
      anew(`read anew,      ... ${receptiveField}`, twelve(stacks)),
    ]
  }),
}

/** Names, by a network that has not learned to make any, but stops as often: 7.1 symbols a name, the stop included. */
const names = (
  name: keyof typeof models,
  { batchSize, ...sizes }: { batchSize: number; stacks?: number },
): Contender => ({
  name: `${name}${sizes.stacks === 1 ? ", one stack" : ""}, ${batchSize} at a time`,
  async prepare() {
    const model = started(new models[name]({ vocabularySize, ...sizes }) as Model)
    for (const [name, parameter] of model.namedParameters())
      if (name.startsWith("head.")) parameter.data.fill(0)
    const stopping = 0.12
    const bias = new Map(model.namedParameters()).get("head.bias")
    if (bias) bias.data[0] = Math.log(((vocabularySize - 1) * stopping) / (1 - stopping))
    const sampler = await openSampler(model, { batchSize })
    const generator = new Generator(2)
    return {
      async run(count) {
        let symbols = 0
        const begin = performance.now()
        for await (const { length } of sampler.sample({ count, generator })) symbols += length + 1
        // A name as long as names are, whatever these were.
        return ((performance.now() - begin) * 1000 * symbolsOfName) / symbols
      },
      notes: [`${model.parameterCount} parameters`],
      close: () => sampler.release(),
    }
  },
})

/** Of names.txt on the average, the stop included. */
const symbolsOfName = 7.12

export const generationNames: Benchmark = {
  name: "generation-names",
  description: "one name (7.12 symbols), drawn in batches, one thread; 50 µs are 20,000 a second",
  steps: 8192,
  lossesWithin: 0,
  contenders: [
    names("wavenet-2016", { batchSize: 128 }),
    names("wavenet-2016", { batchSize: 128, stacks: 1 }),
    names("gru", { batchSize: 128 }),
    names("transformer", { batchSize: 128 }),
    names("wavenet-2016", { batchSize: 1 }),
  ],
}
