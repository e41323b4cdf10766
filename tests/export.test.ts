/** `makewave export`: a run's model in every format, each read back; and what is said of a run or flag that does not fit. */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { describeRounding, lossOnLines, roundTo } from "../src/cli/rounding.ts"
import type { Mixture, NGram } from "../src/counting/index.ts"
import {
  fromPyTorch,
  readNpz,
  readSafetensors,
  roundedState,
  toJavaScript,
  toPyTorch,
} from "../src/interchange/index.ts"
import { toPage } from "../src/interchange/javascript-page.ts"
import { javaScriptTypes } from "../src/interchange/javascript-types.ts"
import { tensorsOf } from "../src/interchange/safetensors.ts"
import type { WaveNet } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { Generator } from "../src/random/index.ts"
import { kindOf } from "../src/runs/corpora/index.ts"
import type { TextCorpus } from "../src/runs/corpora/text-corpus.ts"
import { openAnyModel, openModel } from "../src/runs/open-model.ts"
import { createModel } from "../src/runs/recipe.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { makewaveHere, THINGS } from "./command-line.ts"
import { variants } from "./variants.ts"

let folder = ""
const at = (name: string) => join(folder, name)

const makewave = (...args: string[]) => makewaveHere(args)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-export-"))
  writeFileSync(at("things.txt"), THINGS)
  const size = ["--context", "4", "--hidden", "6", "--embedding", "3"]
  await makewave(
    "train",
    at("things.txt"),
    "--model",
    "wavenet",
    ...size,
    "--steps",
    "60",
    "--out",
    at("run"),
  )
  await makewave("train", at("things.txt"), "--model", "ngram", "--order", "2", "--out", at("counted"))
  const mixed = ["--model", "flat", ...size, "--steps", "20", "--mix-order", "3"]
  await makewave("train", at("things.txt"), ...mixed, "--out", at("mixed"))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("a file", () => {
  const exported = async (format: string, file: string, ...more: string[]) => {
    const { code, stdout, stderr } = await makewave(
      "export",
      at("run"),
      "--format",
      format,
      "--out",
      at(file),
      ...more,
    )
    const bytes = readFileSync(at(file))
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const size = `${at(file)}: ${bytes.length.toLocaleString("en")} bytes`
    if (!/js$/.test(file)) expect(stdout).toBe(`${size}\n`)
    else {
      const gzipped = (gzipSync(bytes, { level: 9 }).length / 1000).toFixed(1)
      const [first, second] = stdout.split("\n")
      expect(first).toBe(
        `${size}, ${gzipped} KB gzipped, its types in ${at(file.replace(/(m?)js$/, "d.$1ts"))}`,
      )
      expect(second).toMatch(
        /^each number of the network takes (8|16) bits: validation loss \d\.\d{4}, unrounded \d\.\d{4}$/,
      )
    }
    return bytes
  }
  const names = { vocabulary: '[".","a","b","c"]', model: "wavenet" }

  test("of safetensors has the numbers of the run, and says what they are of", async () => {
    const { tensors, metadata } = readSafetensors(await exported("safetensors", "a.safetensors"), "a")
    const { model } = await openModel(at("run"))
    expect(tensors).toEqual(tensorsOf(model.stateDict()))
    expect(metadata).toEqual({ ...names, config: JSON.stringify(model.config) })
  })

  test("for PyTorch has them under its names", async () => {
    const { tensors, metadata } = readSafetensors(await exported("pytorch", "b.safetensors"), "b")
    expect(tensors["network.2.weight"].shape).toEqual([6, 6])
    expect(metadata).toMatchObject(names)
    const { config, model } = await openModel(at("run"))
    expect(fromPyTorch(createModel(config.recipe, 4), tensors).stateDict()).toEqual(model.stateDict())
  })

  test("for NumPy has them too", async () => {
    const { model } = await openModel(at("run"))
    expect(readNpz(await exported("npz", "c.npz"), "c")).toEqual(tensorsOf(model.stateDict()))
  })

  test("of ONNX knows its vocabulary", async () => {
    const { metadataProps } = fromBinary(ModelProtoSchema, await exported("onnx", "d.onnx"))
    expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toMatchObject(names)
  })

  test("of JavaScript samples, as a module or with a global", async () => {
    await exported("javascript", "e.mjs")
    const { sample } = await import(/* @vite-ignore */ pathToFileURL(at("e.mjs")).href)
    const things = Array.from({ length: 20 }, (_, seed) => sample({ seed, prompt: "a" }))
    for (const thing of things) expect(thing).toMatch(/^a[abc]*$/)
    expect(new Set(things).size).toBeGreaterThan(5)
    const script = await exported("javascript", "f.js", "--global", "things")
    new Function(script.toString())()
    expect((globalThis as unknown as { things: { sample: typeof sample } }).things.sample({ seed: 3 })).toBe(
      sample({ seed: 3 }),
    )
  })

  test("lies in the run's folder by default", async () => {
    const { stdout } = await makewave("export", at("run"), "--format", "onnx", "--json")
    const file = at("run/model.onnx")
    expect(JSON.parse(stdout)).toEqual({
      run: at("run"),
      format: "onnx",
      file,
      bytes: readFileSync(file).length,
    })
  })

  test("of a model that counts has its counts", async () => {
    await makewave("export", at("counted"), "--format", "safetensors", "--out", at("g.safetensors"))
    const { tensors, metadata } = readSafetensors(readFileSync(at("g.safetensors")), "g")
    const { model } = await openAnyModel(at("counted"))
    expect(tensors).toEqual(tensorsOf(model.stateDict()))
    const config = '{"order":2,"smoothing":"kneser-ney"}'
    expect(metadata).toEqual({ ...names, model: "ngram", config })
  })
})

