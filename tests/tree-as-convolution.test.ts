/**
 * The tree is a convolution: the lecture's network and its dilated causal form, with the same weights, give the same logits at
 * every position; and how many multiplications that saves.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseLines, sequences, split, Vocabulary, windows } from "../src/data/index.ts"
import { TreeAsConvolution, WaveNet } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { multiplications } from "../src/nn/multiplications.ts"
import { Generator } from "../src/random/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { evaluate, lossPerTarget } from "../src/training/evaluate.ts"
import { train } from "../src/training/train.ts"
import { dataFolder, lectureData } from "./golden.ts"

const alphabet = [..."abcdefghijklmnopqrstuvwxyz"]
const vocabulary = Vocabulary.from([alphabet.join("")])

/** A tree with statistics as if it were trained. */
function trainedTree(settings: Partial<WaveNet["config"]>, seed: number): WaveNet {
  const random = new Generator(seed)
  const tree = new WaveNet({ vocabularySize: vocabulary.size, embedding: 5, hidden: 7, ...settings })
  tree.initialize(random)
  for (const [name, { shape, data }] of [...tree.namedParameters(), ...tree.namedBuffers()])
    if (shape.length === 1)
      for (const k of data.keys())
        data[k] = name.endsWith("runningVar") ? 0.5 + random.rand(1)[0] : random.randn(1)[0]
  return tree
}

const ids = ({ inputs }: ReturnType<typeof windows>) => Tensor.constant(inputs.data, inputs.shape, "int32")

/** The logits of each position of a name: of the tree on a context for each, and of the convolution on the name as one row. */
function logitsOf(tree: WaveNet, name: string) {
  const T = name.length + 1
  const convolution = new TreeAsConvolution(tree, { contextLength: T })
  const contexts = trace(tree, "evaluation", () =>
    tree.forward(ids(windows([name], vocabulary, tree.contextLength))),
  ).result
  const row = convolution.forward(ids(sequences([name], vocabulary, T)))
  expect(contexts.shape).toEqual([T, vocabulary.size])
  expect(row.shape).toEqual([1, T, vocabulary.size])
  return { contexts, row }
}

function expectEqual({ contexts, row }: ReturnType<typeof logitsOf>): void {
  const [want, got] = [contexts.values(), row.values()]
  const worst = want.reduce((most, x, i) => Math.max(most, Math.abs(got[i] - x)), 0)
  expect(worst).toBeLessThan(1e-12)
}

const names = fc.array(fc.constantFrom(...alphabet), { maxLength: 20 }).map((letters) => letters.join(""))

describe("the dilated form has the tree's logits", () => {
  test("on the lecture's example, deandre and its eight contexts", () => {
    expectEqual(logitsOf(trainedTree({ embedding: 24, hidden: 128 }, 42), "deandre"))
  })

  test("on any name, for any tree", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 4 }), fc.nat(), (name, levels, seed) => {
        expectEqual(logitsOf(trainedTree({ contextLength: 2 ** levels }, seed), name))
      }),
      { numRuns: 30 },
    )
  })

  test("on any row, where nothing but symbol 0 stands before it", () => {
    const tree = trainedTree({ contextLength: 4 }, 7)
    const convolution = new TreeAsConvolution(tree)
    fc.assert(
      fc.property(fc.array(fc.nat(26), { minLength: 1, maxLength: 9 }), (row) => {
        const contexts = row.map((_, t) => [0, 0, 0, ...row].slice(t, t + 4))
        const want = trace(tree, "evaluation", () =>
          tree.forward(Tensor.constant(contexts.flat(), [row.length, 4], "int32")),
        ).result
        const got = convolution.forward(Tensor.constant([...row, ...row], [2, row.length], "int32"))
        expectEqual({ contexts: want, row: got.slice(0, 0, 1) })
        expectEqual({ contexts: want, row: got.slice(0, 1, 2) })
      }),
      { numRuns: 30 },
    )
  })

  test("in either mode, and leaves the tree in the one it was in", () => {
    const tree = trainedTree({}, 3)
    const convolution = new TreeAsConvolution(tree)
    const row = ids(sequences(["ada"], vocabulary, 8))
    const evaluated = trace(convolution, "evaluation", () => convolution.forward(row)).result.values()
    const inTraining = trace(convolution, "training", () => convolution.forward(row))
    expect(inTraining.result.values()).toEqual(evaluated)
    expect(tree.training).toBe(true)
    expect(inTraining.buffers.size).toBe(0)
  })

  test("but not with the BatchNorm bug, which is no convolution", () => {
    expect(() => new TreeAsConvolution(trainedTree({ batchNormBug: true }, 1))).toThrow(
      /BatchNorm bug.* not a convolution: train one without/,
    )
  })
})

