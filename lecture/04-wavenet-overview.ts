/**
 * Chapter 4, 17:11: the problem with the flat network, and WaveNet's answer. The flat network squashes the whole context in one layer; a
 * tree fuses it progressively: pairs of neighbours, then pairs of pairs, and so on.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, figure 3.
 *
 *   npx node lecture/04-wavenet-overview.ts
 */
import "../examples/errors.ts"
import { nn } from "../src/index.ts"

// %% The tree
// The symbols of the context that each unit of each level has seen, in the middle of the columns of those symbols.
const context = "deandre".padStart(8, ".")
for (let width = 1; width <= context.length; width *= 2) {
  const units = context.match(new RegExp(`.{${width}}`, "g")) ?? []
  const name = width === 1 ? "symbols" : `level ${Math.log2(width)}`
  console.log(`${name}  ${units.map((seen) => centred(`[${seen}]`, 4 * width)).join("")}`.trimEnd())
}

function centred(text: string, width: number): string {
  return text.padStart((width + text.length) >> 1).padEnd(width)
}

// %% Receptive field
// Each level doubles the receptive field. In the paper, the levels are convolutions of width 2 with doubling dilations. They compute the
// same as the tree, at all positions at once: npm run -s makewave -- lecture --dilated
for (const dilations of [[1], [1, 2], [1, 2, 4], [1, 2, 4, 8]])
  console.log(`dilations ${dilations.join(", ")}: receptive field ${nn.receptiveField(dilations, 2)} symbols`)

// %% Parameter count
// The flat network's first layer grows linearly with the context; the tree grows logarithmically.
const [embedding, hidden] = [10, 68]
for (const length of [8, 16, 32]) {
  const flat = length * embedding * 200
  const tree = 2 * embedding * hidden + (Math.log2(length) - 1) * 2 * hidden * hidden
  console.log(
    `context ${length}: ${flat} weights in the flat network's first layer, ${tree} in the tree's levels`,
  )
}