test.each([
  [["--format", "pickle"], /--format pickle: give safetensors, pytorch, npz, onnx, javascript, html or js/],
  [
    [],
    /export: give --format safetensors, pytorch, npz, onnx, javascript or html, or --out with a name that ends in/,
  ],
  [
    ["--out", "model.bin"],
    /--out model.bin: its name tells no format: give --format, or a name that ends in/,
  ],
  [
    ["--out", "a.mjs", "--format", "onnx"],
    /--format onnx and --out a.mjs: such a name means javascript: leave --format out, or name it a.onnx/,
  ],
  [["--out", "model.pt"], /makewave writes no pickle: for PyTorch name it model.pytorch.safetensors/],
  [["--out", "/proc/x.onnx"], /\/proc\/x.onnx: not written: its folder takes no new files/],
  [["--format", "onnx", "--global", "x"], /--global x: only for --format javascript/],
  [["--format", "javascript", "--global", "a-b"], /"a-b" is not a valid name for a global/],
  [
    ["--format", "onnx", "--out", "nowhere/a.onnx"],
    /nowhere\/a\.onnx: not written: its folder does not exist/,
  ],
])("%j is told in one sentence", async (flags, sentence) => {
  const { code, stdout, stderr } = await makewave("export", at("run"), ...flags)
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  expect(stderr).toMatch(/^error: /)
  expect(stderr).toMatch(sentence)
  expect(existsSync("nowhere")).toBe(false)
})

