/**
 * Saves a model as a safetensors file with PyTorch's names and layouts, and loads it. Python reads it with
 * `load_state_dict(load_file(file))`; `fromPyTorch` reads a state_dict from there.
 *
 *   npx node examples/06-save-and-load.ts [file]
 */
import "./errors.ts"
import { mkdtempSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Generator, WaveNet } from "../src/index.ts"
import { fromPyTorch, readSafetensors, toPyTorch, writeSafetensors } from "../src/interchange/index.ts"

const file = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "makewave-")), "wavenet.safetensors")
const model = new WaveNet({ vocabularySize: 27 }).initialize(new Generator(42))

// Save the tensors, with the model's config in the metadata.
const state = toPyTorch(model)
for (const [name, { shape }] of Object.entries(state)) console.log(name, shape)
await writeFile(file, writeSafetensors(state, { config: JSON.stringify(model.config) }))

// Load: build the model from its config, then copy each tensor to the parameter or buffer of its name.
const { tensors, metadata } = readSafetensors(await readFile(file), file)
const copy = fromPyTorch(new WaveNet(JSON.parse(metadata.config)), tensors, { name: file })

const copied = copy.parameters()
const equal = model.parameters().every(({ data }, k) => data.every((x, i) => x === copied[k].data[i]))
console.log(`${copy.parameterCount} parameters, equal: ${equal}`)
