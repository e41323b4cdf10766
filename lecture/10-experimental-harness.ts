// %% [markdown]
// # Chapter 10: an experimental harness
//
// *46:58 in the lecture.* The lecture ends with a good network, and admits how it was found: by guessing. A context of 8, 24 numbers for a
// letter, 128 hidden units: each was tried once, and what helped was kept. Nobody searched the other settings, nobody looked at the curves
// of training and validation side by side, and nobody knows how much of each gain was luck. What is missing is what every project in deep
// learning has sooner or later: an **experimental harness**. It turns a question into many runs, keeps what each of them was and what came
// of it, and compares them.
//
// This chapter builds a small one, in a few cells, and asks it a question that the lecture leaves open: is a longer context better, or did
// it only bring more parameters?

// %%
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { charts, experiments, runs, runTraining, show } from "makewave"

const [data = "names", steps = "2000"] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), "makewave-"))

// %% [markdown]
// ## A run is its settings, and what came of it
//
// A cell in which one changes a number and trains again forgets what it was before. So the first rule of a harness: settings are data, and
// a training is a function of them. `runTraining` is that function. It takes settings, fills in the defaults of all the others, trains, and
// keeps everything in a folder. We give it the lecture's recipe, SGD at a rate of 0.1 that falls to 0.01 for the last quarter of the steps,
// and measure the validation loss five times on the way.

// %%
type Settings = runs.TrainingRequest["given"]

const recipe: Settings = {
  data,
  recipe: "lecture",
  model: "flat",
  embedding: 10,
  steps: Number(steps),
  evaluateEvery: Math.ceil(Number(steps) / 5),
}

interface Result {
  /** The folder of the run. */
  readonly run: string
  /** In nats a letter, of the whole part. */
  readonly train: number
  readonly validation: number
}

/** Trains once for the same settings: whoever asks again gets the run that is there. */
const results = new Map<string, Promise<Result>>()
const trained = (settings: Settings): Promise<Result> => {
  const key = JSON.stringify(Object.entries(settings).sort())
  if (!results.has(key)) results.set(key, trainIn(join(folder, `${results.size + 1}`), settings))
  return results.get(key)!
}
async function trainIn(run: string, settings: Settings): Promise<Result> {
  for await (const event of runTraining({ given: settings, out: run }))
    if (event.kind === "evaluated") return { run, train: event.train, validation: event.validation! }
  throw new Error(`${run} has ended without its losses`)
}

const first = await trained({ ...recipe, context: 3, hidden: 200, seed: 1 })
console.log(`train ${first.train.toFixed(4)}, validation ${first.validation.toFixed(4)}`)

// %% [markdown]
// The folder says all that one will want to know in a month: every setting, also those that nobody thought about, a hash of the data, and
// the losses step by step.

// %%
const config = await runs.readConfig(first.run)
console.log(`${Object.keys(config.recipe).length} settings, such as`)
for (const name of ["seed", "batchSize", "optimizer", "learningRate", "schedule"] as const)
  console.log(`  ${name}: ${config.recipe[name]}`)
const metrics = await runs.readMetrics(first.run)
console.log(
  `${metrics.length} lines of metrics, the last: ${JSON.stringify({ ...metrics.at(-1), seconds: undefined })}`,
)

// %% [markdown]
// ## How much is luck?
//
// The initial weights and the batches are random, and the loss at the end depends on both. By how much? We train the very same network from
// five seeds.

// %%
const seeds = [1, 2, 3, 4, 5]
const same: number[] = []
for (const seed of seeds) {
  const { validation } = await trained({ ...recipe, context: 3, hidden: 200, seed })
  same.push(validation)
  console.log(`seed ${seed}: validation ${validation.toFixed(4)}`)
}
const spread = experiments.standardDeviation(same)
const luck = experiments.mean(same) - Math.min(...same)
console.log(`mean ${experiments.mean(same).toFixed(4)}, standard deviation ${spread.toFixed(4)}`)
console.log(`the best of five is ${luck.toFixed(4)} below the mean, and nothing was improved`)

// %% [markdown]
// Two lessons follow. A network that was trained once may lose to its own twin; so a difference of about the standard deviation between two
// single runs says nothing. And whoever tries five things and reports the best of them reports some luck as well, even if all five are the
// same. The more one tries, the more of it.
//
// The remedy is old: repeat each experiment from several seeds, and say how sure the mean is. From $n$ losses with the standard deviation
// $s$, Student's interval is the mean $\pm\, t\, s / \sqrt n$. With three runs $t$ is 4.3, with five 2.8: few repetitions are paid for with
// wide intervals.

