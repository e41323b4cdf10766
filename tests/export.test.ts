/** `makewave export`: a run's model in every format, each read back; and what is said of a run or flag that does not fit. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fromPyTorch, readNpz, readSafetensors, toPyTorch } from "../src/interchange/index.ts"
import { javaScriptTypes } from "../src/interchange/javascript-types.ts"
import { tensorsOf } from "../src/interchange/safetensors.ts"
import { openAnyModel, openModel } from "../src/runs/open-model.ts"
import { createModel } from "../src/runs/recipe.ts"
import { makewaveHere, THINGS } from "./command-line.ts"

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
    const types = /js$/.test(file) ? `, its types in ${at(file.replace(/(m?)js$/, "d.$1ts"))}` : ""
    expect(stdout).toBe(`${at(file)}: ${bytes.length.toLocaleString("en")} bytes${types}\n`)
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
    expect(metadata).toEqual({ ...names, model: "ngram", config: '{"order":2}' })
  })
})

test.each([
  [["--format", "pickle"], /--format pickle: give safetensors, pytorch, npz, onnx or javascript/],
  [
    [],
    /export: give --format safetensors, pytorch, npz, onnx or javascript, or --out with a name that ends in/,
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
      /holds the network alone, without the counts of 3-grams.*: for both choose safetensors or npz/,
    )
    expect(JSON.parse(stdout)).toMatchObject({ lacks: "counts" })
    const { model } = await openModel(at("mixed"))
    if (file.endsWith("safetensors"))
      expect(readSafetensors(readFileSync(at(file)), file).tensors).toEqual(toPyTorch(model))
  })
})

test("a model that counts has no layers to export", async () => {
  const { code, stderr } = await makewave("export", at("counted"), "--out", "a.js")
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: --format javascript: the model ngram of .* counts and has no layers: name the run of a network, or export its counts with --format safetensors or npz\n$/,
    ),
  })
})

test.each([
  ["a.onnx", "onnx"],
  ["b.safetensors", "safetensors"],
  ["c.pytorch.safetensors", "pytorch"],
  ["d.NPZ", "npz"],
  ["e.js", "javascript"],
  ["f.mjs", "javascript"],
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
const made: string = sample({ temperature: 0, topK: 3, topP: 0.9, prompt: "a", seed: 1, maximumLength: 4 })
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
