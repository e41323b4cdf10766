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
  /** The positions of an axis to show; undefined in place of the omitted middle. */
  const shown = (extent: number): (number | undefined)[] => {
    const all = [...Array(extent).keys()]
    return short && extent > 2 * edge ? [...all.slice(0, edge), undefined, ...all.slice(-edge)] : all
  }
  let offsets = [0]
  for (const [axis, extent] of shape.entries()) {
    const steps = shown(extent).filter((at) => at !== undefined)
    offsets = offsets.flatMap((start) => steps.map((at) => start + at * strides[axis]))
  }
  const seen = offsets.map((at) => values[at])
  const textOf = formatter(seen, dtype)

  const text = (axis: number, start: number): string => {
    const below = shape.length - 1 - axis
    if (below < 0) return textOf(values[start])
    const dots = below === 0 ? " ..." : "..."
    const parts = shown(shape[axis]).map((at) =>
      at === undefined ? dots : text(axis + 1, start + at * strides[axis]),
    )
    const indent = " ".repeat(axis + 1)
    if (below > 0) return `[${parts.join(`,${"\n".repeat(below)}${indent}`)}]`
    const perLine = Math.max(1, Math.floor((lineWidth - axis) / ((parts[0]?.length ?? 0) + 2)))
    const lines = Array.from({ length: Math.ceil(parts.length / perLine) }, (_, line) =>
      parts.slice(line * perLine, (line + 1) * perLine).join(", "),
    )
    return `[${lines.join(`,\n${indent}`)}]`
  }
  return text(0, 0)
}

/** Formats each number in the notation and width that fit all of them. */
export function formatter(values: readonly number[], dtype: DType): (x: number) => string {
  const measured = dtype === "float32" ? values.filter((x) => x !== 0 && Number.isFinite(x)) : values
  const write = { float32: floats(measured), int32: String, bool: (x: number) => String(x !== 0) }[dtype]
  const width = Math.max(1, ...measured.map((x) => write(x).length))
  return (x) => write(x).padStart(width)
}

/** Formats floats in the notation that fits those that are finite and not 0. */
function floats(finite: readonly number[]): (x: number) => string {
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
