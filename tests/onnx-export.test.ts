/** What stands in an exported ONNX file, and that Python's ONNX Runtime computes the same by it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fromBinary } from "@bufbuild/protobuf"
import { ModelProtoSchema } from "onnx-buf"
import { expect, test } from "vitest"
import { toOnnx } from "../src/interchange/onnx-export.ts"
import { type Model, models } from "../src/models/index.ts"
import { trace } from "../src/nn/index.ts"
import { Generator } from "../src/random/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"
import { variants } from "./variants.ts"

const create = (Class: new (config: { vocabularySize: number }) => Model): Model =>
  new Class({ vocabularySize: 27 }).initialize(new Generator(42))

test("ids in, logits out for any number of rows, the parameters under their names", () => {
  const wavenet = create(models.wavenet)
  const { graph, metadataProps } = fromBinary(
    ModelProtoSchema,
    toOnnx(wavenet, { metadata: { vocabulary: "abc" } }),
  )
  const shown = [...graph!.input, ...graph!.output].map(({ name, type }) => {
    const { value } = type!.value as {
      value: { elemType: number; shape: { dim: { value: { value: unknown } }[] } }
    }
    return [name, value.elemType, value.shape.dim.map(({ value }) => value.value)]
  })
  expect(shown).toEqual([
    ["ids", 6, ["batch", 8n]],
    ["logits", 1, ["batch", 27n]],
  ])
  const initializers = graph!.initializer.map(({ name }) => name)
  expect(initializers).toEqual(expect.arrayContaining(Object.keys(wavenet.stateDict())))
  const table = graph!.initializer.find(({ name }) => name === "network.layers.0.weight")!
  expect(table.dims).toEqual([27n, 24n])
  expect(new Float32Array(table.rawData.slice().buffer)).toEqual(wavenet.stateDict()[table.name].data)
  expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
    ["contextLength", "8"],
    ["reads", "windows"],
    ["vocabulary", "abc"],
  ])
})

testByPython("onnxruntime")("Python's ONNX Runtime gives the interpreter's logits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-onnx-"))
  const rows = 3
  const cases = Object.entries(variants).map(([name, Class]) => {
    const model = create(Class)
    const T = model.contextLength
    const ids = Array.from(new Generator(1).randint(0, 27, rows * T))
    writeFileSync(join(folder, `${name}.onnx`), toOnnx(model))
    const logits = trace(model, "evaluation", () =>
      model.forward(Tensor.constant(ids, [rows, T], "int32")),
    ).result
    return { name, ids, logits }
  })
  const program = `
import json, sys
import numpy, onnxruntime

logits = {}
for name, ids in json.loads(sys.argv[2]).items():
    session = onnxruntime.InferenceSession(f"{sys.argv[1]}/{name}.onnx", providers=["CPUExecutionProvider"])
    ids = numpy.array(ids, dtype=numpy.int32).reshape(-1, session.get_inputs()[0].shape[1])
    whole, = session.run(None, {"ids": ids})
    one, = session.run(["logits"], {"ids": ids[:1]})
    assert numpy.allclose(one, whole[:1], atol=1e-5), name
    logits[name] = whole.flatten().tolist()
print(json.dumps(logits))`
  const ids = JSON.stringify(Object.fromEntries(cases.map(({ name, ids }) => [name, ids])))
  const answer = (await askPython("onnxruntime", "-c", program, folder, ids)) as Record<string, number[]>
  for (const { name, logits } of cases) {
    const want = logits.values()
    expect(answer[name].length, name).toBe(want.length)
    const worst = want.reduce((worst, x, i) => Math.max(worst, Math.abs(x - answer[name][i])), 0)
    expect(worst, name).toBeLessThan(1e-5)
  }
  rmSync(folder, { recursive: true })
})
