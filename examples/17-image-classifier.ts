/**
 * An image classifier: rings, crosses and squares of 12 × 12 pixels, drawn with noise at places of their own.
 *
 *   npx node examples/17-image-classifier.ts [steps]
 */
import "./errors.ts"
import { evaluate, functional, Generator, nn, optim, type Tensor, train } from "../src/index.ts"

const SIDE = 12
const random = new Generator(1)
const shapes = [
  (x: number, y: number) => Math.abs(Math.hypot(x, y) - 3) < 0.6, // ring
  (x: number, y: number) => Math.abs(Math.abs(x) - Math.abs(y)) < 0.6 && Math.abs(x) < 3.5, // cross
  (x: number, y: number) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 3) < 0.6, // square
] // where there is ink, from the middle of the shape

function pictures(N: number) {
  const kind = random.randint(0, shapes.length, N)
  const pixels = random.randn(N * SIDE ** 2).map((noise) => 0.3 * noise)
  for (const [k, number] of kind.entries()) {
    const [left, top] = random.uniform(2, 3.5, 7.5)
    for (let i = 0; i < SIDE ** 2; i++)
      if (shapes[number]((i % SIDE) - left, Math.floor(i / SIDE) - top)) pixels[k * SIDE ** 2 + i] += 1
  }
  return { pixels: { data: pixels, shape: [N, SIDE, SIDE] }, kind: { data: kind, shape: [N] } }
}
const [known, held] = [pictures(3000), pictures(500)]

const network = new nn.Sequential([
  ...[(x: Tensor) => x.reshape([-1, SIDE ** 2]), nn.Linear.uniform(SIDE ** 2, 64), new nn.BatchNorm1d(64)],
  ...[(x: Tensor) => x.relu(), nn.Linear.uniform(64, shapes.length)],
]).initialize(random)

type Batch = Record<keyof typeof known, Tensor>
const loss = ({ pixels, kind }: Batch) => functional.crossEntropy(network.forward(pixels), kind)
const right = ({ pixels, kind }: Batch) => network.forward(pixels).argmax().equal(kind).cast("float32").mean()

const options = { optimizer: optim.adamw(), rate: 0.003, steps: Number(process.argv[2] ?? 1500), every: 500 }
for await (const { step } of train(network, known, { ...options, loss }))
  console.log(step, "right:", (await evaluate(network, held, { loss: right })).toFixed(3))
