/**
 * Parameters of equal width stacked into one matrix, so that an optimizer's operations, such as AdamW's eleven, are traced once for all
 * of them. A transformer's step has 620 nodes in place of 1,100 and takes 2 to 6 % less time. Where there are many classes, their weights
 * and biases are one product too (runtime/rules/many-classes.ts).
 */
import { isWide } from "../tensor/many.ts"
import { Tensor } from "../tensor/tensor.ts"

/** A parameter, or several as the rows of a matrix (R, C). */
export interface Stack {
  readonly name: string
  readonly now: Tensor
  /** The gradient of `now`, in its shape. */
  readonly gradient: Tensor
  /** The parameters that `now` stacks, by name, if there are several. */
  readonly parts?: Readonly<Record<string, Tensor>>
}

/** A stack for each width, the last extent of a shape. `suffix` makes its name unique. With `wideOnly` the others stay alone. */
export function byWidth(parameters: readonly Stack[], suffix: string, { wideOnly = false } = {}): Stack[] {
  const widths = Map.groupBy(parameters, ({ now }) => now.shape.at(-1) ?? 1)
  return [...widths].flatMap(([width, group]) => {
    const rows = group.reduce((sum, { now }) => sum + now.size / width, 0)
    if (group.length === 1 || (wideOnly && !isWide([width], rows))) return group
    const name = `parameters of width ${width}${suffix}`
    const gradient = Tensor.concat(group.map(({ gradient }) => gradient.reshape([-1, width])))
    const parts = Object.fromEntries(group.map(({ name, now }) => [name, now]))
    return { name, now: Tensor.input(name, gradient.shape), gradient, parts }
  })
}

/** Which rows of a stack are of matrices; undefined if all are. */
export function decayedRows({ now, parts = { now } }: Pick<Stack, "now" | "parts">): Tensor | undefined {
  const all = Object.values(parts)
  if (all.every(({ rank }) => rank > 1)) return undefined
  if (all.length === 1) return Tensor.scalar(0)
  const width = now.shape.at(-1)!
  const rows = all.flatMap(({ rank, size }) => new Array<number>(size / width).fill(Number(rank > 1)))
  return Tensor.constant(rows, [rows.length, 1])
}
