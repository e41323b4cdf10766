/** The rows of a data set as text and as HTML: the first of them, context -> target, in symbols. */
import { type Forms, shownAs } from "../display/contract.ts"
import { visibleSymbol } from "../display/visible-symbol.ts"

/** How many rows are shown. */
const FIRST = 8

/** (N, T), or (N) for the targets of windows. */
interface Ids {
  readonly data: Int32Array
  readonly shape: readonly number[]
}

/** The rows, which show themselves. A target that is ignored is no symbol, and not shown. */
export function shownRows<Rows extends { readonly inputs: Ids; readonly targets: Ids }>(
  rows: Rows,
  symbols: readonly string[],
): Rows {
  const { inputs, targets } = rows
  const [N] = inputs.shape
  const head = `${N.toLocaleString("en")} rows: inputs (${inputs.shape.join(", ")}), targets (${targets.shape.join(", ")})`
  const row = ({ data, shape: [, T = 1] }: Ids, k: number) =>
    Array.from(data.subarray(k * T, (k + 1) * T), (id) =>
      id in symbols ? visibleSymbol(symbols[id]) : "",
    ).join("")
  const first = () =>
    Array.from({ length: Math.min(FIRST, N) }, (_, k) => [row(inputs, k), row(targets, k)] as const)
  const forms: Forms = {
    text: () =>
      [
        head,
        ...first().map(([context, target]) => `${context} -> ${target}`),
        ...(N > FIRST ? ["…"] : []),
      ].join("\n"),
    async html() {
      const { code, htmlTable, paragraph } = await import("../display/html.ts")
      const lines = first().map((line) => line.map(code))
      return [
        paragraph(head),
        htmlTable([["context", "target"], ...lines, ...(N > FIRST ? [["…", ""]] : [])], { left: 2 }),
      ].join("\n")
    },
  }
  return shownAs(rows, forms)
}
