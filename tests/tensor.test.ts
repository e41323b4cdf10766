/** The language's words that are no op of their own: leaves, parts, what is refused, and how a tensor is printed. */
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { mseLoss } from "../src/tensor/functional.ts"
import { printed } from "../src/tensor/print.ts"
import { Tensor } from "../src/tensor/tensor.ts"

const list = (tensor: Tensor) => Array.from(tensor.values())

test.each([
  [[4], [0, 1, 2, 3], "int32"],
  [[2, 7], [2, 3, 4, 5, 6], "int32"],
  [[7, 0, -2], [7, 5, 3, 1], "int32"],
  [[0, 1, 0.25], [0, 0.25, 0.5, 0.75], "float32"],
] as const)("arange(%j)", (range, want, dtype) => {
  const tensor = Tensor.arange(...(range as unknown as [number, number, number]))
  expect(list(tensor)).toEqual(want)
  expect(tensor.dtype).toBe(dtype)
})

const x = Tensor.arange(6).reshape([2, 3])

test("a reduction over no axes changes nothing", () => {
  expect(x.sum([])).toBe(x)
  expect(x.amax([])).toBe(x)
})

test.each<[sentence: RegExp, wrong: () => unknown]>([
  [/arange: there is nothing from 3 to 3 by 1/, () => Tensor.arange(3, 3)],
  [/select: axis 1 of \(2, 3\) has no index 3/, () => x.select(1, 3)],
  [/select: axis 0 of \(2, 3\) has no index -3/, () => x.select(0, -3)],
  [/slice: 0.5 to 2 takes nothing of axis 1 of \(2, 3\)/, () => x.slice(1, 0.5, 2)],
  [/unsqueeze: \(2, 3, 1\) has no axis 3/, () => x.unsqueeze(3)],
  [/sum: \(2, 3\) has the axes 1, 1: give each axis once/, () => x.sum([1, -1])],
  [/pad: \(2, 3\) by 0 before and -1 after: give whole numbers from 0/, () => x.pad(0, 0, -1)],
  [/concat: \(2, 3\), \(3\): all extents but those of axis 1/, () => Tensor.concat([x, Tensor.arange(3)], 1)],
  [/concat: there are no tensors/, () => Tensor.stack([])],
  [/softmax: \(\) has no axis -1/, () => Tensor.scalar(1).softmax()],
  [/crossEntropy: \(\) has no axis -1/, () => Tensor.scalar(1).crossEntropy(Tensor.scalar(0, "int32"))],
  [/reshape: \(2, 3\) has 6 elements, which do not fit \(-2, -3\)/, () => x.reshape([-2, -3])],
  [/permute: \(0, 0, 1\) does not name each axis/, () => x.permute([0, 0, 1])],
  [/einsum: "ij->ji->ij" for 1 tensors/, () => Tensor.einsum("ij->ji->ij", x)],
  [/batchNorm takes \(M, C\), \(C\), \(C\)/, () => x.batchNorm(x, x, { epsilon: 0, correction: 0 })],
  [/chunk: 0 parts/, () => x.chunk(0)],
  [/var: 1 of \(1\) has no variance/, () => Tensor.constant([1]).var()],
  [/norm: p = 3/, () => Tensor.constant([1]).norm("all", { p: 3 })],
  [/mseLoss: the target is \(6\), it must be \(2, 3\)/, () => mseLoss(x, x.reshape([6]))],
  [/einsum: "ij" for 1 tensors: write it as/, () => Tensor.einsum("ij", x)],
  [/einsum: "ii" does not name each axis of \(2, 3\)/, () => Tensor.einsum("ii->i", x)],
  [/einsum: j is 3 and 2 in/, () => Tensor.einsum("ij,jk->ik", x.cast("float32"), x.cast("float32"))],
  [/einsum: "ik" must name axes/, () => Tensor.einsum("ij->ik", x)],
  [/mean takes float32, got int32: cast first/, () => x.mean()],
  [/std|var takes float32, got int32/, () => x.std()],
  [/norm takes float32, got int32/, () => x.norm()],
  [/less: 2.5 is not int32: cast the tensor to float32 first/, () => x.less(2.5)],
  [/div takes float32, got int32, int32: cast first/, () => x.div(2)],
  [/pow takes float32/, () => x.pow(2)],
  [/add takes operands of one dtype, got int32, float32/, () => x.add(Tensor.scalar(1))],
  [/constant: 2.5 at 1 is not int32/, () => Tensor.constant([1, 2.5], [2], "int32")],
  [/constant: 2147483648 at 0 is not int32/, () => Tensor.constant([2 ** 31], [1], "int32")],
  [/expand: \(2.5\) is not a shape: give whole numbers/, () => Tensor.full([2.5], 0)],
  [/expand: \(-1\) is not a shape: give whole numbers/, () => Tensor.full([-1], 0)],
  [/input: \(2, NaN\) is not a shape/, () => Tensor.input("x", [2, Number.NaN])],
  [/add: "2" is neither a tensor nor a number/, () => x.add("2" as never)],
  [/maximum: undefined is neither a tensor nor a number/, () => x.maximum(undefined as never)],
  [/where: an object is neither a tensor/, () => x.less(2).where({} as never, x)],
  [/constant: x at 1 is not float32/, () => Tensor.constant([1, "x"] as never)],
  [/constant: 2 at 0 is not bool/, () => Tensor.constant([2], [1], "bool")],
])("%s", (sentence, wrong) => expect(wrong).toThrow(sentence))

describe("printed", () => {
  interface Printed {
    readonly shape: readonly number[]
    readonly dtype: string
    readonly numbers: readonly (number | string | boolean)[]
    readonly text: string
  }
  const cases: Printed[] = JSON.parse(
    readFileSync(new URL("./fixtures/printed.json", import.meta.url), "utf8"),
  )
  const dtypes = { "torch.float32": "float32", "torch.int64": "int32", "torch.bool": "bool" } as const

  test.each(cases.map((each) => [`${each.dtype} (${each.shape})`, each] as const))("%s", (_, each) => {
    const values = each.numbers.map((x) =>
      typeof x === "string" ? Number(x.replace("inf", "Infinity").replace("nan", "NaN")) : Number(x),
    )
    const text = printed(values, each.shape, dtypes[each.dtype as keyof typeof dtypes])
    expect(text).toBe(each.text.replaceAll("True", "true").replaceAll("False", "false"))
  })

  test("by console.log and in a template: class, shape, dtype and numbers", () => {
    const y = x.cast("float32").mul(0.5)
    expect(inspect(y)).toBe("Tensor (2, 3) float32\n[[0.0000, 0.5000, 1.0000],\n [1.5000, 2.0000, 2.5000]]")
    expect(`${y}`).toBe(inspect(y))
    expect(inspect({ loss: Tensor.scalar(2, "int32") })).toContain("loss: Tensor () int32")
  })

  test("a graph without all its numbers, with wrong ones, or of much work shows shape and dtype", () => {
    const input = Tensor.input("x", [2])
    expect(`${input.add(1)}`).toBe("Tensor (2) float32")
    expect(`${Tensor.arange(2).gather(Tensor.scalar(5, "int32"))}`).toBe("Tensor () int32")
    const large = Tensor.full([1000, 1000], 1)
    let product = large
    for (let k = 0; k < 50; k++) product = product.matmul(large)
    const start = performance.now()
    expect(`${product}`).toBe("Tensor (1000, 1000) float32")
    expect(performance.now() - start).toBeLessThan(200)
  })
})
