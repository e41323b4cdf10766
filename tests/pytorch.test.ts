/** A state_dict of PyTorch's, both ways: names, shapes and numbers; and PyTorch itself, which loads it strictly and computes the same. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { UserError } from "../src/errors.ts"
import { fromPyTorch, toPyTorch } from "../src/interchange/pytorch.ts"
import { readSafetensors, type SafeTensor, writeSafetensors } from "../src/interchange/safetensors.ts"
import * as nn from "../src/nn/index.ts"
import { Generator } from "../src/random/index.ts"
import { Tensor } from "../src/tensor/tensor.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"

/** A layer of each kind that has numbers, one after the other. */
class Everything extends nn.Layer {
  readonly embedding = new nn.Embedding(5, 6)
  readonly network = new nn.Sequential([
    nn.Linear.uniform(6, 8),
    new nn.Dropout(0.1),
    new nn.LayerNorm(8),
    new nn.BatchNorm1d(8),
    new nn.Sequential([(x: Tensor) => x.tanh(), nn.Linear.uniform(8, 8, { bias: false })]),
  ])
  readonly convolutions = [
    new nn.Conv1d(8, 8, 3, { dilation: 2, groups: 2, padding: "same" }),
    new nn.CausalConv1d(8, 6, 2, { bias: false }),
  ]
  readonly faster = new nn.ConvTranspose1d(6, 6, 3, { stride: 2 })
  readonly rnn = new nn.RNN(6, 4, { nonlinearity: "relu" })
  readonly gru = new nn.GRU(4, 5, { numLayers: 2 })
  readonly lstm = new nn.LSTM(5, 3, { bias: false })
  readonly lastCell = new nn.GRUCell(3, 4)

  // int32 (B, T) -> (B, 4)
  forward(ids: Tensor): Tensor {
    const x = this.network.forward(this.embedding.forward(ids))
    const y = this.convolutions.reduce((y, convolution) => convolution.forward(y), x)
    const z = this.lstm.forward(this.gru.forward(this.rnn.forward(this.faster.forward(y))))
    return this.lastCell.forward(z.slice(1, -1).squeeze(1))
  }
}

function everything(seed: number): Everything {
  const random = new Generator(seed)
  const model = new Everything().initialize(random)
  for (const variable of [...model.parameters(), ...model.buffers()])
    if (variable.dtype === "float32") variable.data = random.uniform(variable.size, 0.1, 0.9)
  return model
}

const ids = [1, 4, 0, 2, 3, 3, 1, 0]
const outputOf = (model: nn.Layer): number[] =>
  Array.from(
    nn.trace(model, "evaluation", () => model.forward(Tensor.constant(ids, [2, 4], "int32"))).result.values(),
  )

test("names, shapes and order of PyTorch's, where they differ from ours", () => {
  const shapes = Object.fromEntries(
    Object.entries(toPyTorch(everything(1))).map(([name, { shape }]) => [name, shape]),
  )
  expect(shapes).toEqual({
    "embedding.weight": [5, 6],
    "network.0.weight": [8, 6],
    "network.0.bias": [8],
    "network.2.weight": [8],
    "network.2.bias": [8],
    "network.3.weight": [8],
    "network.3.bias": [8],
    "network.3.running_mean": [8],
    "network.3.running_var": [8],
    "network.3.num_batches_tracked": [],
    "network.4.1.weight": [8, 8],
    "convolutions.0.weight": [8, 4, 3],
    "convolutions.0.bias": [8],
    "convolutions.1.weight": [6, 8, 2],
    "faster.weight": [6, 6, 3],
    "faster.bias": [6],
    "rnn.weight_ih_l0": [4, 6],
    "rnn.weight_hh_l0": [4, 4],
    "rnn.bias_ih_l0": [4],
    "rnn.bias_hh_l0": [4],
    "gru.weight_ih_l0": [15, 4],
    "gru.weight_hh_l0": [15, 5],
    "gru.bias_ih_l0": [15],
    "gru.bias_hh_l0": [15],
    "gru.weight_ih_l1": [15, 5],
    "gru.weight_hh_l1": [15, 5],
    "gru.bias_ih_l1": [15],
    "gru.bias_hh_l1": [15],
    "lstm.weight_ih_l0": [12, 5],
    "lstm.weight_hh_l0": [12, 3],
    "last_cell.weight_ih": [12, 3],
    "last_cell.weight_hh": [12, 4],
    "last_cell.bias_ih": [12],
    "last_cell.bias_hh": [12],
  })
  expect(Object.keys(toPyTorch(new nn.Sequential([new nn.BatchNorm1d(2)])))).toContain(
    "0.num_batches_tracked",
  )
  expect(Object.keys(toPyTorch(new nn.BatchNorm1d(2)))).toContain("num_batches_tracked")
})

