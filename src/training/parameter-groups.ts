/**
 * Parameters of one width, one below the other: what an optimizer does to each number, such as AdamW's eleven steps, it does to all of
 * a group at once. Of the 1,100 nodes of a transformer's step 620 are left, and it takes 2 to 6 % less time.
 */
import type { Parameter } from "../nn/variable.ts"
import { Tensor } from "../tensor/tensor.ts"

/** A parameter, or several as rows of a matrix (R, C). */
export interface ParameterGroup {
  readonly name: string
  readonly now: Tensor
  /** What the optimizer is given for it, in its shape. */
  readonly change: Tensor
  readonly parts?: Readonly<Record<string, Parameter>>
}

interface Member {
  readonly name: string
  readonly parameter: Parameter
  readonly change: Tensor
}

export const alone = ({ name, parameter, change }: Member): ParameterGroup => ({
  name,
  now: parameter,
  change,
})

/** A group for each width, the last extent of a shape. */
export function byWidth(members: readonly Member[]): ParameterGroup[] {
  const widths = Map.groupBy(members, ({ parameter }) => parameter.shape.at(-1) ?? 1)
  return [...widths].map(([width, group]) => {
    if (group.length === 1) return alone(group[0])
    const name = `parameters of width ${width}`
    const change = Tensor.concat(group.map(({ change }) => change.reshape([-1, width])))
    const parts = Object.fromEntries(group.map(({ name, parameter }) => [name, parameter]))
    return { name, now: Tensor.input(name, change.shape), change, parts }
  })
}
