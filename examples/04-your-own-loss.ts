/**
 * `train` takes any module, any data and any loss: here two layers learn the sine.
 *
 *   npx node examples/04-your-own-loss.ts [steps]
 */
import "./errors.ts"
import { functional, Generator, nn, Tensor, train } from "../src/index.ts"

const random = new Generator(42)
const x = Tensor.constant(random.uniform(2000, -Math.PI, Math.PI), [2000, 1])
const network = new nn.Sequential([nn.Linear.uniform(1, 32), (x) => x.tanh(), nn.Linear.uniform(32, 1)])
network.initialize(random)

const training = train(
  network,
  { x, y: x.sin() }, // columns of 2,000 rows; a step reads 64 of them
  {
    loss: ({ x, y }) => functional.mseLoss(network.forward(x), y),
    ...{ steps: Number(process.argv[2] ?? 3000), every: 1000, batchSize: 64, rate: 0.05 },
  },
)
for await (const { step, loss } of training) console.log(step, loss.toFixed(5))

for (const at of [-2, 0, 1, 3]) {
  const learned = network.forward(Tensor.constant([at], [1, 1])).item()
  console.log(`sin ${at} is ${Math.sin(at).toFixed(2)}, learned ${learned.toFixed(2)}`)
}
