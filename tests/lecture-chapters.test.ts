/** Every chapter of the lecture runs the way a reader would run it, and prints what its text claims. */

import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { promisify } from "node:util"
import { describe, expect, test, vi } from "vitest"
import { cellsOf } from "../lecture/tools/cells.ts"
import { dataFolder } from "./golden.ts"

vi.setConfig({ testTimeout: 120_000 })

const run = promisify(execFile)
const chapter = async (file: string, ...args: string[]): Promise<string> => {
  const words = [
    "--conditions=makewave-source",
    "lecture/tools/chapter.ts",
    `${Number.parseInt(file, 10)}`,
    ...args,
  ]
  return (await run(process.execPath, words, { timeout: 120_000 })).stdout
}

/** The output of each chapter on the default data, with few steps to keep the test fast. */
const chapters: Record<string, { steps?: number; prints: (string | RegExp)[] }> = {
  "01-starter-code.ts": {
    steps: 500,
    prints: [
      "32513 names; the longest has 15 letters",
      "27 symbols: .abcdefghijklmnopqrstuvwxyz",
      "aabriella is 1, 1, 2, 18, 9, 5, 12, 12, 1, which is aabriella",
      "[ 188783, 3 ] [ 188783 ]",
      "... --> z\n..z --> y\n.zy --> l\nzyl --> o\nylo --> n\nlon --> .\n",
      "[ 32, 3, 10 ]",
      /^with 0\.1 W2 {5}3\.3129\na uniform guess 3\.2958$/m,
      "12097 parameters",
      "      0/    500: 3.3129\n", // by hand and by the model
      /^train {6}2\.[3-6]\d+\nvalidation 2\.[3-6]\d+$/m,
    ],
  },
  "02-learning-rate-plot.ts": {
    steps: 4000,
    prints: [
      "4000 losses, from 3.3129",
      /^standard deviation 0\.[12]\d+$/m,
      "[[0, 1, 2, 3, 4],\n [5, 6, 7, 8, 9]]\n[ 2, 5 ] [ 5, 2 ]\n2 and 7\n[ 4, 1000 ] -> [ 4 ]\n",
      /^steps {6}0 to {4}999: 2\.5\d+$/m,
      /^standard error of a mean: 0\.00\d\d$/m,
      "training, mean of 1,000 batches",
      /^row 3, rate 0\.01: 0\.0\d+ lower$/m,
    ],
  },
  "03-layers-and-containers.ts": {
    steps: 300,
    prints: [
      "[ 27, 10 ] [ 4, 3, 10 ]\n[ 4, 30 ] 0 parameters\n",
      "BatchNorm1d  [ 4, 200 ]",
      "[ 4, 3 ] -> [ 4, 27 ]\nthey differ by 0\n",
      "layers.3.weight  [ 200 ]",
      "12097 parameters",
      /^2\.weight +\[ 200, 30 \]$/m,
      "layers.3.runningMean [ 200 ]\nlayers.3.runningVar [ 200 ]\n",
      "unit 0 before:    mean 0.0000, variance 1.0000",
      "UserError: BatchNorm1d: (1, 200) has one row to normalize",
      "first loss 3.3129", // that of chapter 1
      /^in training mode: {3}([\d.]+) and (?!\1)[\d.]+$/m,
      /^in evaluation mode: ([\d.]+) and \1; alone \1$/m,
      "changed by a forward pass in training mode: nothing",
      /^validation 2\.\d+$/m,
    ],
  },
  "04-wavenet-overview.ts": {
    prints: [
      "symbols   [.] [d] [e] [a] [n] [d] [r] [e]\nlevel 1             [.deandre]\n",
      "level 2       [.dea]          [ndre]\nlevel 3             [.deandre]\n",
      "level 2: 2 × 128 numbers; a node sees 4 of the letters",
      "dilations 1, 2, 4: receptive field 8",
      "context 32: 70097 parameters flat, 41165 as a tree",
    ],
  },
  "05-context-eight.ts": {
    steps: 1000,
    prints: [
      "[ 188783, 3 ] [ 188783 ]\n[ 23713, 3 ]",
      "[ 188783, 8 ] [ 188783 ]\n[ 23713, 8 ]",
      "\n......zy --> l\n",
      /^3 letters: 5\d\.\d %\n8 letters: 98\.\d %$/m,
      "context 3: 12097 parameters\ncontext 8: 22097 parameters\n",
      /^flat, context 3 +12097 +2\.\d{3} +2\.\d{3}\nflat, context 8 +22097 +2\.\d{3} +2\.\d{3}$/m,
      "the notebook: context 8 brings 0.078",
    ],
  },
  "06-hierarchical-network.ts": {
    steps: 300,
    prints: [
      "Linear [ 4, 200 ]",
      "[ 4, 5, 2, 80 ] -> [ 4, 5, 2, 200 ]\n0 of 4000 numbers differ\n[ 4, 4, 200 ]",
      "[ 4, 4, 10 ] [ 4, 4, 10 ] [ 4, 4, 20 ]",
      "[ 1, 2, 4 ] [[[0,1,2,3],[4,5,6,7]]]\n(4,4,20) and (4,4,20): 0 of 320 numbers differ",
      "8 [ 4, 80 ]\n0 of 108 logits differ\nShapeError: ",
      "170897 parameters, 22097 of the flat network\n22397 parameters",
      /layers\.5: FlattenConsecutive +\(4, 2, 136\)/,
      /^Total +22,397$/m,
      /^validation 2\.\d+ after 300 steps$/m,
    ],
  },
  "07-batch-norm-bug.ts": {
    steps: 300,
    prints: [
      "Linear [ 32, 4, 68 ]\nBatchNorm1d [ 32, 4, 68 ]",
      "[ 1, 4, 68 ] [ 1, 4, 68 ] [ 32, 4, 68 ]\n",
      "the bug: running means (272) (136) (68)\nthe fix: running means (68) (68) (68)",
      "[ 1, 1, 68 ] [ 1, 1, 68 ] [ 32, 4, 68 ]\n",
      "over the examples: 32 numbers\nover both: 128 numbers",
      "the same: true",
      "ShapeError: BatchNorm1d: (32, 68, 4) does not end in (68)",
      /^the bug, seed 42: 22397 parameters, validation 2/m,
      /^the fix, seed 43: 22397 parameters, validation 2/m,
      /^the fix changes the loss by -?0\.\d+ and -?0\.\d+$/m,
    ],
  },
  "08-scaling-up.ts": {
    steps: 401,
    prints: [
      "[ 188783, 8 ] [ 188783 ]",
      "76579 parameters\n3.4 times as many",
      /^ {6}0\/ {4}401: 3\.3\d+\n {5}21\/ {4}401: [23]\.\d+$/m,
      /^ {4}399\/ {4}401: 2\.\d+\nThe tree, scaled up$/m,
      /^train 2\.\d+, validation 2\.\d+$/m,
      /^\d of 20 are in the list$/m,
    ],
  },
  "09-dilated-convolutions.ts": {
    steps: 100,
    prints: [
      ".deandre --> .\n[ 8, 8 ]\n[ 1, 27 ]\n[ 8, 27 ]",
      "level 1: 32 nodes, 8 different: .. .d de ea an nd dr re\n",
      "in all 56 nodes, 24 different",
      "each position and the one 4 before: [ 1, 8, 256 ]\nLinear [ 1, 8, 128 ]",
      "Linear [ 1, 8, 27 ]\nthe same: true\nthe same: true\n",
      "level 3: 8 nodes, which read 0, 1, 2, 3, 0+4, 1+5, 2+6, 3+7",
      "the same: true\neight calls: 1010688 multiplications\none pass over 15 symbols: 769024\nwith the dots only once: 640000\n1.58 times fewer",
      "context 1024: 19893632 or 304512 a prediction, 65.3 times fewer",
      "it sees 9 symbols",
      /^4 names a step: validation 2\.\d+\n32 names a step: validation 2\.\d+\nlower by 0\.\d+$/m,
      /^(\w+, \w+, \w+, \w+, \w+)\n\1$/m,
      "sees 4097 symbols: 296640 multiplications a symbol, 1215334080 to read all again, 4097 times as many",
    ],
  },
  "10-experimental-harness.ts": {
    steps: 200,
    prints: [
      /^train 2\.\d+, validation 2\.\d+\n24 settings/m,
      /^the best of five is 0\.0\d+ below the mean/m,
      "context 8, hidden 108: 12069 parameters",
      "11 runs in all",
      /^8 +108 +2\.\d+ +2\.\d+ +2\.\d+ to 2\.\d+$/m,
      /^context 8 after 3: [+-]0\.\d+ \([+-]0\.\d+ to [+-]0\.\d+\), (better|worse|undecided)$/m,
      /^200 steps: [\d.]+ \(2\.\d+\)\n550 steps in place of 1200$/m,
    ],
  },
  "11-challenge.ts": {
    steps: 60,
    prints: [
      "inputs  .zylon..........\ntargets zylon.          \n",
      "3.6589 3.6589\n",
      /^tree: +norm of the gradient 0\.52\nWaveNet: norm of the gradient 0\.27$/m,
      /^Muon, cosine from 0\.02: 2\.\d+$/m,
      "6-grams: 1.9776",
      /^WaveNet, GRU and 6-grams, weight of the networks 0\.\d\d: 1\.9[0-7]\d+$/m,
      "230619 parameters; 1.9063 on names.txt",
    ],
  },
  "12-development-process.ts": {
    steps: 100,
    prints: [
      "ShapeError: Linear: (4, 8, 10) ends in 10, the layer takes 80 inputs\n[ 4, 80 ]\n",
      "ShapeError: mul: (4, 100) and (4, 80) do not broadcast",
      "ShapeError: crossEntropy: logits (4, 27) need targets (4), got (4, 8)\n[]\n[ 4, 4 ]\n[ 4, 1 ]\n",
      /^first loss 3\.3\d+, mean of the last 100: [23]\.\d+$/m,
      "gated/model.ts\ngated/model.test.ts\ngated/recipe.yaml\ngated/notebook.ipynb\n",
      "$ makewave inspect gated/model.ts\nerror: gated/model.ts:24: Linear: (3, 80) ends in 80, the layer takes 10 inputs\n",
      /\$ node --test .*\nnot ok 1 - ids .*\nnot ok 2 - four lines[\s\S]*\$ node --test .*\nok 1 - ids .*\nok 2 - four lines/,
      /^with the gate (higher|lower) by 0\.\d+$/m,
      "runs/gated: its model Gated is code of a file, gated/model.ts, and a run executes no code by itself",
      /^Gated +\(4, 27\)$/m,
      /^\w+( \w+){9}$/m,
    ],
  },
  "13-words.ts": {
    steps: 150,
    prints: [
      "[ 32, 30 ] [ 32, 27 ]\nloss 4.4465\nthe logits differ by at most 0.00000\n",
      "= 4007\n4017 parameters, 10 of them before the beginning\n",
      /^counts, context 3 +28,883 +2\.048 +7\.76\nBengio's network, context 3 +11,907 +2\.[2-4]/m,
      "1,161,192 tokens, 56,057 different\nThe Fulton County Grand Jury said",
      "17,905 symbols by the rule of the paper\n2,002 symbols: . <unk> the , . of",
      /^counts, context 2 +437,043 +4\.023 +55\.84\ncounts, context 3 +986,077 +4\.044/m,
      "contexts of 3: 65.4 % were seen",
      /^Bengio's network, context 4 +197,964 +4\.\d+ .*\n0\.\d\d of it.* 635,007 +4\.0[01]\d/m, // below both
      /^the flat network, context 4 +197,998 +4\.\d+ .*\n0\.\d\d of it.* 635,041 +(3\.9|4\.0[01])/m,
      /^in .*\b(from|by|for|on|with) 0\.\d\d/m, // words of the same kind
      /^mixed with the network: (\S+ ){20}/m,
    ],
  },
}

