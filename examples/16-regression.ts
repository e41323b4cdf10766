/**
 * Regression on numbers and categories: the rent of made-up flats from their size and district. Weights decay, biases do not.
 *
 *   npx node examples/16-regression.ts [steps]
 */
import "./errors.ts"
import { evaluate, functional, Generator, nn, optim, Tensor, train } from "../src/index.ts"

class Rents extends nn.Module {
  readonly district = new nn.Embedding(4, 2)
  readonly hidden = nn.Linear.uniform(3, 32)
  readonly output = nn.Linear.uniform(32, 1)

  // int32 (B), (B, 1) -> (B, 1)
  forward(district: Tensor, size: Tensor): Tensor {
    const features = Tensor.concat([this.district.forward(district), size], 1)
    return this.output.forward(this.hidden.forward(features).relu())
  }
}

const random = new Generator(1)
function flats(N: number) {
  const [size, district, noise] = [random.uniform(N, 0.2, 1.5), random.randint(0, 4, N), random.randn(N)]
  const rent = size.map((s, k) => 0.3 + s * (1 + 0.2 * district[k]) + 0.03 * noise[k]) // thousands a month, s in 100 m²
  return {
    size: { data: size, shape: [N, 1] },
    district: { data: district, shape: [N] },
    rent: { data: rent, shape: [N, 1] },
  }
}
const [known, held] = [flats(2000), flats(500)]

const model = new Rents().initialize(random)
const loss = ({ district, size, rent }: Record<keyof typeof known, Tensor>) =>
  functional.mseLoss(model.forward(district, size), rent)
const groups = [{ parameters: ["hidden.bias", "output.bias"], optimizer: optim.adamw({ weightDecay: 0 }) }]
const options = { loss, groups, optimizer: optim.adamw(), rate: 0.01, every: 500 }
for await (const { step } of train(model, known, { ...options, steps: Number(process.argv[2] ?? 2000) }))
  console.log(step, "off by", Math.round(1000 * Math.sqrt(await evaluate(model, held, { loss }))), "a month")
