/**
 * Index checks. ONNX Runtime rejects indices that are too large, but reads -1 as the last row. Constants are checked when the graph is
 * compiled, inputs when a run gives them, both at no cost to the graph. Computed indices pass a guard, two nodes that replace negative
 * ones by one that is too large.
 */

/** Indices of an op must be from 0 to count - 1. */
export interface Bound {
  readonly op: string
  readonly count: number
}

/** Throws a RangeError for the first number out of range. `of` names the input. */
export function expectIndices(numbers: ArrayLike<number>, { op, count }: Bound, of = ""): void {
  const i = firstOutside(numbers, count)
  if (i >= 0)
    throw new RangeError(`${op}: index ${numbers[i]} at ${i}${of} is not one of 0 to ${count - 1}${remedy}`)
}

const remedy = ": give only these, or make the table larger: in a model by vocabularySize, labels or classes"

export const firstOutside = (numbers: ArrayLike<number>, count: number): number =>
  Array.prototype.findIndex.call(numbers, (number: number) => !(number >= 0 && number < count))

/** Rewords ONNX Runtime's error for an index out of range as the interpreter's; returns any other error unchanged. */
export function explained(error: unknown): unknown {
  const message = String((error as Error)?.message)
  const [, op, index, last, place] =
    /Name:'(\w*)[^']*' Status Message: (?:indices element out of data bounds, idx=(-?\d+) .*,(\d+)\]|invalid indice found, indice = (-?\d+)|.*Out of range value in index tensor)/.exec(
      message,
    ) ?? []
  if (op === undefined) return error
  const wrong =
    last === undefined
      ? place === undefined
        ? "an index is too large or below 0"
        : `index ${place}, or one below 0, is not a row of the table`
      : `index ${index}${index === String(Number(last) + 1) ? ", or one below 0," : ""} is not one of 0 to ${last}`
  return new RangeError(`${op || "gather"}: ${wrong}${remedy}`, { cause: error })
}