test("every layer that has numbers of its own is among those asked of PyTorch", () => {
  const asked = everything(1).namedModules()
  // What others are made of; and what PyTorch has from 2.4 on, a weight (C) alone.
  const others: unknown[] = [
    nn.Layer,
    nn.Convolution,
    nn.RecurrentCell,
    nn.RecurrentStack,
    nn.SplitCell,
    nn.RMSNorm,
  ]
  const classes = Object.values(nn as Record<string, unknown>).filter(
    (value): value is new (...sizes: number[]) => nn.Module =>
      typeof value === "function" && value.prototype instanceof nn.Module && !others.includes(value),
  )
  const own = (layer: nn.Module) =>
    Object.values(layer).some((field) => field instanceof nn.Parameter || field instanceof nn.Buffer)
  const missing = classes.filter(
    (Class) => !asked.some(([, layer]) => layer.constructor === Class) && own(new Class(2, 2, 2)),
  )
  expect(missing.map(({ name }) => name)).toEqual([])
})

test("a matrix is transposed, of a convolution all axes are reversed", () => {
  const linear = new nn.Linear(2, 3, { bias: false })
  linear.weight.data = Float32Array.of(1, 2, 3, 4, 5, 6) // (inputs 2, outputs 3)
  expect(toPyTorch(linear).weight).toEqual({
    dtype: "F32",
    shape: [3, 2],
    data: Float32Array.of(1, 4, 2, 5, 3, 6),
  })
  const convolution = new nn.Conv1d(1, 2, 3, { bias: false })
  convolution.weight.data = Float32Array.of(1, 2, 3, 4, 5, 6) // (K 3, inputs 1, outputs 2)
  expect(toPyTorch(convolution).weight).toMatchObject({
    shape: [2, 1, 3],
    data: Float32Array.of(1, 3, 5, 2, 4, 6),
  })
})

test("what goes out comes back, in double precision too; what PyTorch has no place for stays", () => {
  const [from, to] = [everything(1), everything(2)]
  const counter = to.network.layers[1] as nn.Dropout
  const before = counter.counter.data.slice()
  const state = toPyTorch(from)
  const { shape, data } = state["network.0.weight"]
  state["network.0.weight"] = { dtype: "F64", shape, data: Float64Array.from(data as Float32Array) }
  expect(fromPyTorch(to, state)).toBe(to)
  expect(outputOf(to)).toEqual(outputOf(from))
  expect(counter.counter.data).toEqual(before)
})

test("the state of another network is refused, and none of it is loaded", () => {
  const model = everything(1)
  const before = outputOf(model)
  const state = toPyTorch(everything(2))
  const { "rnn.bias_ih_l0": bias, "network.0.weight": weight, ...others } = state
  const load = (given: Record<string, SafeTensor>) => () =>
    fromPyTorch(model, given, { name: "a.safetensors" })
  expect(load({ ...others, "network.0.weight": weight, "h.0": bias })).toThrow(
    /^a\.safetensors: these are the numbers of another network: missing 'rnn\.bias_ih_l0', unexpected 'h\.0'/,
  )
  expect(load({ ...state, "network.0.weight": { ...weight, shape: [6, 8] } })).toThrow(
    "a.safetensors: 'network.0.weight' is (6, 8), and (8, 6) in the model: give them the same sizes",
  )
  const half: SafeTensor = { dtype: "F16", shape: [8, 6], data: new Uint16Array(48) }
  expect(load({ ...state, "network.0.weight": half })).toThrow(
    /'network\.0\.weight' has dtype F16.*model\.float\(\)/,
  )
  expect(load({ ...state, "network.0.weight": half })).toThrow(UserError)
  expect(outputOf(model)).toEqual(before)
})

