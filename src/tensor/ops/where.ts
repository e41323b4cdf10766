/** a where the condition holds, else b. The gradient goes where the number came from. */
import { elementwise } from "../op.ts"

export const where = elementwise("where", {
  reference: (condition, a, b) => (condition !== 0 ? a : b),
  onnx: "Where",
  dtype: ([, a]) => a,
  gradient: (g, [condition]) => [undefined, condition.where(g, 0), condition.where(0, g)],
  examples: [
    [
      [3, 4],
      [3, 4],
      [3, 4],
    ],
    [[4], [3, 1], []],
  ].map((shapes) => ({
    shapes,
    ranges: [
      [0, 2],
      [-2, 2],
      [-2, 2],
    ],
    dtypes: ["bool", "float32", "float32"],
  })),
})