test("a name's nodes computed once: multiplications, as docs/tree-is-a-convolution.md counts them", () => {
  const tree = new WaveNet({ vocabularySize: 27 })
  tree.eval()
  const ofTree = (positions: number) =>
    multiplications(tree.forward(Tensor.input("ids", [positions, 8], "int32")))
  const ofConvolution = (rows: number, T: number) =>
    multiplications(new TreeAsConvolution(tree).forward(Tensor.input("ids", [rows, T], "int32")))
  expect(ofTree(1)).toBe(126_336)
  expect(ofTree(8)).toBe(1_010_688)
  expect(ofConvolution(1, 8)).toBe(640_000)
  // What stands before the start is computed once for however many rows.
  expect(ofConvolution(100, 8)).toBe(100 * 601_088 + 38_912)
})

test.each([
  [8, 126_336, 75_136],
  [16, 281_984, 107_904],
  [64, 1_215_872, 173_440],
  [1024, 19_893_632, 304_512],
])(
  "a prediction from a context of %i: %i multiplications by the tree, %i by the convolution",
  (T, byTree, byConvolution) => {
    const tree = new WaveNet({ vocabularySize: 27, contextLength: T })
    tree.eval()
    const ids = (length: number) => Tensor.input("ids", [1, length], "int32")
    const rows = [1, 2].map((length) => multiplications(new TreeAsConvolution(tree).forward(ids(length))))
    expect(multiplications(tree.forward(ids(T)))).toBe(byTree)
    expect(rows[1] - rows[0]).toBe(byConvolution)
  },
)

describe.skipIf(!dataFolder)("a tree trained on names.txt", () => {
  test("gives the same losses on the validation part in both forms", { timeout: 120_000 }, async () => {
    const data = lectureData()
    const tree = new WaveNet({ vocabularySize: 27, embedding: 10, hidden: 68 }).initialize(new Generator(42))
    for await (const _ of train(tree, data.train, { steps: 300, rate: 0.1 }));
    // The notebook's Xtr[7:15] are the contexts of diondre, whom the video's captions call deandre.
    const example = windows(["diondre"], data.vocabulary, 8)
    expect(data.train.inputs.data.subarray(7 * 8, 15 * 8)).toEqual(example.inputs.data)
    for (const name of ["diondre", "deandre"]) expectEqual(logitsOf(tree, name))

    const T = 16
    const convolution = new TreeAsConvolution(tree, { contextLength: T })
    const text = parseLines(readFileSync(join(dataFolder!, "names.txt")), { name: "names.txt" })
    const rows = sequences(split(text, { duplicates: "apart" }).validation.lines, data.vocabulary, T)
    const inRows = await lossPerTarget(convolution, rows)
    const inWindows = await lossPerTarget(tree, data.validation)
    const counted = inRows.filter((_, k) => rows.targets.data[k] >= 0)
    expect(counted.length).toBe(inWindows.length)
    const worst = inWindows.reduce((most, loss, k) => Math.max(most, Math.abs(loss - counted[k])), 0)
    expect(worst).toBeLessThan(2e-5)
    expect(await evaluate(convolution, rows)).toBeCloseTo(await evaluate(tree, data.validation), 6)
  })
})
