// %% [markdown]
// # Chapter 10: an experimental harness
//
// *46:58 in the lecture.* The lecture ends with a good network, and admits how it got there: by guessing. A context of 8, an embedding of
// 24, 128 hidden units: each was tried once, and what helped was kept. Other settings were not searched, the training and validation losses
// were not plotted together, and nobody knows how much of each gain was luck. What is missing is an **experimental harness**. It turns a
// question into many runs, keeps the settings and the losses of each, and compares them.
//
// This chapter builds a small harness in a few cells, and asks it a question that the lecture leaves open: is a longer context better, or
// did it only bring more parameters?

// %%
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { charts, experiments, Flat, runs, runTraining, show } from "makewave"

const [data = "names", steps = "2000"] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), "makewave-"))

// %% [markdown]
// ## A run: settings in, losses out
//
// If you change a number in a cell and train again, the number you had before is gone. So the first rule of a harness is: settings are
// data, and a training is a function of them. `runTraining` is that function. It takes some settings, fills in the defaults of the others,
// trains, and keeps everything in a folder. We give it the lecture's recipe, which is SGD at a learning rate of 0.1 that drops to 0.01 for
// the last quarter of the steps, and measure the validation loss five times on the way.

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
  /** In nats per symbol, over the whole part. */
  readonly train: number
  readonly validation: number
}

/** Trains once for the same settings: asked again, it returns the run that is there. */
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
// The folder has everything you will want to know in a month: every setting, including those you never thought about, a hash of the data,
// and the losses along the way.

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
// The initial weights and the batches are random, and the loss at the end depends on both. By how much? We train the same network from five
// seeds.

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
// Two lessons follow. A network trained once may lose to itself with another seed; so if two single runs differ by about one standard
// deviation, that says nothing. And if you try five things and report the best, you report some luck with it, even if all five are the
// same. The more you try, the more luck there is in the best.
//
// The remedy is to repeat each experiment from several seeds, and to say how certain the mean is. For $n$ losses with the standard
// deviation $s$, the 95 % confidence interval is the mean $\pm\, t\, s / \sqrt n$, where $t$ comes from Student's distribution. With three
// runs $t$ is 4.3, with five it is 2.8: with few runs, the interval is wide.

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
// In the lecture, going from a context of 3 to one of 8 lowered the validation loss from 2.105 to 2.027. But the network grew as well, from
// 12,097 parameters to 22,097. Which of the two was it? To find out, make all networks equally large: the longer the context, the fewer
// hidden units.
//
// A **plan** says what is the same in all runs, what varies, and which seeds to use.

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
  const { parameterCount } = new Flat({ vocabularySize: 27, contextLength: context, embedding: 10, hidden })
  console.log(`context ${context}, hidden ${hidden}: ${parameterCount} parameters`)
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
// Each point of the plan with each seed is a **trial**. Three of the nine are there already, since the first network is the one from above,
// and the harness trains nothing twice. Here the trials run one after another. But they are independent, so as many can run at once as
// there are cores, which is what `makewave sweep` does.

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
// The table has both losses, which the lecture wants to see side by side. If the training loss is far below the validation loss, the
// network memorizes, and a smaller network or dropout may help. If the two are close, as they are after so few steps, the network is too
// small or has not been trained for long enough.
//
// ## Which differences are real?
//
// Welch's test compares two groups of runs. It gives the difference of the means with an interval. If the interval does not contain 0,
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
// That is an answer, and it says how certain it is. On the package's list, the gain is not only a matter of parameters: with equally many,
// a context of 5 and a context of 8 are both better than one of 3. Whether 8 is better than 5, these runs do not say. More seeds would
// narrow the interval; more steps might change the answer.
//
// ## The curves
//
// The last loss is only the end of the story. The curves tell more: whether a network was still learning when it stopped, and whether the
// order of the networks was the same all along.

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
// The comparison is still unfair in one way: all three networks were trained at a learning rate of 0.1, which the lecture had chosen for a
// context of 3. A fair comparison tunes each contender. But six rates for each of three networks from three seeds are 54 runs. You need not
// finish all of them: a rate that is far behind after a quarter of the steps will hardly win.
//
// The method is called **successive halving**. All contenders take a few steps, the better half goes on to twice as many, and the better
// half of those to twice as many again. A run can be resumed, so no step is taken twice. Here are six rates for the network with a context
// of 8, from one seed.

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
// The price is that a slow starter is lost. A high rate does well early, when a rough direction is enough, and a low one does well late: on
// the package's list, the rate of 1 leads on the first rung and is overtaken on the second. So the first rung must not be too low.
//
// ## What the numbers say, and what they do not
//
// They answer the question for this budget: this many steps, this recipe, this list. They do not say which network would be best after a
// hundred times as many steps, where the longer context may overfit sooner. They do not say that a context of 8 is right for the names of
// cities. And each time you choose by the validation loss, it becomes a little less fair as a measure. That is why the split has a third
// part, the test part, which you look at once, at the end.
//
// What the cells above do, `makewave` does for any settings, on all cores, and it resumes after an interruption:
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
// The report is a page with the table, all the curves, and how much each setting mattered. `docs/experiments.md` has the rest. This chapter
// deletes its folder now; for a question of your own, keep it.

// %%
rmSync(folder, { recursive: true })