// %%
for (const count of [2, 3, 5]) {
  const [low, high] = experiments.meanInterval(same.slice(0, count))
  console.log(
    `${count} seeds: between ${low.toFixed(4)} and ${high.toFixed(4)}, a width of ${(high - low).toFixed(4)}`,
  )
}

// %% [markdown]
// ## A question, and a plan
//
// In the lecture the step from a context of 3 to one of 8 brought the loss down, from 2.105 to 2.027 in the notebook. But the network grew
// as well, from 12,097 parameters to 22,097. Which of the two was it? To find out, all networks have to be equally large: the longer the
// context, the fewer hidden units.
//
// A **plan** says what is the same in all runs, what varies, and from which seeds.

// %%
const plan = experiments.parsePlan(
  {
    recipe,
    parameters: {
      network: {
        values: [
          { context: 3, hidden: 200 },
          { context: 5, hidden: 149 },
          { context: 8, hidden: 108 },
        ],
      },
    },
    seeds: [1, 2, 3],
  },
  "plan",
)
const points = [...experiments.gridOf(plan.space)].map((point) => experiments.settingsAt(plan.space, point))
for (const { context = 0, hidden = 0 } of points) {
  const parameters = 27 * 10 + context * 10 * hidden + 2 * hidden + hidden * 27 + 27
  console.log(`context ${context}, hidden ${hidden}: ${parameters} parameters`)
}

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// ```python
// from torch import nn
//
// for context, hidden in [(3, 200), (5, 149), (8, 108)]:
//     model = nn.Sequential(
//         nn.Embedding(27, 10),
//         nn.Flatten(),
//         nn.Linear(context * 10, hidden, bias=False),
//         nn.BatchNorm1d(hidden),
//         nn.Tanh(),
//         nn.Linear(hidden, 27),
//     )
//     parameters = sum(p.numel() for p in model.parameters())
//     print(f"context {context}, hidden {hidden}: {parameters} parameters")
// ```
//
// </details>

// %% [markdown]
// ## The runs
//
// Each point of the plan with each seed is a **trial**. Three of the nine are there already, since the first network is the one from above;
// a harness does not train what it has trained. Here one trial follows the other. They know nothing of each other, so as many could run at
// once as there are cores, which is what `makewave sweep` does.

// %%
const table: string[][] = [["context", "hidden", "train", "validation", "95 % interval"]]
const losses: number[][] = []
for (const point of points) {
  const trials: Result[] = []
  for (const seed of plan.seeds) trials.push(await trained({ ...recipe, ...point, seed }))
  const validation = trials.map((trial) => trial.validation)
  losses.push(validation)
  const interval = experiments.meanInterval(validation).map((end) => end.toFixed(4))
  table.push([
    `${point.context}`,
    `${point.hidden}`,
    experiments.mean(trials.map((trial) => trial.train)).toFixed(4),
    experiments.mean(validation).toFixed(4),
    interval.join(" to "),
  ])
}
console.log(charts.table(table))
console.log(`${results.size} runs in all`)

// %% [markdown]
// Both losses stand in the table, which is the second thing that the lecture asks for. Where the training loss is far below the validation
// loss, the network memorizes, and a smaller one or dropout may help. Where the two are close together, as they are after so few steps, the
// network is too small or not trained enough.
//
// ## Which differences are real?
//
// Welch's test compares two groups of runs. It gives the difference of the means with an interval; where the interval does not contain 0,
// chance is an unlikely explanation.

// %%
for (const [a, b] of [
  [0, 1],
  [1, 2],
  [0, 2],
]) {
  const { difference, interval } = experiments.welchTest(losses[a], losses[b])
  const [low, high] = interval
  const verdict = high < 0 ? "better" : low > 0 ? "worse" : "undecided"
  const signed = [difference, low, high].map((value) => (value < 0 ? "" : "+") + value.toFixed(4))
  console.log(
    `context ${points[b].context} after ${points[a].context}: ${signed[0]} (${signed[1]} to ${signed[2]}), ${verdict}`,
  )
}

// %% [markdown]
// That is an answer, with what it is worth. On the list of the package the longer context was not only more parameters: with as many, five
// letters are better than three, by much more than luck. Whether eight are better than five these runs do not say, neither yes nor no. More
// seeds would narrow the interval; more steps might change the answer.
//
// ## The curves
//
// A loss at the end is one number of a story. The curves tell more of it: whether a network was still learning when it was stopped, and
// whether the order of the networks was the same all along.

