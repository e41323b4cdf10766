/**
 * Columns of a data set as a step reads them: row numbers in, the rows of each column out. The columns are whole inputs of the graph,
 * the same in every step.
 *
 * N rows of data, of which a step reads B
 */
import type { Column } from "../data/dataset.ts"
import { UserError } from "../errors.ts"
import { show, sizeOf } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"

/** A data set: columns of N rows by name. A constant tensor (N, ...) is a column too. */
export type Columns = Readonly<Record<string, Column | Tensor | undefined>>

/** The rows (B, ...) that a step reads of each column. */
export type Batch<Data extends Columns = Columns> = { readonly [Name in keyof Data]: Tensor }

/** A checked data set. */
export interface Table {
  /** N */
  readonly count: number
  readonly columns: Readonly<Record<string, Column>>
  /** The values per row of the widest column. */
  readonly width: number
}

/** A UserError for columns of unequal lengths, or values that do not fill their shape. */
export function tableOf(data: Columns): Table {
  const columns: Record<string, Column> = {}
  let count: number | undefined
  for (const [name, given] of Object.entries(data)) {
    if (!given) continue
    const column = given instanceof Tensor ? columnOf(name, given) : given
    if (!(column.data && column.shape))
      throw new UserError(
        `'${name}' is not a column: give its values as { data, shape }, or a constant tensor`,
      )
    const [rows, ...row] = column.shape
    const { starts } = column
    const found = starts ? starts.length : column.data.length / sizeOf(row)
    if (column.shape.length === 0 || rows < 1 || found !== rows)
      throw new UserError(
        `the column '${name}' is ${show(column.shape)} and holds ${starts ? `${found} crops` : `${column.data.length} values`}: ` +
          "give a shape of one row or more, rows first, and the values that fill it",
      )
    count ??= rows
    if (rows !== count)
      throw new UserError(
        `the column '${name}' has ${rows} rows, those before it ${count}: give columns of equal length`,
      )
    columns[name] = column
  }
  if (count === undefined) throw new UserError("the data has no columns: give at least one")
  const width = Math.max(...Object.values(columns).map(({ shape }) => sizeOf(shape.slice(1))))
  return { count, columns, width }
}

function columnOf(name: string, tensor: Tensor): Column {
  const { shape, dtype } = tensor
  if (dtype === "bool") throw new UserError(`the column '${name}' is bool: cast it to float32 or int32`)
  const values = tensor.values()
  return { data: dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values), shape }
}

/** The rows of a table at the indices `rows`, int32 (B); the leaves that hold the whole columns, and their values. */
export function traceBatch({ count, columns }: Table, rows: Tensor) {
  const whole: Record<string, Tensor> = {}
  const numbers: Record<string, Float32Array | Int32Array> = {}
  const leaf = (name: string, data: Float32Array | Int32Array, shape: readonly number[]) => {
    numbers[name] = data
    whole[name] = Tensor.input(name, shape, data instanceof Int32Array ? "int32" : "float32")
    return whole[name]
  }
  const begins = new Map<Int32Array, Tensor>()
  const batch: Batch = Object.fromEntries(
    Object.entries(columns).map(([name, { data, shape, starts, warmUp = 0 }]) => {
      if (!starts) return [name, leaf(name, data, shape).gather(rows)]
      // Columns with the same crops share the positions.
      const begin = begins.get(starts) ?? leaf(`starts of ${name}`, starts, [count])
      begins.set(starts, begin)
      const places = begin.gather(rows).unsqueeze(1).add(Tensor.arange(shape[1]))
      const counted = Int32Array.from({ length: shape[1] }, (_, t) => Number(t >= warmUp))
      const read = warmUp > 0 ? places.mul(Tensor.constant(counted, [shape[1]], "int32")) : places
      return [name, leaf(name, data, [data.length]).gather(read)]
    }),
  )
  return { batch, whole, numbers }
}
