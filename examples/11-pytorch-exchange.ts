/**
 * Exchanges weights with PyTorch through a safetensors file with PyTorch's names and layouts. Run this program, then the Python one, then
 * this one again:
 *
 *   npx node examples/11-pytorch-exchange.ts [folder]
 *   python3 examples/11-pytorch-exchange.py [folder]
 *
 * Both print the same logits for the same context and weights, before and after the training step in PyTorch.
 */
import "./errors.ts"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Generator, nn, Tensor, WaveNet } from "../src/index.ts"
import { fromPyTorch, readSafetensors, toPyTorch, writeSafetensors } from "../src/interchange/index.ts"

const folder = process.argv[2] ?? "exchange"
const [there, back] = ["from-makewave", "from-pytorch"].map((name) => join(folder, `${name}.safetensors`))
const model = new WaveNet({ vocabularySize: 27 }).initialize(new Generator(42))

if (existsSync(back)) fromPyTorch(model, readSafetensors(await readFile(back), back).tensors, { name: back })
else {
  const tensors = toPyTorch(model)
  for (const [name, { shape }] of Object.entries(tensors)) console.log(name, shape)
  await mkdir(folder, { recursive: true })
  await writeFile(there, writeSafetensors(tensors))
}

const context = Tensor.constant([0, 0, 0, 0, 0, 5, 13, 13], [1, 8], "int32") // ...emm
const logits = nn.trace(model, "evaluation", () => model.forward(context)).result.values()
console.log(Array.from(logits.subarray(0, 5), (logit) => logit.toFixed(4)).join(" "))
