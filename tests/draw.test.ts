/** The draw in the graph is that of `probabilities` and PyTorch's multinomial: with ties, at the ends of float32, with many symbols. */
import { expect, test } from "vitest"
import { Generator } from "../src/random/index.ts"
import { compile } from "../src/runtime/compile.ts"
import { draw } from "../src/sampling/draw.ts"
import { type Choice, probabilities } from "../src/sampling/probabilities.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const scalars = ["temperature", "topK", "topP"] as const

/** Draws from each row of logits (B, V) in the graph, and by `probabilities` from the same noise. */
async function both(rows: readonly Float32Array[], choice: Choice, seed = 1) {
  const [B, V] = [rows.length, rows[0].length]
  const [logits, noise] = [Tensor.input("logits", [B, V]), Tensor.input("noise", [B, V])]
  const given = scalars.filter((name) => choice[name] !== undefined)
  const inputs = Object.fromEntries(given.map((name) => [name, Tensor.input(name, [])]))
  const compiled = await compile({ logits, noise, ...inputs }, { next: draw(logits, noise, inputs) })
  const { next } = await compiled.run({
    logits: Float32Array.from(rows.flatMap((row) => [...row])),
    noise: new Generator(seed).exponential(B * V),
    ...Object.fromEntries(given.map((name) => [name, [choice[name]!]])),
  })
  await compiled.release()
  const generator = new Generator(seed)
  const alone = rows.map((row) => generator.multinomial(probabilities(row, choice), 1)[0])
  return { inGraph: Array.from(next), alone }
}

/** Whole multiples of ln 2, so that many are equal and their probabilities are exact sums of powers of 2. */
const tied = (B: number, V: number, seed: number): Float32Array[] => {
  const levels = new Generator(seed)
  return Array.from({ length: B }, () => Float32Array.from(levels.randint(0, 3, V), (n) => n * Math.LN2))
}

test.each<Choice>([
  {},
  { topK: 1 },
  { topK: 3 },
  { topK: 8 },
  { topP: 0.5 },
  { topP: 0.25 },
  { topP: 0.3, topK: 4 },
  { topP: 0.9, topK: 2, temperature: 0.5 },
  { temperature: 3 },
  { temperature: 0 },
])("%j: the same symbols, though many are equally likely", async (choice) => {
  const { inGraph, alone } = await both(tied(300, 8, 3), choice)
  expect(inGraph).toEqual(alone)
})

test("top-p keeps the fewest that reach it, the earlier of equally likely ones; top-k keeps all as likely as the k-th", async () => {
  const equal = new Float32Array(4)
  const kept = async (choice: Choice) => {
    const { inGraph, alone } = await both(new Array(400).fill(equal), choice)
    expect(inGraph).toEqual(alone)
    return [...new Set(inGraph)].sort()
  }
  expect(await kept({ topP: 0.5 })).toEqual([0, 1])
  expect(await kept({ topP: 0.51 })).toEqual([0, 1, 2])
  expect(await kept({ topP: 0.25 })).toEqual([0])
  expect(await kept({ topP: 1e-300 })).toEqual([0])
  expect(await kept({ topK: 2 })).toEqual([0, 1, 2, 3])
  expect(await kept({ temperature: 0 })).toEqual([0])
  expect(Array.from(probabilities(equal, { topP: 0.5 }))).toEqual([0.5, 0.5, 0, 0])
  expect(Array.from(probabilities(equal, { topK: 2 }))).toEqual([0.25, 0.25, 0.25, 0.25])
})

test.each<Choice>([
  { temperature: 0 },
  { temperature: 1e-320 },
  { temperature: 1e-40 },
  { temperature: 1e-6 },
  { topP: 1e-300 },
  { topP: 1e-40 },
  { topK: 1 },
])("%j takes the likeliest, with logits of any size", async (choice) => {
  const rows = [
    [12, -3, 11.5, 4],
    [-80, -70, -75, -90],
    [3e38, 0, -3e38, 1],
  ].map((row) => Float32Array.from(row))
  const likeliest = [0, 1, 0]
  const { inGraph, alone } = await both(rows, choice)
  expect({ inGraph, alone }).toEqual({ inGraph: likeliest, alone: likeliest })
})

test.each<Choice>([{ topK: 5 }, { topP: 0.3 }])(
  "%j of 20,000 symbols takes no memory for their square",
  async (choice) => {
    const row = new Generator(5).randn(20_000)
    const before = process.resourceUsage().maxRSS
    const { inGraph, alone } = await both([row, row], choice)
    expect(inGraph).toEqual(alone)
    expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(300e6) // the square is 400 million
  },
)
