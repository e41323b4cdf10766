/**
 * Einstein summation: "bij,bjk->bik" names the axes of each input and of the output; all others are summed over. Inputs are
 * contracted pairwise, by one matrix product each. Source: torch.einsum.
 */
import { ShapeError, show, sizeOf } from "./shape.ts"
import type { Tensor } from "./tensor.ts"

/** A tensor and the letters of its axes. */
interface Lettered {
  readonly x: Tensor
  readonly axes: string
}

export function einsum(equation: string, tensors: readonly Tensor[]): Tensor {
  const [left, output, ...more] = equation.replaceAll(" ", "").split("->")
  const names = left.split(",")
  const isComplete = output !== undefined && more.length === 0
  if (!/^[a-zA-Z,]*$/.test(left) || names.length !== tensors.length || !isComplete)
    throw new ShapeError(`einsum: "${equation}" for ${tensors.length} tensors: write it as "ij,jk->ik"`)
  const extents = new Map<string, number>()
  const terms = tensors.map((x, k): Lettered => {
    const axes = names[k]
    if (axes.length !== x.rank || new Set(axes).size !== axes.length)
      throw new ShapeError(
        `einsum: "${axes}" does not name each axis of ${show(x.shape)} by a letter of its own`,
      )
    for (const [axis, letter] of [...axes].entries()) {
      if ((extents.get(letter) ?? x.shape[axis]) !== x.shape[axis])
        throw new ShapeError(
          `einsum: ${letter} is ${extents.get(letter)} and ${x.shape[axis]} in "${equation}"`,
        )
      extents.set(letter, x.shape[axis])
    }
    return { x, axes }
  })
  if (new Set(output).size !== output.length || [...output].some((letter) => !extents.has(letter)))
    throw new ShapeError(`einsum: "${output}" must name axes of the inputs, each once`)

  const whole = terms.reduce((a, b, k) => {
    const wanted = output + names.slice(k + 1).join("")
    return product(summed(a, b.axes + wanted), summed(b, a.axes + wanted), wanted, extents)
  })
  const { x, axes } = summed(whole, output)
  return x.permute([...output].map((letter) => axes.indexOf(letter)))
}

const pick = (axes: string, wanted: (letter: string) => boolean) => [...axes].filter(wanted).join("")

/** Sums over the axes that nothing needs any more. */
function summed({ x, axes }: Lettered, wanted: string): Lettered {
  const gone = [...axes].flatMap((letter, axis) => (wanted.includes(letter) ? [] : [axis]))
  return { x: x.sum(gone), axes: pick(axes, (letter) => wanted.includes(letter)) }
}

/** Shared axes are batch axes if they are needed later, else the inner axis of the matrix product. */
function product(a: Lettered, b: Lettered, wanted: string, extents: ReadonlyMap<string, number>): Lettered {
  const batch = pick(a.axes, (letter) => b.axes.includes(letter) && wanted.includes(letter))
  const inner = pick(a.axes, (letter) => b.axes.includes(letter) && !wanted.includes(letter))
  const rows = pick(a.axes, (letter) => !b.axes.includes(letter))
  const columns = pick(b.axes, (letter) => !a.axes.includes(letter))
  const shapeOf = (axes: string) => [...axes].map((letter) => extents.get(letter)!)
  const matrix = ({ x, axes }: Lettered, first: string, second: string) => {
    const order = [...(batch + first + second)].map((letter) => axes.indexOf(letter))
    return x.permute(order).reshape([...shapeOf(batch), sizeOf(shapeOf(first)), sizeOf(shapeOf(second))])
  }
  const axes = batch + rows + columns
  return {
    x: matrix(a, rows, inner)
      .matmul(matrix(b, inner, columns))
      .reshape(shapeOf(axes)),
    axes,
  }
}
