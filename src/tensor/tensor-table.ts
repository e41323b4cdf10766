/** A tensor as an HTML table of its numbers: the last axis is the columns, and each row has its indices on the axes before. */
import { bold, htmlTable, paragraph } from "../display/html.ts"
import { formatter } from "./print.ts"
import { show } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** Of more rows or columns, the first and last are shown. */
const [MOST, EDGE] = [12, 5]

/** `values` are missing where there are none, for the reason `lacks`. */
export function tensorHtml(
  tensor: Tensor,
  { values, lacks = "" }: { readonly values?: Float64Array; readonly lacks?: string },
): string {
  const kind = [bold(tensor.constructor.name), ` ${show(tensor.shape)} ${tensor.dtype}`] as const
  if (!values) return paragraph(...kind, `, ${lacks}`)
  if (tensor.rank === 0) return paragraph(...kind, ": ", formatterOf(tensor, [values[0]])(values[0]))
  return [paragraph(...kind), tableOf(values, tensor)].join("\n")
}

function tableOf(values: Float64Array, tensor: Tensor): string {
  const axes = tensor.shape.slice(0, -1)
  const columns = tensor.shape.at(-1)!
  const rows = axes.reduce((product, extent) => product * extent, 1)
  const across = positions(columns)
  const numbers = positions(rows).map((row) =>
    across.map((column) =>
      row === undefined || column === undefined ? undefined : values[row * columns + column],
    ),
  )
  const format = formatterOf(
    tensor,
    numbers.flat().filter((x) => x !== undefined),
  )
  return htmlTable([
    ["", ...across.map((column) => (column === undefined ? "…" : String(column)))],
    ...positions(rows).map((row, k) => [
      row === undefined ? "…" : indicesOf(row, axes),
      ...numbers[k].map((x) => (x === undefined ? "…" : format(x))),
    ]),
  ])
}

/** As PyTorch prints them, but with four decimals where it writes exponents for numbers that are small beside others. */
function formatterOf({ dtype }: Tensor, numbers: readonly number[]): (x: number) => string {
  const format = formatter(numbers, dtype)
  const largest = numbers.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0)
  const isFixed = dtype === "float32" && largest >= 0.01 && largest < 1e5 && !numbers.every(Number.isInteger)
  return (x) => (isFixed && Number.isFinite(x) ? x.toFixed(4) : format(x).trim())
}

/** The index on each of the axes of what is number `at` in row-major order: "2, 0". */
function indicesOf(at: number, axes: readonly number[]): string {
  const indices: number[] = []
  for (const extent of axes.toReversed()) {
    indices.unshift(at % extent)
    at = Math.floor(at / extent)
  }
  return indices.join(", ")
}

/** The positions to show; undefined in place of the omitted middle. */
function positions(extent: number): (number | undefined)[] {
  if (extent <= MOST) return [...Array(extent).keys()]
  const first = [...Array(EDGE).keys()]
  return [...first, undefined, ...first.map((k) => extent - EDGE + k)]
}
