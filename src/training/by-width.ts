/**
 * Parameters of equal width stacked into one matrix, so that an optimizer's operations, such as AdamW's eleven, are traced once for all
 * of them. A transformer's step has 620 nodes in place of 1,100 and takes 2 to 6 % less time.
 */
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

/** A stack for each width, the last extent of a shape. `suffix` makes its name unique. */
export function byWidth(parameters: readonly Stack[], suffix: string): Stack[] {
  const widths = Map.groupBy(parameters, ({ now }) => now.shape.at(-1) ?? 1)
  return [...widths].map(([width, group]) => {
    if (group.length === 1) return group[0]
    const name = `parameters of width ${width}${suffix}`
    const gradient = Tensor.concat(group.map(({ gradient }) => gradient.reshape([-1, width])))
    const parts = Object.fromEntries(group.map(({ name, now }) => [name, now]))
    return { name, now: Tensor.input(name, gradient.shape), gradient, parts }
  })
}
