/**
 * A training without `train`: the step is a handful of tensors, and `compileLoop` makes one ONNX model of it that takes many
 * steps in a call. Two layers learn the sine.
 *
 *   npx node examples/04-training-loop-by-hand.ts [steps]
 */
import { compileLoop, Generator, gradients, nn, Tensor } from "../src/index.ts"

const layers = [nn.Linear.uniform(1, 32), new nn.Tanh(), nn.Linear.uniform(32, 1)]
const random = new Generator(42)
const network = new nn.Sequential(layers).initialize(random)
const parameters = network.namedParameters()

// One step: forward, backward, update. `x` and `rate` have numbers of their own in each step.
const x = Tensor.input("x", [64, 1])
const rate = Tensor.input("rate", [])
const loss = network.forward(x).sub(x.sin()).square().mean()
const changes = gradients(loss, network.parameters())
const carried = Object.fromEntries(
  parameters.map(([name, now], k) => [name, { now, next: now.sub(changes[k].mul(rate)) }]),
)
const loop = await compileLoop({ carried, perStep: { x, rate }, outputs: { loss } })

// Many steps, 100 a call. The parameters stay with ONNX Runtime in between.
const running = loop.start(Object.fromEntries(parameters.map(([name, { data }]) => [name, data])))
for (let taken = 0; taken < Number(process.argv[2] ?? 3000); taken += 100) {
  const x = random.uniform(100 * 64, -Math.PI, Math.PI)
  const { loss } = await running.advance(100, { x, rate: new Float32Array(100).fill(0.05) })
  if (taken % 1000 === 0) console.log(taken, loss[0].toFixed(5))
}

// What was learned goes back into the network, and the interpreter reads it there.
for (const [name, parameter] of parameters) parameter.data = running.state()[name] as Float32Array
for (const at of [-2, 0, 1, 3]) {
  const learned = network.forward(Tensor.constant([at], [1, 1])).item()
  console.log(`sin ${at} is ${Math.sin(at).toFixed(2)}, learned ${learned.toFixed(2)}`)
}
await loop.release()
