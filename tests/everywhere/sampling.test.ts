/** Things drawn in the graph, one position at a time, in Node and in Chromium: those of reading everything anew. */
import { describe, expect, test } from "vitest"
import { models } from "../../src/models/index.ts"
import { Generator } from "../../src/random/index.ts"
import { openSampler, type Sampler } from "../../src/sampling/index.ts"
import { recomputingSampler } from "../../src/sampling/recomputing-sampler.ts"

describe.each(["gru", "transformer", "wavenet-2016"] as const)("%s", (name) => {
  test("draws the same things from what it kept", async () => {
    const model = new models[name]({ vocabularySize: 9, contextLength: 10 }).initialize(new Generator(1))
    const things = async (sampler: Sampler) => {
      const drawn: number[][] = []
      const options = { count: 12, generator: new Generator(2), prompt: [4], topK: 6, topP: 0.9 }
      for await (const thing of sampler.sample(options)) drawn.push(thing)
      await sampler.release()
      return drawn
    }
    const drawn = await things(await openSampler(model))
    expect(drawn.length).toBe(12)
    expect(drawn).toEqual(await things(recomputingSampler(model)))
  })
})
