/**
 * Exports a trained model to use without makewave: as an ONNX model for any ONNX Runtime, and as a self-contained JavaScript file that
 * samples names in a web page.
 *
 *   npx node examples/12-export.ts [folder] [steps]
 */
import "./errors.ts"
import { mkdtempSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { loadText, split, Vocabulary, windows } from "../src/data/index.ts"
import { Flat, Generator, toJavaScript, toOnnx, train } from "../src/index.ts"

const [folder = mkdtempSync(join(tmpdir(), "makewave-")), steps = 3000] = process.argv.slice(2)
const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const model = new Flat({ vocabularySize: vocabulary.size }).initialize(new Generator(42))
for await (const _ of train(model, windows(split(text).train.lines, vocabulary, 8), {
  steps: Number(steps),
}));

// int32 ids (batch, 8) -> float32 logits (batch, 27), for Python, C++, C#, Java, a phone
const onnx = toOnnx(model)
await writeFile(join(folder, "names.onnx"), onnx)

// an ES module that exports sample(), logits() and symbols
const script = toJavaScript(model, { symbols: vocabulary.symbols })
const file = resolve(folder, "names.mjs")
await writeFile(file, script)
console.log(`names.onnx ${onnx.length} bytes, names.mjs ${script.length} bytes in ${folder}`)

const { sample } = await import(pathToFileURL(file).href)
console.log(Array.from({ length: 8 }, () => sample()).join(", "))
