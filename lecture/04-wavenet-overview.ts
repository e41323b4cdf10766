/**
 * Chapter 4, 17:11: what is wrong with the flat network, and WaveNet's answer. One layer crushes all symbols of the context at once;
 * a tree fuses two neighbours, then two pairs, then two groups of four, and so looks closer at what stands together.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figure 3.
 *
 *   npx node lecture/04-wavenet-overview.ts
 */
import { nn } from "../src/index.ts"

// %% The tree over a context
// What each unit of each level has seen of the eight symbols before the next one.
let level = [..."deandre".padStart(8, ".")]
console.log(`symbols  ${level.join("        ")}`)
for (let depth = 1; level.length > 1; depth++) {
  level = Array.from({ length: level.length / 2 }, (_, k) => level[2 * k] + level[2 * k + 1])
  console.log(`level ${depth}  ${level.map((seen) => `[${seen}]`).join(" ")}`)
}

// %% How far it sees
// Fusing two at a time doubles the context with each level. In the paper these are convolutions of width 2 whose dilations double.
for (const dilations of [[1], [1, 2], [1, 2, 4], [1, 2, 4, 8]])
  console.log(`${dilations.length} levels see ${nn.receptiveField(dilations, 2)} symbols`)

// %% What it costs
// The first layer of the flat network grows with the context, the tree with the context's logarithm.
const [embedding, hidden] = [10, 68]
for (const context of [8, 16, 32]) {
  const flat = context * embedding * 200
  const tree = 2 * embedding * hidden + (Math.log2(context) - 1) * 2 * hidden * hidden
  console.log(`context ${context}: ${flat} weights to crush it at once, ${tree} to fuse it level by level`)
}
