/**
 * What an n-gram model has counted: a table of the likeliest symbols after some contexts, and of a bigram model the counts as a heat
 * map. Source of the map: makemore part 1, "visualizing the bigram tensor".
 */
import { heatMap } from "../charts/chart.ts"
import { table } from "../charts/table.ts"
import type { Media } from "../display/contract.ts"
import { code, htmlTable, joined, paragraph } from "../display/html.ts"
import { visibleSymbol } from "../display/visible-symbol.ts"
import type { Sequence } from "./gram-table.ts"
import type { NGram } from "./ngram.ts"

const LIKELIEST = 5
const CONTEXTS = 12

/** `contexts` are sequences from their start; by default the start, then each symbol alone, so far as there are not too many. */
export async function ngramMedia(
  model: NGram,
  { symbols, contexts }: { readonly symbols?: readonly string[]; readonly contexts?: readonly Sequence[] },
): Promise<Media> {
  const nameOf = (id: number) => (symbols ? visibleSymbol(symbols[id]) : String(id))
  const head = `${model.order}-gram of ${model.vocabularySize} symbols, ${model.parameterCount.toLocaleString("en")} counts`
  const alone = model.order > 1 ? Array.from({ length: model.vocabularySize - 1 }, (_, k) => [k + 1]) : []
  const rows = (contexts ?? [[], ...alone].slice(0, CONTEXTS)).map((context) => {
    const probabilities = model.probabilities(context)
    const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a])
    return {
      after: context.length === 0 ? "the start" : Array.from(context, nameOf).join(symbols ? "" : " "),
      next: order.slice(0, LIKELIEST).map((id) => [nameOf(id), ` ${(100 * probabilities[id]).toFixed(1)} %`]),
    }
  })
  const header = ["after", ...["likeliest", "2nd", "3rd", "4th", "5th"].slice(0, model.vocabularySize)]
  const lines = rows.map(({ after, next }) => [after, ...next.map((each) => each.join(""))])
  const text = `${head}\n\n${table([header, ...lines])}`
  if (model.order === 2 && symbols && !contexts) {
    const map = heatMap(countsOf(model), {
      rows: symbols,
      columns: symbols,
      title: "How often each symbol follows another",
    })
    return { "text/plain": text, "image/svg+xml": await map.svg() }
  }
  return {
    "text/plain": text,
    "text/html": [
      paragraph(head),
      htmlTable([
        header,
        ...rows.map(({ after, next }) => [
          code(after),
          ...next.map(([symbol, share]) => joined([code(symbol), share])),
        ]),
      ]),
    ].join("\n"),
  }
}

/** (V, V): how often the symbol of the column follows that of the row. */
function countsOf(model: NGram) {
  const V = model.vocabularySize
  const state = model.stateDict()
  const { data: newest } = state["tables.0.oldest"]
  const [starts, symbols, counts] = ["starts", "symbols", "counts"].map(
    (name) => state[`tables.1.${name}`].data,
  )
  const numbers = new Float64Array(V * V)
  for (const [context, symbol] of newest.entries())
    for (let k = starts[context]; k < starts[context + 1]; k++) numbers[symbol * V + symbols[k]] = counts[k]
  return { shape: [V, V], values: () => numbers }
}