// %%
const curves: charts.LossCurve[] = []
for (const point of points) {
  const { run } = await trained({ ...recipe, ...point, seed: 1 })
  const lines = await runs.readMetrics(run)
  curves.push({
    name: `context ${point.context}, hidden ${point.hidden}`,
    training: lines.flatMap(({ step, mean }) => (mean === undefined ? [] : [{ step, loss: mean }])),
    validation: lines.flatMap(({ step, validation }) =>
      validation === undefined ? [] : [{ step, loss: validation }],
    ),
  })
}
await show(charts.lossCurves(curves, { title: "Three networks of equal size, seed 1" }))
const orderAt = (at: number) =>
  points
    .map(({ context }, k) => ({ context, loss: curves[k].validation!.at(at)!.loss }))
    .sort((a, b) => a.loss - b.loss)
    .map(({ context }) => context)
console.log(
  `from the best to the worst context: ${orderAt(0).join(", ")} after a fifth of the steps, ${orderAt(-1).join(", ")} after all`,
)

// %% [markdown]
// ## A search that gives up early
//
// There is an unfairness left: all three were trained at a rate of 0.1, which the lecture had chosen for the network with a context of 3. A
// fair harness tunes each contender. But six rates for each of three networks from three seeds are 54 runs. One need not finish all of
// them: a rate that is far behind after a quarter of the steps will hardly win.
//
// That is **successive halving**. All contenders take a few steps, the better half goes on to twice as many, and the better half of that
// again. A run can be resumed, so no step is taken twice.

// %%
const [network] = points.slice(-1)
const rates = [0.02, 0.05, 0.1, 0.2, 0.5, 1]
const rungs = experiments.rungs(Math.ceil(Number(steps) / 4), Number(steps), 2)
const standing: experiments.OnRung[][] = rungs.map(() => [])
let taken = 0
const climb = async (rate: string, rung: number): Promise<void> => {
  const run = join(folder, `rate-${rate}`)
  const begin =
    rung === 0
      ? { given: { ...network, learningRate: Number(rate), seed: 1 }, out: run }
      : { given: {}, resume: run }
  for await (const event of runTraining({ ...begin, until: rungs[rung], brief: true }))
    if (event.kind === "validated") standing[rung].push({ trial: rate, value: event.validation })
  taken += rungs[rung] - (rungs[rung - 1] ?? 0)
}
for (const rate of rates) await climb(`${rate}`, 0)
for (let next = experiments.promotable(standing, 2); next; next = experiments.promotable(standing, 2))
  await climb(next.trial, next.rung)
for (const [k, rung] of rungs.entries()) {
  const sorted = standing[k].toSorted((a, b) => a.value! - b.value!)
  console.log(
    `${rung} steps: ${sorted.map(({ trial, value }) => `${trial} (${value!.toFixed(3)})`).join(", ")}`,
  )
}
console.log(`${taken} steps in place of ${rates.length * Number(steps)}`)

// %% [markdown]
// The price is that a slow starter is lost. A high rate looks good early, when a rough direction is all that matters, and a low one late:
// on the list of the package the rate of 1 leads on the first rung, and is overtaken on the second. So the first rung must not be too low.
//
// ## What the numbers say, and what not
//
// They answer the question that was asked, for this budget: so many steps, this recipe, these data. They do not say which network would be
// best after a hundred times as many steps, where the longer context may overfit sooner. They do not say that a context of 8 is right for
// the names of cities. And with every look at the validation part a little of its honesty is used up, because we choose by it. That is why
// the split has a third part, the test part, which is opened once, at the end.
//
// What the cells above do, `makewave` does for any settings, on all cores, and it goes on where it was stopped:
//
// ```yaml
// # wide.yaml
// recipe: { data: names, recipe: lecture, model: flat, steps: 20000 }
// parameters:
//   network:
//     values: [{ context: 3, hidden: 200 }, { context: 5, hidden: 149 }, { context: 8, hidden: 108 }]
//   learningRate: { min: 0.02, max: 1, distribution: logUniform }
// method: tpe
// seeds: 3
// budget: { runs: 60 }
// earlyTerminate: { minSteps: 2000, eta: 2 }
// ```
//
// ```sh
// makewave sweep wide.yaml
// makewave report runs/wide --tests
// ```
//
// The report is a page with the table, all curves, and which setting mattered how much. `docs/experiments.md` has the rest. The folder of
// this chapter goes away at last; that of a real question is kept.

// %%
rmSync(folder, { recursive: true })
