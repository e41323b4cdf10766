/**
 * Chapter 4, 17:11: the problem with the flat network, and WaveNet's answer. The flat network squashes the whole context in one layer; a
 * tree fuses it progressively: pairs of neighbours, then pairs of pairs, and so on.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figure 3.
 *
 *   npx node lecture/04-wavenet-overview.ts
 */
import { nn } from "../src/index.ts"

// %% The tree
// The symbols of the context that each unit of each level has seen.
let level = [..."deandre".padStart(8, ".")]
console.log(`symbols  ${level.join("        ")}`)
for (let depth = 1; level.length > 1; depth++) {
  level = Array.from({ length: level.length / 2 }, (_, k) => level[2 * k] + level[2 * k + 1])
  console.log(`level ${depth}  ${level.map((seen) => `[${seen}]`).join(" ")}`)
}

// %% Receptive field
// Each level doubles the receptive field. In the paper, the levels are convolutions of width 2 with doubling dilations.
for (const dilations of [[1], [1, 2], [1, 2, 4], [1, 2, 4, 8]])
  console.log(`dilations ${dilations.join(", ")}: receptive field ${nn.receptiveField(dilations, 2)} symbols`)

// %% Parameter count
// The flat network's first layer grows linearly with the context; the tree grows logarithmically.
const [embedding, hidden] = [10, 68]
for (const context of [8, 16, 32]) {
  const flat = context * embedding * 200
  const tree = 2 * embedding * hidden + (Math.log2(context) - 1) * 2 * hidden * hidden
  console.log(
    `context ${context}: ${flat} weights in the flat network's first layer, ${tree} in the tree's levels`,
  )
}
