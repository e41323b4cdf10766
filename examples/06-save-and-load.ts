/**
 * A model's numbers as a safetensors file, under PyTorch's names and in its layouts: `load_state_dict(load_file(file))` takes them in
 * Python, and a state_dict from there comes in by `fromPyTorch`.
 *
 *   npx node examples/06-save-and-load.ts [file]
 */
import { readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Generator, WaveNet } from "../src/index.ts"
import { fromPyTorch, readSafetensors, toPyTorch, writeSafetensors } from "../src/interchange/index.ts"

const file = process.argv[2] ?? join(tmpdir(), "wavenet.safetensors")
const model = new WaveNet({ vocabularySize: 27 }).initialize(new Generator(42))

// Out: numbers, and as a text beside them the settings that say which model they are of.
const state = toPyTorch(model)
for (const [name, { shape }] of Object.entries(state)) console.log(name, shape)
await writeFile(file, writeSafetensors(state, { config: JSON.stringify(model.config) }))

// In: the settings make the model, and the numbers go where their names say.
const { tensors, metadata } = readSafetensors(await readFile(file), file)
const copy = fromPyTorch(new WaveNet(JSON.parse(metadata.config)), tensors, { name: file })

const copied = copy.parameters()
const equal = model.parameters().every(({ data }, k) => data.every((x, i) => x === copied[k].data[i]))
console.log(`${copy.parameterCount} parameters, equal: ${equal}`)
