/** Every example runs as a reader would run it, in a process of its own, and prints what it is there to show. */

import { execFile, spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, expect, test, vi } from "vitest"
import { readClips } from "../src/data/sound/index.ts"
import { testByPython } from "./by-python.ts"
import { dataFolder } from "./golden.ts"
import { pythonWith } from "./python.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-examples-"))
afterAll(() => rmSync(folder, { recursive: true }))

vi.setConfig({ testTimeout: 60_000 })

const run = promisify(execFile)
const example = async (file: string, ...args: string[]): Promise<string> =>
  (
    await run(process.execPath, ["--conditions=makewave-source", `examples/${file}`, ...args], {
      timeout: 60_000,
    })
  ).stdout

/** Each example with arguments that let it end soon, and what it prints then: these lines, or lines of this form. */
const examples: Record<string, { args?: string[]; prints: (string | RegExp)[] }> = {
  "01-first-lines.ts": { args: ["names", "1000"], prints: [/^500 2\.\d{4}\n1000 2\.\d{4}$/m, /^[a-z]+$/m] },
  "02-tensors-and-gradients.ts": {
    prints: [
      "Tensor (2, 3) float32\n[[1., 2., 3.],\n [4., 5., 6.]]",
      "[ -0.6351489523872873, -0.9051482536448664 ]", // tanh -0.75, tanh -1.5
      "[[1.3194],", // 1 (1 - tanh² -0.75) + 4 (1 - tanh² -1.5)
      "ShapeError: matmul: (3, 1) × (2, 3): inner extents 1 and 2 differ",
      /output: Float32Array\(2\) \[ -0\.63514\d+, -0\.90514\d+ \]/,
    ],
  },
  "03-your-own-layer.ts": {
    args: ["1000"],
    prints: [
      "layers.2.filter.weight [ 128, 100 ]\nlayers.2.gate.weight [ 128, 100 ]",
      /^500 2\.\d+\n1000 2\.\d+$/m,
    ],
  },
  "04-your-own-loss.ts": {
    args: ["2000"],
    prints: [/^2000 0\.00\d+$/m, /^sin 1 is 0\.84, learned 0\.[89]\d$/m],
  },
  "05-sampling.ts": {
    args: ["300"],
    prints: [/^temperature 1: (.+, ){7}/m, /^prompt jo: jo.*(, jo.*){7}$/m],
  },
  "06-save-and-load.ts": {
    args: [join(folder, "wavenet.safetensors")],
    prints: [
      "network.2.weight [ 128, 48 ]",
      "network.3.running_var [ 128 ]",
      "76579 parameters, equal: true",
    ],
  },
  "07-your-own-list.ts": {
    args: ["", "200"],
    prints: ["rivers: 44 lines.", /^45 symbols, 35 rows of 13: \.A.*záô$/m, /^100 2\.\d+\n200 \d\.\d+$/m],
  },
  "08-compare-models.ts": {
    args: ["50"],
    prints: [
      "uniform   3.296",
      "2-gram    2.432",
      "6-gram    1.978",
      /^wavenet {3}[23]\.\d+ {2}76579 parameters$/m,
      /^gru {7}[23]\.\d+ {2}28315 parameters$/m,
    ],
  },
  "09-inspect-the-graph.ts": { args: [join(folder, "step.onnx")], prints: [/^\d+ bytes in .*step\.onnx/m] },
  "10-resume-training.ts": { prints: ["bit for bit equal: true"] },
  "12-export.ts": {
    args: [folder, "300"],
    prints: [/^names\.onnx \d{5,6} bytes, names\.mjs \d{6} bytes/m, /^([a-z]*, ){7}[a-z]*$/m],
  },
  "14-analyze-sound.ts": {
    args: ["", folder],
    prints: [/^ +hum$/m, /^pitch +126\.98$/m, /^syllables +0\.96$/m],
  },
  "15-conditional-sampling.ts": {
    args: ["60"],
    prints: [/^validation 2\.\d+, with the other sex [23]\.\d+$/m, /^female: (.+, ){5}.*\nmale: (.+, ){5}/m],
  },
  "16-regression.ts": { args: ["1000"], prints: [/^1000 off by [3-6]\d a month$/m] }, // the noise is 30
  "17-image-classifier.ts": { args: ["500"], prints: [/^500 right: 0\.9\d+$/m] },
  "18-rich-forms.ts": {
    prints: [
      "train: 26,010 lines: zylon, ",
      "........ -> z\n.......z -> y\n",
      /^qu +i 40\.4 % +a 36\.5 %/m,
      "Tensor (32, 8) int32\n",
      /^ +layers\.2: Linear +\(1, 4, 128\) +6,144$/m,
      /^3,000 steps, loss 2\.\d{4} \(mean of the last 1,000\), validation 2\.\d{4}$/m,
      /^The embedding: 27 × 24, from -\d\.\d+ \(blank\) to \d\.\d+ \(█\)$/m,
      /^network\.layers\.4: Tanh .* % /m,
      /^validation loss +2\.\d{4} after 1,000 steps$/m,
      "1.00 s of sound: 8,000 samples at 8,000 Hz",
      "ShapeError: matmul: (2, 3) × (2, 3): inner extents 3 and 2 differ",
    ],
  },
}

