/**
 * A model's numbers as a safetensors file, which PyTorch and others read, and back into a model of the same make.
 *
 *   npx node examples/06-save-and-load.ts [file]
 */
import { readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Generator, type nn, WaveNet } from "../src/index.ts"
import { readSafetensors, type SafeTensor, writeSafetensors } from "../src/interchange/index.ts"

const file = process.argv[2] ?? join(tmpdir(), "wavenet.safetensors")
const model = new WaveNet({ vocabularySize: 27 }).initialize(new Generator(42))

// Out: names, shapes and numbers, with the dtype that the format wants.
const tensors = Object.entries(model.stateDict()).map(([name, { shape, data }]) => {
  const dtype = data instanceof Int32Array ? "I32" : "F32"
  return [name, { dtype, shape, data } as SafeTensor]
})
await writeFile(file, writeSafetensors(Object.fromEntries(tensors), { config: JSON.stringify(model.config) }))

// In: the settings say which model to make, and the numbers go where their names say.
const saved = readSafetensors(await readFile(file), file)
const copy = new WaveNet(JSON.parse(saved.metadata.config)).loadStateDict(saved.tensors as nn.StateDict)

for (const [name, { shape }] of Object.entries(copy.stateDict())) console.log(name, shape)
const copied = copy.parameters()
const equal = model.parameters().every(({ data }, k) => data.every((x, i) => x === copied[k].data[i]))
console.log(`${copy.parameterCount} parameters, equal: ${equal}`)