test("each file of the folder is in the table, numbered, and has cells", () => {
  const files = readdirSync("lecture").filter((file) => file.endsWith(".ts"))
  expect(files).toEqual(Object.keys(chapters))
  for (const [k, file] of files.entries()) {
    expect(Number.parseInt(file, 10)).toBe(k + 1)
    const [opening] = cellsOf(readFileSync(`lecture/${file}`, "utf8"))
    expect(opening.source).toMatch(new RegExp(`^# Chapter ${k + 1}: `))
  }
})

test.each(Object.keys(chapters))("%s without its data ends in a sentence", async (file) => {
  if (!readFileSync(`lecture/${file}`, "utf8").includes("[data = ")) return
  await expect(chapter(file, "nowhere.txt")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: nowhere\.txt: no such file or data set\. .*\n$/),
  })
})

test.each([
  [["6", "names", "abc"], "steps abc: give a whole number of at least 1, such as 1000"],
  [["6", "names", "10", "20"], 'chapter 6 takes data and steps after its number: not "20"'],
  [["4", "names"], 'chapter 4 takes nothing after its number: not "names"'],
  [["14"], "chapter 14: there are chapters 1 to 13"],
])("arguments that are none, %s, are a sentence", async ([number, ...args], sentence) => {
  await expect(chapter(number, ...args)).rejects.toMatchObject({ code: 1, stderr: `error: ${sentence}\n` })
})

