/**
 * The training step as an ONNX model, written to a file for Netron (https://netron.app): data set, one-hot rows and loop outside,
 * forward, backward and update inside.
 *
 *   npx node examples/09-look-at-the-graph.ts [file]
 */
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadText, split, train, Vocabulary, WaveNet, windows } from "../src/index.ts"

const file = process.argv[2] ?? join(tmpdir(), "step.onnx")
const text = await loadText("names")
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 8)
const training = train(new WaveNet({ vocabularySize: vocabulary.size }), rows, { steps: 1 })
const model = await training.compile()
await writeFile(file, model)
console.log(`${model.length} bytes in ${file}: open it at https://netron.app, and there the node Scan`)
await training.release()
