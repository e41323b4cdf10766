/**
 * Parameters of equal width stacked into one matrix, so that an optimizer's operations, such as AdamW's eleven, are traced once for all
 * of them. A transformer's step has 620 nodes in place of 1,100 and takes 2 to 6 % less time.
 */
import type { Parameter } from "../nn/variable.ts"
import { Tensor } from "../tensor/tensor.ts"

/** A parameter, or several as the rows of a matrix (R, C). */
export interface Stack {
  readonly name: string
  readonly now: Tensor
  /** The gradient of `now`, in its shape. */
  readonly gradient: Tensor
  /** The parameters that `now` stacks, by name, if there are several. */
  readonly parts?: Readonly<Record<string, Parameter>>
}

interface Member {
  readonly name: string
  readonly parameter: Parameter
  readonly gradient: Tensor
}

export const alone = ({ name, parameter, gradient }: Member): Stack => ({ name, now: parameter, gradient })

/** A stack for each width, the last extent of a shape. `suffix` makes its name unique. */
export function byWidth(members: readonly Member[], suffix: string): Stack[] {
  const widths = Map.groupBy(members, ({ parameter }) => parameter.shape.at(-1) ?? 1)
  return [...widths].map(([width, group]) => {
    if (group.length === 1) return alone(group[0])
    const name = `parameters of width ${width}${suffix}`
    const gradient = Tensor.concat(group.map(({ gradient }) => gradient.reshape([-1, width])))
    const parts = Object.fromEntries(group.map(({ name, parameter }) => [name, parameter]))
    return { name, now: Tensor.input(name, gradient.shape), gradient, parts }
  })
}
