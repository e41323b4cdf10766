/**
 * Chapter 2, 6:56: fixing the loss plot. A batch of 32 is small, so its loss is noisy and the raw plot is a thick band. Averaging over
 * 1,000 steps shows the trend.
 *
 *   npx node lecture/02-learning-rate-plot.ts [data] [steps] [file for the plot]
 */
import "../examples/errors.ts"
import { mkdtempSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { charts, Flat, Generator, loadText, optim, split, train, Vocabulary, windows } from "../src/index.ts"

const [data = "names", steps = "12500", chosen] = process.argv.slice(2)
const file = chosen ?? join(mkdtempSync(join(tmpdir(), "makewave-")), "loss.svg")

// %% Train and record every loss
// The learning rate decays to a tenth after three quarters of the steps, as in the notebook (step 150,000 of 200,000).
const text = await loadText(data)
const vocabulary = Vocabulary.from(text.lines)
const rows = windows(split(text).train.lines, vocabulary, 3)
const random = new Generator(42)
const model = new Flat({ vocabularySize: vocabulary.size, contextLength: 3 }).initialize(random)
const rate = optim.step(0.1, { milestones: [0.75 * Number(steps)] })
const losses: number[] = []
for await (const progress of train(model, rows, { steps: Number(steps), rate, generator: random }))
  losses.push(...progress.losses)

// %% The noise
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
const deviation = (numbers: readonly number[]) =>
  Math.sqrt(mean(numbers.map((x) => (x - mean(numbers)) ** 2)) * (numbers.length / (numbers.length - 1)))
const last = losses.slice(-1000)
console.log(
  `the last ${last.length} losses have mean ${mean(last).toFixed(3)} and standard deviation ${deviation(last).toFixed(3)}`,
)

// %% Averages
// The notebook computes `torch.tensor(lossi).view(-1, 1000).mean(1)`, which requires a multiple of 1,000 steps; here the last mean may be
// over fewer. The mean of 1,000 losses is √1,000, about 30 times, less noisy than a single one.
const training = losses.map((loss, step) => ({ step, loss }))
for (const { step, loss } of charts.windowMeans(training, 1000))
  console.log(`around step ${step.toFixed(0).padStart(7)}: ${loss.toFixed(3)}`)
console.log(
  `the mean of 1,000 losses has a standard error of about ${(deviation(last) / Math.sqrt(last.length)).toFixed(3)}`,
)

// %% The plot
// The learning-rate decay is visible: before it, the loss bounces around the minimum; after it, the loss settles.
await writeFile(file, await charts.lossPlotSvg({ training, window: 1000, title: "Means of 1,000 losses" }))
console.log(`the plot is in ${file}; the rate falls at step ${0.75 * Number(steps)}`)