/** Run by a test of their own. */
const elsewhere = ["11-pytorch-exchange.ts", "13-synthesize-speech.ts"]

/** A notebook too: in the percent format, and of "makewave", which is this code with the condition makewave-source. */
const inCells = "18-rich-forms.ts"

test("each file of the folder is run, has a number of its own, and is at most 40 lines long", () => {
  const files = readdirSync("examples").filter((file) => /^\d.*\.ts$/.test(file))
  expect(files.filter((file) => !elsewhere.includes(file))).toEqual(Object.keys(examples))
  expect(new Set(files.map((file) => /^\d\d-/.exec(file)?.[0])).size).toBe(files.length)
  for (const file of files.filter((file) => file !== inCells)) {
    const lines = readFileSync(`examples/${file}`, "utf8").trimEnd().split("\n").length
    expect(lines, `${file} has ${lines} lines`).toBeLessThanOrEqual(40)
  }
})

test.each(Object.entries(examples))("%s", async (file, { args = [], prints }) => {
  const printed = await example(file, ...args)
  for (const wanted of prints)
    if (typeof wanted === "string") expect(printed).toContain(wanted)
    else expect(printed).toMatch(wanted)
})

test("without a network or its file an example prints a sentence, and for a bug a trace", async () => {
  const env = {
    ...process.env,
    MAKEWAVE_DATA: "",
    XDG_CACHE_HOME: folder,
    HOME: folder,
    LOCALAPPDATA: folder,
  }
  const offline = `globalThis.fetch = async () => { throw new TypeError("fetch failed", { cause: new Error("no network") }) }`
  const failure = (...args: string[]) =>
    run(process.execPath, [`--import=data:text/javascript,${encodeURIComponent(offline)}`, ...args], {
      env,
    }).catch(({ code, stderr }) => ({ code, stderr }))
  expect(await failure("examples/01-first-lines.ts", "makemore-names")).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: makemore-names: .* could not be downloaded: no network\. Download it [^:]*\. Data that needs no download: names, [^:]*\n$/,
    ),
  })
  expect(await failure("examples/07-your-own-list.ts", "nowhere.txt")).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^error: nowhere\.txt: no such file or data set\. .*\n$/),
  })
  expect(await failure("--import=./examples/errors.ts", "--eval", 'throw new TypeError("a bug")')).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^TypeError: a bug\n {4}at /m),
  })
})

test("an example ends quietly when the reader of its output is gone", () => {
  const command = `"${process.execPath}" examples/02-tensors-and-gradients.ts | head -n 1`
  const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" })
  expect({ stdout, stderr }).toEqual({ stdout: "Tensor (2, 3) float32\n", stderr: "" })
})

test("each example prints its errors like that, and what runs a chapter", () => {
  const files = globSync("examples/[0-9]*.ts", { exclude: [`examples/${inCells}`] })
  for (const file of [...files, "lecture/tools/chapter.ts"])
    expect(readFileSync(file, "utf8"), file).toMatch(/^import "[./]+(examples\/)?errors\.ts"$/m)
})

const speech = join(folder, "speech")

const missing = "error: espeak-ng is missing: apt-get install espeak-ng, or use your own recordings\n"
test("where there is no synthesizer, that is said", async () => {
  const without = run(process.execPath, ["examples/13-synthesize-speech.ts", speech, "2"], {
    env: { PATH: "" },
  })
  await expect(without).rejects.toMatchObject({ code: 1, stderr: missing })
})

const synthesizer = spawnSync("espeak-ng", ["--version"]).status === 0
test.skipIf(!synthesizer)("two voices read sentences (wants espeak-ng)", async () => {
  expect(await example("13-synthesize-speech.ts", speech, "2")).toContain(
    `4 sentences in ${speech}, such as: `,
  )
  const { clips } = await readClips(speech)
  expect(clips.map(({ name }) => name)).toEqual([
    "anna/000.wav",
    "anna/001.wav",
    "paul/000.wav",
    "paul/001.wav",
  ])
  for (const { levels } of clips) expect(levels.length).toBeGreaterThan(8000)
})

if (dataFolder)
  testByPython("torch")("the first example and its twin in PyTorch print the same", async () => {
    const file = join(dataFolder!, "names.txt")
    const twin = await run(pythonWith("torch")!, ["examples/01-first-lines.py", file, "500"])
    expect(await example("01-first-lines.ts", "makemore-names", "500")).toBe(twin.stdout)
  })
