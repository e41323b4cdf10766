/**
 * The cost of generating a symbol: one position at a time with cached state, against recomputing the whole receptive field.
 * Source: Paine et al. 2016, https://arxiv.org/abs/1611.09482, figure 4.
 */

import { type Model, models, WaveNet2016 } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { multiplications } from "../src/nn/multiplications.ts"
import { tracePosition } from "../src/nn/stepwise.ts"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { openSampler, openStream, openTextReader } from "../src/sampling/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import type { Benchmark, Contender } from "./benchmark.ts"
import { generationChart } from "./generation-chart.ts"
import { vocabularySize } from "./rows.ts"

const initialized = <M extends Model>(model: M): M => model.initialize(new Generator(1))

/** The multiplications of a step for one sequence. */
function ofStep(model: WaveNet2016): number {
  const [ids, age] = ["ids", "age"].map((name) => Tensor.input(name, [1], "int32"))
  const { logits } = tracePosition({ age, contextLength: model.contextLength }, (past) =>
    model.forward(ids.unsqueeze(1), { past }),
  )
  return multiplications(logits)
}

const millions = (count: number) => `${(count / 1e6).toPrecision(3)} million multiplications per symbol`

/** Draws one endless sequence. */
const cached = (name: string, make: () => WaveNet2016): Contender => ({
  name,
  async prepare() {
    const model = initialized(make())
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

/** Recomputes the receptive field for each symbol. A block is one symbol, which may take as long as a block of `cached`. */
const recomputed = (
  name: string,
  make: () => WaveNet2016,
  { atLeast }: { atLeast?: number } = {},
): Contender => ({
  name,
  atLeast,
  async prepare() {
    const model = initialized(make())
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
    "one sample of a WaveNet for sound (30 layers, 32/32/256 channels, receptive field 3,071), one thread; 500 µs are 2,000 per second",
  steps: 960,
  lossesWithin: 0,
  contenders: [cached("cached", deep), recomputed("recomputed", deep, { atLeast: 100 })],
}

/** Twelve layers: fewer stacks have a larger receptive field with the same parameters and step. */
const twelve = (stacks: number) => () => new WaveNet2016({ vocabularySize, layers: 12 / stacks, stacks })

export const generationField: Benchmark = {
  name: "generation-field",
  description: "one symbol of a WaveNet of 12 layers and 64 channels, by receptive field, one thread",
  steps: 320,
  lossesWithin: 0,
  chart: generationChart,
  contenders: [12, 6, 4, 3, 2, 1].flatMap((stacks) => {
    const { receptiveField } = twelve(stacks)()
    return [
      cached(`cached, receptive field     ${receptiveField}`, twelve(stacks)),
      recomputed(`recomputed, receptive field ${receptiveField}`, twelve(stacks)),
    ]
  }),
}

/** Names from an untrained network whose probability of the stop gives names of realistic length. */
const names = (
  name: keyof typeof models,
  { batchSize, ...sizes }: { batchSize: number; stacks?: number },
): Contender => ({
  name: `${name}${sizes.stacks === 1 ? ", one stack" : ""}, ${batchSize} at a time`,
  async prepare() {
    const model = initialized(new models[name]({ vocabularySize, ...sizes }) as Model)
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
        // Scaled to the mean length of real names.
        return ((performance.now() - begin) * 1000 * symbolsPerName) / symbols
      },
      notes: [`${model.parameterCount} parameters`],
      close: () => sampler.release(),
    }
  },
})

/** The mean over names.txt, the stop included. */
const symbolsPerName = 7.12

export const generationNames: Benchmark = {
  name: "generation-names",
  description: "one name (7.12 symbols), drawn in batches, one thread; 50 µs are 20,000 per second",
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

/** Reads on in one text of which so many symbols have been read. */
const reading = (
  name: keyof typeof models,
  { after, ...sizes }: { after: number; [size: string]: number },
): Contender => ({
  name: `${name}, after ${after.toLocaleString("en")} symbols`,
  async prepare() {
    const model = initialized(new models[name]({ vocabularySize: CHARACTERS, ...sizes }) as Model)
    const reader = openTextReader(model)
    const read = await reader.begin()
    const random = new Generator(2)
    const next = async (count: number) => {
      for (const symbol of random.randint(1, CHARACTERS, count)) await read(symbol)
    }
    await next(after)
    return {
      async run(count) {
        await next(count)
        return undefined
      },
      notes: [`${model.parameterCount} parameters`],
      close: () => reader.release(),
    }
  },
})

/** As a book has. */
const CHARACTERS = 90

/** About 800,000 parameters each: those of docs/running-text.md. */
const runningSizes = {
  gru: { embedding: 64, hidden: 470, contextLength: 64 },
  "wavenet-2016": {
    ...{ layers: 8, stacks: 1, residualChannels: 128, dilationChannels: 128, skipChannels: 128 },
    contextLength: 256,
  },
  transformer: { layers: 4, heads: 4, embedding: 128, contextLength: 64 },
} as const

export const generationRunning: Benchmark = {
  name: "generation-running",
  description: "one symbol of a running text, at its beginning and after 10,000 symbols, one thread",
  steps: 640,
  lossesWithin: 0,
  contenders: (["gru", "wavenet-2016", "transformer"] as const).flatMap((name) =>
    [0, 10_000].map((after) => reading(name, { after, ...runningSizes[name] })),
  ),
}
