/**
 * Chapter 2, 6:56: the plot of the loss. A batch of 32 is a small sample, so its loss jumps about and the plot of all of them is a
 * thick band. The mean of each 1,000 shows what the band hides.
 *
 *   npx node lecture/02-learning-rate-plot.ts [data] [steps]
 */
import { Flat, Generator, loadText, optim, split, train, Vocabulary, windows } from "../src/index.ts"

const [data = "names", steps = "12500"] = process.argv.slice(2)

// %% A training whose every loss is kept
// The rate falls to a tenth at three quarters of the way, as the notebook's does at step 150,000 of 200,000.
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 3)
const random = new Generator(42)
const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 3 }).initialize(random)
const rate = optim.step(0.1, { milestones: [0.75 * Number(steps)] })
const losses: number[] = []
for await (const progress of train(model, rows, { steps: Number(steps), rate, generator: random }))
  losses.push(...progress.losses)

// %% The band
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
const deviation = (numbers: readonly number[]) =>
  Math.sqrt(mean(numbers.map((x) => (x - mean(numbers)) ** 2)) * (numbers.length / (numbers.length - 1)))
const last = losses.slice(-1000)
console.log(
  `the last ${last.length} losses lie about ${mean(last).toFixed(3)} with a deviation of ${deviation(last).toFixed(3)}`,
)

// %% Means
// The notebook writes `torch.tensor(lossi).view(-1, 1000).mean(1)`: rows of 1,000, and their means. That wants a multiple of 1,000
// steps; here the last row may be short. A mean of 1,000 is √1,000, some 30 times, steadier than one loss.
const means = Array.from({ length: Math.ceil(losses.length / 1000) }, (_, k) =>
  mean(losses.slice(1000 * k, 1000 * (k + 1))),
)
console.log(
  `one mean of 1,000 has a deviation of about ${(deviation(last) / Math.sqrt(last.length)).toFixed(3)}`,
)

// %% The plot
// Now the fall of the rate can be seen: the steps before it wander about the bottom, those after it settle in.
const [least, most] = [Math.min(...means), Math.max(...means)]
for (const [k, each] of means.entries()) {
  const bar = "█".repeat(1 + Math.round((50 * (each - least)) / (most - least)))
  const fell =
    1000 * k <= 0.75 * Number(steps) && 0.75 * Number(steps) < 1000 * (k + 1) ? "  the rate falls" : ""
  console.log(`${String(1000 * k).padStart(7)} ${each.toFixed(3)} ${bar}${fell}`)
}
