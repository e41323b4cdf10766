/** A tensor as HTML: its numbers as tables, one for each matrix of its last two axes, with their indices. */
import { bold, code, htmlTable, paragraph } from "../display/html.ts"
import { formatter } from "./print.ts"
import { show } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** An axis that is longer shows its first and last positions. */
const [LONGEST, EDGE] = [12, 5]
/** The same for the matrices of a tensor with more than two axes. */
const [MATRICES, MATRIX_EDGE] = [4, 2]

type Position = number | undefined

/** `values` are missing where there are none, for the reason `lacks`. */
export function tensorHtml(
  tensor: Tensor,
  { values, lacks = "" }: { readonly values?: Float64Array; readonly lacks?: string },
): string {
  const kind = [bold(tensor.constructor.name), ` ${show(tensor.shape)} ${tensor.dtype}`] as const
  if (!values) return paragraph(...kind, `, ${lacks}`)
  return [paragraph(...kind), ...tablesOf(values, tensor)].join("\n")
}

function tablesOf(values: Float64Array, { shape, dtype }: Tensor): string[] {
  const leading = shape.slice(0, -2)
  const [rows, columns] = [1, 1, ...shape].slice(-2)
  const matrices = leading.reduce((product, extent) => product * extent, 1)
  const across = positions(columns, LONGEST, EDGE)
  const shown = positions(matrices, MATRICES, MATRIX_EDGE).map((matrix) => ({
    matrix,
    lines: positions(rows, LONGEST, EDGE).map((row) => ({
      row,
      numbers: across.map((column) =>
        matrix === undefined || row === undefined || column === undefined
          ? undefined
          : values[(matrix * rows + row) * columns + column],
      ),
    })),
  }))
  const numbers = shown.flatMap(({ lines }) => lines.flatMap((line) => line.numbers))
  const format = formatter(
    numbers.filter((x) => x !== undefined),
    dtype,
  )
  const written = (x: number | undefined) => (x === undefined ? "…" : code(format(x).trim()))
  if (shape.length === 0) return [paragraph(written(values[0]))]
  return shown.flatMap(({ matrix, lines }) => {
    if (matrix === undefined) return [paragraph("…")]
    const body = lines.map(({ row, numbers }) => [
      shape.length === 1 ? "" : numbered(row),
      ...numbers.map(written),
    ])
    const table = htmlTable([["", ...across.map(numbered)], ...body])
    return leading.length === 0 ? [table] : [paragraph(code(`[${indicesOf(matrix, leading)}]`)), table]
  })
}

/** The index on each of the axes of what is number `at` in row-major order. */
function indicesOf(at: number, axes: readonly number[]): string {
  const indices: number[] = []
  for (const extent of axes.toReversed()) {
    indices.unshift(at % extent)
    at = Math.floor(at / extent)
  }
  return indices.join(", ")
}

const numbered = (position: Position): string => (position === undefined ? "…" : String(position))

/** The positions of an axis to show; undefined in place of the omitted middle. */
function positions(extent: number, longest: number, edge: number): Position[] {
  if (extent <= longest) return [...Array(extent).keys()]
  const first = [...Array(edge).keys()]
  return [...first, undefined, ...first.map((k) => extent - edge + k)]
}