// Both in one process, for PyTorch takes its time to begin.
const program = `
import contextlib, io, json, runpy, sys
import torch
from torch import nn

folder, ids = sys.argv[1], json.loads(sys.argv[2])
sys.argv = ["examples/11-pytorch-exchange.py", folder]
with contextlib.redirect_stdout(io.StringIO()) as printed:
    exchange = runpy.run_path(sys.argv[0], run_name="__main__")

class Everything(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 6)
        inner = nn.Sequential(nn.Tanh(), nn.Linear(8, 8, bias=False))
        self.network = nn.Sequential(
            nn.Linear(6, 8), nn.Dropout(0.1), nn.LayerNorm(8), exchange["BatchNorm1d"](8), inner)
        same = nn.Conv1d(8, 8, 3, dilation=2, groups=2, padding="same")
        self.convolutions = nn.ModuleList([same, nn.Conv1d(8, 6, 2, bias=False)])
        self.faster = nn.ConvTranspose1d(6, 6, 3, stride=2)
        self.rnn = nn.RNN(6, 4, nonlinearity="relu", batch_first=True)
        self.gru = nn.GRU(4, 5, num_layers=2, batch_first=True)
        self.lstm = nn.LSTM(5, 3, bias=False, batch_first=True)
        self.last_cell = nn.GRUCell(3, 4)

    def forward(self, ids):
        x = self.network(self.embedding(ids)).transpose(1, 2)
        x = self.convolutions[1](nn.functional.pad(self.convolutions[0](x), (1, 0)))
        x = self.faster(x).transpose(1, 2)
        for layer in (self.rnn, self.gru, self.lstm):
            x, _ = layer(x)
        return self.last_cell(x[:, -1])

model = Everything().eval()
model.load_state_dict(exchange["load_file"](folder + "/there.safetensors"), strict=True)
ids = torch.tensor(ids).reshape(2, 4)
ours = model(ids)
torch.manual_seed(1)
theirs = Everything().eval()
exchange["save_file"](theirs.state_dict(), folder + "/back.safetensors")
outputs = [output.flatten().tolist() for output in (ours, theirs(ids))]
print(json.dumps({"example": printed.getvalue().splitlines(), "outputs": outputs}))`

const close = (got: number[], want: number[]) => {
  expect(got.length).toBe(want.length)
  for (const [k, x] of got.entries()) expect(x).toBeCloseTo(want[k], 6)
}

testByPython("torch")(
  "PyTorch loads it strictly and computes the same, and the other way round; so does the example with its twin",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "makewave-pytorch-"))
    const example = () =>
      execFileSync(process.execPath, ["examples/11-pytorch-exchange.ts", folder], { encoding: "utf8" }).trim()
    const model = everything(1)
    writeFileSync(join(folder, "there.safetensors"), writeSafetensors(toPyTorch(model)))
    const before = example()
    const answer = await askPython("torch", "-c", program, folder, JSON.stringify(ids))
    const { example: twin, outputs } = answer as { example: string[]; outputs: number[][] }

    close(outputs[0], outputOf(model))
    const back = readSafetensors(readFileSync(join(folder, "back.safetensors")), "back.safetensors")
    close(outputs[1], outputOf(fromPyTorch(everything(2), back.tensors)))

    expect(before.split("\n").at(-1)).toBe(twin[0])
    expect(example()).toBe(twin[1])
    expect(twin[1]).not.toBe(twin[0])
    rmSync(folder, { recursive: true })
  },
)
