/** `makewave export`: a run's model in every format, each read back; and what is said of a run or flag that does not fit. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fromPyTorch, readNpz, readSafetensors } from "../src/interchange/index.ts"
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
    expect(stdout).toBe(`${at(file)}: ${bytes.length.toLocaleString("en")} bytes\n`)
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
  [["--format", "pickle"], /--format.*safetensors, pytorch, npz, onnx, javascript/],
  [[], /--format <name>' not specified/],
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

test("a model that counts has no layers to export", async () => {
  const { code, stderr } = await makewave("export", at("counted"), "--format", "onnx")
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/ngram counts/) })
})