test.each(["let", "undefined", "window", "location", "name", "Math", "1st", "a.b", ""])(
  "a script cannot define the global %j",
  async (name) => {
    const { code, stdout } = await makewave("export", at("run"), "--out", at("g.js"), `--global=${name}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(existsSync(at("g.js"))).toBe(false)
  },
)

test("a script defines a global of any letters", async () => {
  await makewave("export", at("run"), "--out", at("h.js"), "--global", "Löwe")
  new Function(readFileSync(at("h.js"), "utf8"))()
  const { Löwe } = globalThis as unknown as { Löwe: { sample: (options: object) => string } }
  expect(Löwe.sample({ seed: 1 })).toEqual(expect.any(String))
})

test("the run's own checkpoint is not replaced", async () => {
  const before = readFileSync(at("run/checkpoint.safetensors"))
  const { code, stderr } = await makewave("export", at("run"), "--out", at("run/checkpoint.safetensors"))
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/this is the run's own file: name another/),
  })
  expect(readFileSync(at("run/checkpoint.safetensors"))).toEqual(before)
})

describe("of a mixture", () => {
  const exported = (file: string, ...more: string[]) =>
    makewave("export", at("mixed"), "--out", at(file), ...more)

  test.each(["h.safetensors", "h.npz"])("%s has the network, the counts and the weight", async (file) => {
    expect(await exported(file)).toMatchObject({ code: 0, stderr: "" })
    const bytes = readFileSync(at(file))
    const tensors = file.endsWith("npz") ? readNpz(bytes, file) : readSafetensors(bytes, file).tensors
    const { model, config } = await openAnyModel(at("mixed"))
    expect(tensors).toEqual(tensorsOf(model.stateDict()))
    expect(Object.keys(tensors)).toEqual(
      expect.arrayContaining(["counts.tables.2.counts", "networkWeight", "network.layers.0.weight"]),
    )
    if (file.endsWith("npz")) return
    const { metadata } = readSafetensors(bytes, file)
    expect(metadata).toMatchObject({ model: "flat", mixOrder: "3" })
    expect(JSON.parse(metadata.config)).toMatchObject({ hidden: config.recipe.hidden, vocabularySize: 4 })
  })

  test.each(["h.onnx", "h.pytorch.safetensors"])("%s has the network alone, and says so", async (file) => {
    const { stdout, stderr } = await exported(file, "--json")
    expect(stderr).toMatch(
      /holds the network alone, without the counts of 3-grams.*: for both choose safetensors, npz, javascript or html/,
    )
    expect(JSON.parse(stdout)).toMatchObject({ lacks: "counts" })
    const { model } = await openModel(at("mixed"))
    if (file.endsWith("safetensors"))
      expect(readSafetensors(readFileSync(at(file)), file).tensors).toEqual(toPyTorch(model))
  })
})

test("a model that counts has no layers to export, but a script counts its lines", async () => {
  const { code, stderr } = await makewave("export", at("counted"), "--out", at("a.onnx"))
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: --format onnx: the model ngram of .* counts and has no layers: name the run of a network, or export its counts with --format safetensors, npz, javascript or html\n$/,
    ),
  })
  const { stdout } = await makewave("export", at("counted"), "--out", at("counted.mjs"))
  expect(stdout).toMatch(/counted\.mjs: [\d,]+ bytes, \d\.\d KB gzipped, its types in .*counted\.d\.mts\n$/)
  const { sample, logits } = await import(/* @vite-ignore */ pathToFileURL(at("counted.mjs")).href)
  expect(sample({ seed: 1, prompt: "a" })).toMatch(/^a[abc]*$/)
  const { model } = await openAnyModel(at("counted"))
  expect(Array.from(logits([1, 2]), Math.exp)).toEqual(
    Array.from((model as NGram).probabilities([1, 2]), (p) => expect.closeTo(p, 9)),
  )
})

describe("a script or a page", () => {
  beforeAll(async () => {
    const flags = [
      "--model",
      "gru",
      "--hidden",
      "24",
      "--embedding",
      "8",
      "--steps",
      "60",
      "--mix-order",
      "2",
    ]
    await makewave("train", at("things.txt"), ...flags, "--out", at("both"))
  })
  const exported = async (...args: string[]) => {
    const { code, stdout, stderr } = await makewave("export", at("both"), ...args, "--json")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    return JSON.parse(stdout)
  }

  test("of a mixture gives ln p of both, with numbers rounded as asked", async () => {
    const told = await exported("--out", at("both.mjs"), "--bits", "8")
    expect(told).toMatchObject({ format: "javascript", bits: 8, types: at("both.d.mts") })
    expect(Math.abs(told.loss.file - told.loss.model)).toBeLessThan(0.01)
    const { logits } = await import(/* @vite-ignore */ pathToFileURL(at("both.mjs")).href)
    const { model, vocabulary } = await openAnyModel(at("both"))
    const mixture = model as Mixture
    mixture.network.loadStateDict(roundedState(mixture.network, 8))
    const T = mixture.contextLength
    for (const text of ["", "a", "cab", "bb"]) {
      const ids = Array.from(vocabulary.encode(text))
      const input = Tensor.constant([0, ...ids, ...new Array(T - 1 - ids.length).fill(0)], [1, T], "int32")
      const all = trace(mixture.network, "evaluation", () => mixture.network.forward(input)).result.values()
      const V = vocabulary.size
      const powers = Array.from(all.slice(ids.length * V, (ids.length + 1) * V), Math.exp)
      const sum = powers.reduce((a, b) => a + b)
      const counted = mixture.counts.probabilities(ids)
      const want = powers.map((power, k) =>
        mixture.logProbability(Math.log(power / sum), Math.log(counted[k])),
      )
      expect(Array.from(logits(ids))).toEqual(want.map((ln) => expect.closeTo(ln, 5)))
    }
  })

  test("has the fewest bits that leave the validation loss as it is, and knows the list", async () => {
    const { bits, loss } = await exported("--out", at("close.mjs"))
    expect(bits === 8).toBe(loss.file - loss.model <= 0.005)
    const { sample } = await import(/* @vite-ignore */ pathToFileURL(at("close.mjs")).href)
    const made = Array.from({ length: 30 }, (_, seed) => sample({ seed, onlyNew: true }))
    expect(made.filter((each) => THINGS.split("\n").includes(each))).toEqual([])
  })

  test("has 16 bits where 8 would raise the loss by more than 0.005", async () => {
    const trained = await openModel(at("run"))
    const { parts } = (await kindOf(trained.config.recipe).open(trained.config.recipe)) as TextCorpus
    const network = trained.model as WaveNet
    // Logits of some hundreds, in which the rounding of a weight is a matter of whole nats.
    const [, head] = network
      .namedVariables()
      .filter(([, { shape }]) => shape.length === 2)
      .at(-1)!
    head.data = head.data.map((weight) => 3000 * weight)
    const write = (bits?: number) => toJavaScript(network, { symbols: trained.vocabulary.symbols, bits })
    const told: [string, number][] = []
    const onStage = (...stage: [string, number]) => told.push(stage)
    const { bits, loss } = await roundTo(trained, write, {
      loss: lossOnLines(trained, parts, { runtime: {}, onStage }),
    })
    expect(new Set(told.map(([stage]) => stage))).toEqual(new Set(["measuring what the rounding costs"]))
    expect([told[0][1], told.at(-1)![1]]).toEqual([0, 1])
    expect(bits).toBe(16)
    expect(loss!.file).not.toBe(loss!.model)
  })

  test("of a run without a validation part is measured on its training part", async () => {
    const flags = [
      "--model",
      "gru",
      "--hidden",
      "24",
      "--embedding",
      "8",
      "--steps",
      "40",
      "--split",
      "100,0,0",
    ]
    await makewave("train", at("things.txt"), ...flags, "--out", at("all"))
    const { stdout } = await makewave("export", at("all"), "--out", at("all.js"), "--json")
    expect(JSON.parse(stdout)).toMatchObject({ bits: 8, loss: { part: "train" } })
    const { stdout: told } = await makewave("export", at("all"), "--out", at("all.js"), "--bits", "16")
    expect(told).toMatch(
      /\neach number of the network takes 16 bits: loss of the network on its training part, without its counts, \d\.\d{4}, unrounded/,
    )
  })

  test("fits a size, or says what would", async () => {
    const whole = await exported("--out", at("whole.js"))
    const size = Number((whole.kilobytes - 0.7).toFixed(2))
    const smaller = await exported("--out", at("smaller.js"), "--size", String(size))
    expect(smaller.kilobytes).toBeLessThanOrEqual(size)
    expect(gzipSync(readFileSync(at("smaller.js")), { level: 9 }).length / 1000).toBe(smaller.kilobytes)
    expect(smaller.bits).toBeLessThan(8)
    expect(smaller.loss.model).toBe(whole.loss.model)
    const { code, stderr } = await makewave("export", at("both"), "--out", at("none.js"), "--size", "3")
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^error: --size 3: even with numbers of 2\.3 bits the file has .* KB gzipped: give --size \d+, or train a smaller network/,
      ),
    })
    const told = (file: number) =>
      describeRounding({ content: "", bits: 2.7, loss: { part: "train", model: 1, file } })
    expect(told(1.7)).toMatch(/2\.7 bits: .*, unrounded 1\.0000: what it makes is clearly worse/)
    expect(told(1.05)).not.toContain("worse")
    expect(existsSync(at("none.js"))).toBe(false)
  })

  test("without the list has no onlyNew", async () => {
    const out = at("listless.mjs")
    expect((await makewave("export", at("run"), "--out", out, "--no-list")).code).toBe(0)
    const { sample } = await import(/* @vite-ignore */ pathToFileURL(out).href)
    expect(sample({ seed: 1 })).toEqual(expect.any(String))
    expect(() => sample({ onlyNew: true })).toThrow(/does not know its list/)
    const { stderr } = await makewave("export", at("run"), "--out", at("none.js"), "--size", "3")
    expect(stderr).toMatch(/leave the list out by --no-list/)
  })

  test("of a page is named after its list, and escapes it", async () => {
    expect(await exported("--out", at("page.html"))).toMatchObject({ format: "html" })
    const page = readFileSync(at("page.html"), "utf8")
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">\n<meta charset="utf-8">/)
    expect(page).toContain("<title>New things</title>")
    const { model, vocabulary } = await openModel(at("run"))
    const odd = toPage(model, { symbols: vocabulary.symbols }, { title: "</title><b>" })
    expect(odd).not.toContain("<b>")
  })

  test("without its data says so: a network's file knows no list, counts need theirs", async () => {
    const away = mkdtempSync(join(tmpdir(), "makewave-export-away-"))
    cpSync(at("run"), join(away, "run"), { recursive: true })
    cpSync(at("counted"), join(away, "counted"), { recursive: true })
    renameSync(at("things.txt"), join(away, "elsewhere.txt"))
    try {
      const network = await makewave("export", join(away, "run"), "--out", join(away, "a.js"))
      expect(network.stderr).toMatch(/^the file does not know the list, so it has no onlyNew: .*things\.txt/)
      expect(network.stdout).toMatch(
        /\neach number of the network takes 16 bits: without the data it is not known/,
      )
      const counts = await makewave("export", join(away, "counted"), "--out", join(away, "b.js"))
      expect(counts.stderr).toMatch(
        /^error: an exported script has the lines that were counted, and they are not at hand: .*--data/,
      )
      const data = ["--data", join(away, "elsewhere.txt")]
      const found = await makewave("export", join(away, "counted"), "--out", join(away, "b.js"), ...data)
      expect(found.code).toBe(0)
    } finally {
      renameSync(join(away, "elsewhere.txt"), at("things.txt"))
      rmSync(away, { recursive: true })
    }
  })

  test.each([
    [["run"], ["--format", "onnx", "--bits", "8"], /--bits 8: only for --format javascript or html/],
    [["run"], ["--format", "npz", "--size", "5"], /--size 5: only for --format javascript or html/],
    [["run"], ["--format", "html", "--global", "a"], /--global a: only for --format javascript/],
    [["run"], ["--format", "npz", "--no-list"], /--no-list: only for --format javascript or html/],
    [["counted"], ["--format", "js", "--no-list"], /--no-list: .* has counts, .*: leave it out/],
    [["counted"], ["--format", "js", "--bits", "8"], /--bits 8: the model ngram .* counts are not rounded/],
    [["run"], ["--format", "js", "--bits", "9"], /--bits 9: give 4, 5, 6, 7, 8, 16 or 32/],
    [["run"], ["--format", "js", "--size", "0"], /--size 0/],
    [["run"], ["--format", "js", "--size", "4", "--bits", "32"], /--size 4: with --bits 32 the file has/],
    [
      ["counted"],
      ["--format", "js", "--size", "1"],
      /--size 1: the counted lines and the code are .* KB gzipped/,
    ],
  ])("of %j with %j is told in one sentence", async ([run], flags, sentence) => {
    const { code, stdout, stderr } = await makewave("export", at(run), ...flags)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(sentence)
  })
})

test.each([
  ["a.onnx", "onnx"],
  ["b.safetensors", "safetensors"],
  ["c.pytorch.safetensors", "pytorch"],
  ["d.NPZ", "npz"],
  ["e.js", "javascript"],
  ["f.mjs", "javascript"],
  ["g.html", "html"],
])("the name %s means %s", async (name, format) => {
  const { stdout } = await makewave("export", at("run"), "--out", at(name), "--json")
  expect(JSON.parse(stdout)).toMatchObject({ format, file: at(name) })
  const { stdout: named } = await makewave(
    "export",
    at("run"),
    "--format",
    format,
    "--out",
    at("other"),
    "--json",
  )
  expect(JSON.parse(named)).toMatchObject({ format })
  expect(readFileSync(at(name))).toEqual(readFileSync(at("other")))
})

test("- and /dev/stdout are standard output, with nothing but the file on it", async () => {
  await makewave("export", at("run"), "--out", at("here.npz"))
  for (const out of ["-", "/dev/stdout"]) {
    const program = `"$0" src/cli/main.ts export "$1" --format npz --out ${out} 2> "$3" > "$2"`
    const files = [at("run"), at("there.npz"), at("said")]
    execFileSync("sh", ["-c", program, process.execPath, ...files])
    expect(readFileSync(at("there.npz"))).toEqual(readFileSync(at("here.npz")))
    expect(readFileSync(at("said"), "utf8")).toMatch(/^(-|\/dev\/stdout): [\d,]+ bytes\n$/)
  }
})

test("strict TypeScript finds the types of a script beside it, and errors in its use", async () => {
  await makewave("export", at("run"), "--out", at("names.js"))
  await makewave("export", at("run"), "--out", at("names.mjs"))
  await makewave("export", at("run"), "--out", at("page.js"), "--global", "things")
  const use = (from: string) => `import { logits, probabilities, sample, symbols } from "./${from}"
const made: string = sample({ temperature: 0, topK: 3, topP: 0.9, prompt: "a", onlyNew: false, seed: 1, maximumLength: 4 })
const next: Float32Array = probabilities(logits([1, 2]), { topK: 2 })
const first: string | undefined = symbols[0]
// @ts-expect-error
sample({ topk: 3 })
// @ts-expect-error
sample({ temperature: "1" })
// @ts-expect-error
logits("ab")
export { made, next, first }
`
  writeFileSync(at("one.ts"), use("names.js"))
  writeFileSync(at("two.mts"), use("names.mjs"))
  writeFileSync(
    at("three.ts"),
    `/// <reference path="./page.d.ts" />\nexport const made: string = things.sample({ seed: 1 })\n// @ts-expect-error\nthings.sample({ seeds: 1 })\n`,
  )
  writeFileSync(at("package.json"), '{ "type": "module" }')
  const flags = [
    "--strict",
    "--noEmit",
    "--ignoreConfig",
    "--exactOptionalPropertyTypes",
    "--module",
    "nodenext",
    "--target",
    "es2022",
  ]
  const files = ["one.ts", "two.mts", "three.ts"].map(at)
  const { stdout, status } = spawnSync("node_modules/.bin/tsc", [...flags, "--types", "", ...files], {
    encoding: "utf8",
  })
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 })
})

test("the types of a model with labels name them", () => {
  const labels = { values: ["f", "it's </script>"], counts: [1, 2] }
  const text = javaScriptTypes({ labels })
  expect(text).toContain('export declare const labels: readonly ["f", "it\'s \\u003c/script>"]')
  expect(text).toContain("label?: (typeof labels)[number] | undefined")
  expect(text).toContain(
    "export declare function logits(ids: readonly number[], label: (typeof labels)[number])",
  )
})

test.each(Object.entries(variants))("the file of %s runs, with a list", async (_, Class) => {
  const model = new Class({ vocabularySize: 4, contextLength: 8 }).initialize(new Generator(1))
  const text = toJavaScript(model, { symbols: [".", "a", "b", "c"], lines: ["abc", "cab"] })
  const { sample } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)
  expect(sample()).toMatch(/^[abc]*$/)
})
