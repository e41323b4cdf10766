/** `makewave lecture`: its lines beside the notebook's, and its tree as a dilated convolution. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { FormsReport } from "../src/cli/dilated.ts"
import { Notebook } from "../src/cli/notebook.ts"
import { lectureRows, printedLoss, printedNames } from "../src/runs/lecture-figures.ts"
import { beginMakewave, objects } from "./command-line.ts"

const golden = resolve("tests/golden/lecture_200k.json")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-lecture-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const makewave = (...args: string[]) => beginMakewave(args, folder).ended

describe("the lecture", () => {
  test("its figures are PyTorch's printed output", () => {
    const { prints, final, samples_after_training } = JSON.parse(readFileSync(golden, "utf8"))
    for (const [step, loss] of prints) expect(printedLoss(step)).toBe(loss.toFixed(4))
    expect(printedLoss(200_000)).toBeUndefined()
    expect(printedLoss(5_000)).toBeUndefined()
    expect(lectureRows[4]).toMatchObject({ train: final.train.toFixed(4), validation: final.val.toFixed(4) })
    expect(printedNames).toEqual(samples_after_training)
  })

  const linesFor = async (notebook: Notebook, loss: number) => {
    const logged = [{ step: 10_000, loss, rate: 0.1 }]
    const steps = { losses: Float32Array.of(loss), rates: Float64Array.of(0.1), reports: {} }
    const progress = { step: 10_001, loss, rate: 0.1, ...steps, logged }
    return [
      ...(await notebook.linesOf({ kind: "progress", progress })),
      ...(await notebook.linesOf({ kind: "evaluated", train: 1.76901, validation: 1.5 })),
      ...(await notebook.linesOf({
        kind: "sampled",
        results: { json: { samples: ["arlij", "x"] }, text: "", next: [] },
      })),
    ]
  }

  test("prints lines as the notebook does and counts those that are equal", async () => {
    const notebook = new Notebook({ number: 5, seed: 42, steps: 200_000 })
    expect(await linesFor(notebook, 2.05763)).toEqual([
      "  10000/ 200000: 2.0576         2.0576  =",
      "train 1.7690                    1.7690  =",
      "val 1.5000                      1.9937  differs",
      "arlij.                          arlij.  =",
      "x.                              chetta.  differs",
    ])
    expect(notebook.verdict()).toEqual([
      "Equal to the notebook as printed: 1 of 1 printed losses, 1 of 2 final losses, 1 of 2 names.",
    ])
  })

  test.each([
    ["another seed", { number: 5, seed: 7, steps: 200_000 }, [0, 0, 0], /seed is 42, not 7/],
    ["fewer steps", { number: 5, seed: 42, steps: 20_000 }, [1, 0, 0], /took 200000 steps, not 20000/],
    ["another row", { number: 2, seed: 42, steps: 200_000 }, [0, 2, 0], /only for row 5, not for row 2/],
    [
      "another row, fewer steps",
      { number: 2, seed: 42, steps: 9 },
      [0, 0, 0],
      /It shows losses during training only for row 5/,
    ],
  ])("compares only what the notebook shows: %s", async (_, given, compared, why) => {
    const notebook = new Notebook(given)
    await linesFor(notebook, 2.05763)
    const { losses, ends, names } = notebook.counts
    expect([losses.compared, ends.compared, names.compared]).toEqual(compared)
    expect(notebook.verdict().at(-1)).toMatch(why)
  })

  describe.skipIf(!process.env.MAKEWAVE_DATA)("on names.txt", () => {
    test("its first losses, as JSON and as text after resuming", async () => {
      const { stdout } = await makewave(
        "lecture",
        "--steps",
        "150",
        "--log-every",
        "50",
        "--json",
        "--out",
        "lecture",
      )
      const found = objects(stdout)
      const { first1000_losses } = JSON.parse(readFileSync(golden, "utf8"))
      for (const { step, loss } of found.slice(0, -1) as { step: number; loss: number }[])
        expect(Math.abs(loss - first1000_losses[step])).toBeLessThan(1e-5)
      expect(found.slice(0, -1).map(({ step }) => step)).toEqual([0, 50, 100])
      expect(found.at(-1)).toMatchObject({
        parameters: 76_579,
        row: 5,
        notebook: { losses: { compared: 1, equal: 1 }, ends: { compared: 0 }, names: { compared: 0 } },
      })
      const more = await makewave("lecture", "--resume", "lecture", "--steps", "160")
      expect(more.stdout).toMatch(/\n {6}0\/ {4}160: 3\.3167 +3\.3167 {2}=\n {5}50\/ {4}160: /)
      expect(more.stdout).toMatch(/Equal to the notebook as printed: 1 of 1 printed losses\.\n/)
    })

    test("its tree as a dilated convolution, after training and for an existing run", async () => {
      const trained = await makewave("lecture", "--steps", "60", "--dilated", "--json", "--out", "dilated")
      const { row, dilated } = objects(trained.stdout).at(-1) as { row: number; dilated: FormsReport }
      expect(row).toBe(5)
      const { contexts, validation, multiplications } = dilated
      expect(dilated).toMatchObject({ run: "dilated", name: "deandre" })
      expect(contexts.map(({ context, next }) => context + next)).toEqual(
        Array.from({ length: 8 }, (_, t) => `........deandre.`.slice(t, t + 9)),
      )
      for (const { tree, convolution } of contexts) expect(convolution).toBeCloseTo(tree, 12)
      expect(dilated.largestDifference).toBeLessThan(1e-12)
      expect(validation.largestDifference).toBeLessThan(1e-5)
      expect(validation).toMatchObject({
        predictions: 22_655,
        tree: expect.closeTo(validation.convolution, 6),
      })
      expect(multiplications).toEqual({
        name: { tree: 1_010_688, convolution: 640_000 },
        validation: { tree: 22_655 * 126_336, convolution: 22_655 * 75_136 + 38_912 },
      })

      const [text, json, both] = await Promise.all([
        makewave("lecture", "--dilated", "dilated"),
        makewave("lecture", "--dilated", "dilated", "--json", "--memory", "1"),
        makewave("lecture", "--dilated", "dilated", "--steps", "9", "--memory", "1"),
      ])
      expect(text.stdout).toMatch(
        /^dilated: the tree, .*\n\np\(next\) in deandre +next +tree +convolution\n\.{8} +d +0\.\d+/,
      )
      expect(text.stdout).toMatch(/multiplications: deandre +1,010,688 +640,000 +1\.58 times fewer\n/)
      expect(objects(json.stdout)).toEqual([dilated])
      expect(both.stderr).toMatch(/^error: --steps: --dilated dilated does not train/)
    })

    test("a row without a dilated form is refused before anything is trained", async () => {
      const [flat, bug] = await Promise.all(
        ["2", "3"].map((row) => makewave("lecture", "--row", row, "--dilated", "--out", `none-${row}`)),
      )
      expect(flat.stderr).toMatch(/^error: --dilated: the model flat is not a tree: choose row 4 or 5/)
      expect(bug.stderr).toMatch(/^error: --dilated: a tree with the BatchNorm bug is not a convolution/)
      expect([flat.code, bug.code]).toEqual([1, 1])
      expect(existsSync(join(folder, "none-2"))).toBe(false)
    })

    test.each([12_097, 22_097, 22_397, 22_397, 76_579].map((count, k) => [k + 1, count]))(
      "row %i has %i parameters",
      async (row, count) => {
        const args = ["lecture", "--row", String(row), "--steps", "1", "--json", "--out", `row-${row}`]
        const { stdout } = await makewave(...args)
        expect(objects(stdout).at(-1)).toMatchObject({ row, parameters: count })
      },
    )
  })
})