test("the twins refuse steps that are none", async () => {
  const words = ["--conditions=makewave-source", "lecture/tools/twins.ts", "6", "--steps", "many"]
  await expect(run(process.execPath, words)).rejects.toMatchObject({
    stderr: "error: steps many: give a whole number of at least 1, such as 1000\n",
  })
})

describe("on the default data", () => {
  test.each(Object.entries(chapters))("%s", async (file, { steps, prints }) => {
    const printed = await chapter(file, ...(steps === undefined ? [] : ["names", String(steps)]))
    for (const wanted of prints)
      if (typeof wanted === "string") expect(printed).toContain(wanted)
      else expect(printed).toMatch(wanted)
  })

  test("a mean over examples and positions is steadier, but less than twice", async () => {
    const printed = await chapter("07-batch-norm-bug.ts", "names", "1")
    const [overExamples, overBoth] = Array.from(printed.matchAll(/varies by ([\d.]+)/g), ([, by]) =>
      Number(by),
    )
    expect(overExamples / overBoth).toBeGreaterThan(1.4)
    expect(overExamples / overBoth).toBeLessThan(2)
  })
})

describe.skipIf(!dataFolder)("on names.txt", () => {
  test("the first windows are the notebook's", async () => {
    const printed = await chapter("01-starter-code.ts", "makemore-names", "1")
    expect(printed).toContain("32033 names")
    expect(printed).toContain("[ 182625, 3 ] [ 182625 ]\n[ 22655, 3 ] [ 22655 ]\n[ 22866, 3 ] [ 22866 ]\n")
    expect(printed).toContain("... --> y\n..y --> u\n.yu --> h\n")
  })

  test("the first loss of the last network is the notebook's", async () => {
    expect(await chapter("08-scaling-up.ts", "makemore-names", "1")).toMatch(/^ {6}0\/ {6}1: 3\.3167$/m)
  })

  test("the challenge's network and the counts have the losses of the ledger", async () => {
    const printed = await chapter("11-challenge.ts", "makemore-names", "1")
    expect(printed).toContain("6-grams: 1.9740")
    expect(printed).toContain("1.9063 on the 3203 validation lines of makemore-names")
  })
})
