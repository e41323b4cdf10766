/**
 * Values as PyTorch prints them: nested in brackets, padded to one width, abbreviated when there are many.
 * Source: https://github.com/pytorch/pytorch/blob/v1.13.1/torch/_tensor_str.py.
 */
import type { DType } from "./op.ts"
import { type Shape, sizeOf, stridesOf } from "./shape.ts"

const precision = 4
const lineWidth = 80
/** Tensors with more elements show only the first and last few positions of each axis. */
const threshold = 1000
const edge = 3

/** The values of a tensor in brackets. */
export function printed(values: ArrayLike<number>, shape: Shape, dtype: DType): string {
  const strides = stridesOf(shape)
  const short = sizeOf(shape) > threshold
  /** The positions of an axis to show; undefined stands for the omitted middle. */
  const shown = (extent: number): (number | undefined)[] => {
    const all = [...Array(extent).keys()]
    return short && extent > 2 * edge ? [...all.slice(0, edge), undefined, ...all.slice(-edge)] : all
  }
  const seen = shape.reduce<number[]>(
    (starts, extent, axis) =>
      starts.flatMap((start) =>
        shown(extent).flatMap((at) => (at === undefined ? [] : [start + at * strides[axis]])),
      ),
    [0],
  )
  const textOf = formatter(
    seen.map((at) => values[at]),
    dtype,
  )

  const dots = (axis: number) => (axis === shape.length - 1 ? " ..." : "...")
  const text = (axis: number, start: number): string => {
    if (axis === shape.length) return textOf(values[start])
    const parts = shown(shape[axis]).map((at) =>
      at === undefined ? dots(axis) : text(axis + 1, start + at * strides[axis]),
    )
    const indent = " ".repeat(axis + 1)
    if (axis < shape.length - 1) return `[${parts.join(`,${"\n".repeat(shape.length - 1 - axis)}${indent}`)}]`
    const perLine = Math.max(1, Math.floor((lineWidth - axis) / (parts[0].length + 2)))
    const lines = Array.from({ length: Math.ceil(parts.length / perLine) }, (_, line) =>
      parts.slice(line * perLine, (line + 1) * perLine).join(", "),
    )
    return `[${lines.join(`,\n${indent}`)}]`
  }
  return text(0, 0)
}

/** Formats each number in the notation and width that fit all of them. */
function formatter(values: readonly number[], dtype: DType): (x: number) => string {
  const write =
    dtype === "float32" ? floats(values) : dtype === "int32" ? String : (x: number) => String(x !== 0)
  const measured = dtype === "float32" ? values.filter((x) => x !== 0 && Number.isFinite(x)) : values
  const width = Math.max(1, ...measured.map((x) => write(x).length))
  return (x) => write(x).padStart(width)
}

function floats(values: readonly number[]): (x: number) => string {
  const finite = values.filter((x) => x !== 0 && Number.isFinite(x))
  const sizes = finite.map(Math.abs)
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)]
  const whole = finite.every(Number.isInteger)
  const scientific = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4)
  return (x) => {
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf"
    const sign = Object.is(x, -0) ? "-" : ""
    // Python writes exponents with at least two digits.
    if (scientific) return sign + x.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2")
    return sign + (whole ? `${x}.` : x.toFixed(precision))
  }
}
