/**
 * Writes the training step as an ONNX model, to open in Netron (https://netron.app). The outer graph has the data set, the one-hot rows and
 * the loop; the loop's body has forward pass, backward pass and update.
 *
 *   npx node examples/09-inspect-the-graph.ts [file]
 */
import "./errors.ts"
import { mkdtempSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadText, split, train, Vocabulary, WaveNet, windows } from "../src/index.ts"

const file = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "makewave-")), "step.onnx")
const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 8)
const training = train(new WaveNet({ vocabularySize: vocabulary.size }), rows, { steps: 1 })
const model = await training.compile()
await writeFile(file, model)
console.log(`${model.length} bytes in ${file}: open it at https://netron.app and expand the Scan node`)
await training.release()
