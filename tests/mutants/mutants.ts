/**
 * Faults that a change could introduce, each in one place of the code, with the tests that have to fail. No test noticed the first ones
 * until it was written for them.
 */
export interface Mutant {
  readonly fault: string
  readonly file: string
  /** Stands once in the file. */
  readonly text: string
  readonly replacement: string
  readonly tests: readonly string[]
}

const mutant = (
  fault: string,
  file: string,
  [text, replacement]: [string, string],
  ...tests: string[]
): Mutant => ({
  fault,
  file: `src/${file}.ts`,
  text,
  replacement,
  tests: tests.map((name) => `tests/${name}.test.ts`),
})

export const mutants: readonly Mutant[] = [
  mutant(
    "an exported script goes on from other symbols than it is asked about",
    "interchange/javascript-network",
    ["read.ids.every((id, age) => id === seen[age])", "read.ids.length > 0"],
    "everywhere/interchange",
  ),
  mutant(
    "an exported script goes on from another label",
    "interchange/javascript-network",
    ["read.label === label && ", ""],
    "everywhere/interchange",
  ),
  mutant(
    "a loop of an exported script repeats the first number of a row",
    "interchange/javascript-graph",
    ["i % $", "0 * $"],
    "everywhere/ops",
  ),
  mutant(
    "the state that says what rounding costs is not rounded as an exported script is",
    "interchange/javascript-weights",
    ["data instanceof Int32Array ? data : rounded(name, shape, data).data", "data"],
    "everywhere/interchange",
  ),
  mutant(
    "an exported script counts how often a symbol follows, where it should count what precedes it",
    "interchange/javascript-counts",
    ["if (before > 0) break", ""],
    "everywhere/javascript-counts",
  ),
  mutant(
    "a listed line passes as new in an exported script",
    "interchange/javascript-list",
    ["filter[place >> 3] |= 1 << (place & 7)", "filter[place >> 3] |= 1 << (place & 3)"],
    "everywhere/javascript-counts",
  ),
  mutant(
    "8 bits are chosen for an exported script whatever they cost",
    "cli/rounding",
    ["eight.loss.file - eight.loss.model <= TOLERANCE", "eight.loss.file <= Infinity"],
    "export",
  ),
  mutant(
    "a search weighs lines by their probability, and not by that of what was put in",
    "sampling/search",
    [" - (base.nats - base.stop)", ""],
    "wishes",
  ),
  mutant(
    "a cut line counts as one that ends",
    "sampling/sampler-with-wishes",
    ["ids.length <= bound", "ids.length <= Infinity"],
    "wishes",
  ),
  mutant(
    "a resumed run opens what it started from",
    "runs/run-training",
    ["run.checkpoint ? undefined : await", "await"],
    "fine-tuning",
  ),
  mutant(
    "a new symbol has rows of zeros",
    "runs/warm-start",
    ["return sum / members", "return 0"],
    "fine-tuning",
  ),
  mutant(
    "a checkpoint is not synced",
    "data/atomic-file",
    ["    await file.sync()\n", ""],
    "atomic-file",
    "power-cut",
  ),
  mutant(
    "its folder is not synced",
    "data/atomic-file",
    ["    await syncFolder(folder)\n", ""],
    "atomic-file",
    "power-cut",
  ),
  mutant(
    "metrics are not synced",
    "runs/disk-store",
    ["{ flush: true }", "{ flush: false }"],
    "everywhere/store",
    "power-cut",
  ),
  mutant(
    "the newest run is the oldest",
    "cli/run-folder",
    ["b.time - a.time", "a.time - b.time"],
    "run-folder",
  ),
  mutant(
    "a checkpoint after all steps only",
    "runs/settings",
    ["Math.max(100, powerOfTen(steps / 10)),", "steps,"],
    "setting",
  ),
  mutant(
    "a step that is taken back keeps its state",
    "training/training",
    ["        running.restore(before.numbers)\n", ""],
    "train",
  ),
  mutant(
    "metrics wait for the next checkpoint",
    "runs/run",
    ["> FLUSH_MILLISECONDS)", "> Infinity)"],
    "run",
    "power-cut",
  ),
  mutant("a file of any size is read", "data/disk", ["256 * 2 ** 20", "2 ** 50"], "disk"),
  mutant("a lost lock goes unnoticed", "runs/disk-store", ["    await lock?.requireHeld()\n", ""], "lock"),
  mutant("another user's process counts as dead", "runs/lock", [`!== "EPERM"`, `!== "EPERMIT"`], "lock"),
  mutant(
    "top-p keeps one symbol more",
    "sampling/probabilities",
    ["sofar >= wanted", "sofar > wanted"],
    "draw",
    "everywhere/sampling",
  ),
  mutant(
    "ties at the k-th symbol are dropped",
    "sampling/draw",
    ["likeliest.less(least)", "likeliest.lessEqual(least)"],
    "draw",
    "everywhere/sampling",
  ),
  mutant("clipping without 1e-6", "optim/clipping", ["norm.add(1e-6)", "norm"], "train-options"),
  mutant(
    "TensorBoard is not told of the restart",
    "runs/event-log",
    ["    log.writer.restart(logged)\n", ""],
    "event-log",
  ),

  mutant("no weight decay", "optim/adamw", ["1 - rate * weightDecay", "1"], "layers"),
  mutant("no bias correction", "optim/adamw", ["(1 - beta1 ** (step + 1))", "1"], "layers"),
  mutant(
    "momentum of the other sign",
    "optim/sgd",
    ["velocity.mul(momentum)", "velocity.mul(-momentum)"],
    "layers",
  ),
  mutant(
    "a milestone is a step late",
    "optim/schedules",
    ["number >= milestone", "number > milestone"],
    "layers",
  ),
  mutant("cosine begins at half the rate", "optim/schedules", ["* 0.5 * (1 +", "* 0.25 * (1 +"], "layers"),
  mutant(
    "the moving average forgets itself",
    "training/step",
    ["average.mul(ema).add", "average.mul(0).add"],
    "train-options",
  ),
  mutant(
    "moments of another optimizer are taken",
    "training/training-state",
    ["if (kept !== own)", "if (false)"],
    "train",
  ),
  mutant(
    "rows are drawn again after resuming",
    "training/training",
    ["      this.rewindStreams(from)\n", ""],
    "train",
  ),
  mutant(
    "the last batch counts as a whole one",
    "training/evaluate",
    ["total += size * each", "total += batchSize * each"],
    "any-module",
  ),
  mutant(
    "an evaluation is not interrupted",
    "training/evaluate",
    ["      signal?.throwIfAborted()\n", ""],
    "resume",
  ),
  mutant(
    "a call may take any time",
    "training/pace",
    ["Math.floor(seconds * perSecond)", "Infinity"],
    "pace",
  ),
  mutant(
    "patience is never over",
    "runs/record",
    ["sinceBest(validations) >= patience", "false"],
    "resume",
    "run",
  ),
  mutant("memory is not estimated", "runtime/memory", ["if (wanted <= limit) return", "return"], "memory"),
  mutant(
    "what is freed still counts",
    "runtime/memory",
    ["if (left === 0) held -=", "if (left < 0) held -="],
    "memory",
  ),
  mutant(
    "memory patterns double the memory",
    "runtime/session",
    ["enableMemPattern: bytes < 2 ** 26", "enableMemPattern: true"],
    "memory",
  ),
  mutant(
    "a column may take the place of an output",
    "runtime/compile",
    ["new Set(namesOfLoop(Object.keys(carried), Object.keys(outputs)))", "new Set<string>()"],
    "train-options",
  ),
  mutant(
    "indices below 0 are the last rows",
    "runtime/graph",
    ["[below, this.scalar(count,", "[below, this.scalar(0,"],
    "whole-numbers",
  ),
  mutant(
    "counts have no upper bound",
    "setting",
    ["(value as number) <= most", "true"],
    "setting",
    "absurd-numbers",
  ),
  mutant("numbers have no upper bound", "setting", ["value > 0 && value <= most", "value > 0"], "setting"),
  mutant(
    "two trainings step on one module",
    "training/training",
    ["    advancing.add(this.module)\n", ""],
    "train-options",
  ),
  mutant(
    "the split is cut one line late",
    "data/split",
    ["Math.trunc(train * n)", "Math.trunc(train * n) + 1"],
    "split",
  ),
  mutant(
    "equal lines may stand in two parts",
    "data/shuffled-groups",
    ["filter((index) => !isLater.has(index))", "filter(() => true)"],
    "split",
  ),
  mutant(
    "windows are padded on the right",
    "data/dataset",
    ["inputs[end - back]", "inputs[end - T + back - 1]"],
    "data",
  ),
  mutant("a discount has k in place of k + 1", "counting/kneser-ney", ["(k + 1) * y", "k * y"], "counting"),
  mutant(
    "the backoff weight is ignored",
    "counting/kneser-ney",
    ["distribution[symbol] *= backoff", "distribution[symbol] *= 1"],
    "counting",
  ),
  mutant(
    "the gradients of one width change sign",
    "training/by-width",
    ["gradient.reshape([-1, width])", "gradient.mul(-1).reshape([-1, width])"],
    "train",
    "models",
  ),
  mutant("a closed terminal is no interrupt", "cli/interrupt", [`, "SIGHUP"`, ""], "cli"),
  mutant(
    "a recipe's learning rate stays with another optimizer",
    "runs/chosen-recipe",
    [`["learningRate", ...settingsIn(optimizers)]`, "[]"],
    "recipes",
  ),
  mutant(
    "a recipe brings what does not apply",
    "runs/chosen-recipe",
    [".unless?.({ ...rest, [key]: found }) === undefined ?", ".unless !== null ?"],
    "recipes",
  ),
  mutant(
    "the weights of an attention are not dropped out",
    "nn/causal-self-attention",
    ["(dropout?.forward(weights) ?? weights)", "weights"],
    "models",
  ),
  mutant(
    "a dropout of 0 leaves its counter in the model",
    "nn/dropout",
    ["(p > 0 ? new Dropout(p) : undefined)", "new Dropout(p)"],
    "models",
  ),
  mutant(
    "one position at a time has the position before it",
    "nn/stepwise",
    ["table.gather(age).unsqueeze(axis)", "table.gather(age.sub(1).relu()).unsqueeze(axis)"],
    "cached",
  ),
  mutant(
    "the first layers of a stack have the norm, the last has none",
    "models/dilated-stack",
    ["if (Norm) this.norm", "if (Norm && k < dilations.length - 1) this.norm"],
    "wavenet-2016",
  ),
  mutant(
    "matrices of one width are orthogonalized as one",
    "training/step",
    ["optimizer.others ? each : byWidth", "byWidth"],
    "parameter-groups",
  ),
  mutant(
    "biases beside matrices of their width decay",
    "training/by-width",
    ["fill(Number(rank > 1))", "fill(1)"],
    "parameter-groups",
  ),
  mutant(
    "a product with a stack has its factors in another order",
    "runtime/rules/many-classes",
    ["Array.from(split.outputs, (part)", "Array.from(split.outputs.toReversed(), (part)"],
    "many-classes",
  ),
  mutant(
    "Muon has no momentum ahead of itself",
    "optim/muon",
    ["gradient.add(velocity.mul(momentum))", "velocity"],
    "layers",
  ),
  mutant(
    "the look inside updates vectors as matrices",
    "training/diagnostics",
    ["groups.find(({ parameters }) => parameters.some(([each]) => each === name))!", "groups[0]"],
    "parameter-groups",
  ),
  mutant(
    "the smoothed loss is reported",
    "training/loss",
    ["report: { loss, ...", "report: { loss: minimize, ..."],
    "loss",
  ),
  mutant(
    "positions without a target have a part in the z-loss",
    "training/loss",
    [
      'targets.greaterEqual(0).cast("float32")\n  return',
      'targets.greaterEqual(-1).cast("float32")\n  return',
    ],
    "loss",
  ),
  mutant(
    "the checkpoint of a run from before a setting is another model's",
    "runs/run-config",
    [" ?? otherwise(key)", ""],
    "old-runs",
  ),
  mutant(
    "a run cannot begin with another dropout than that of --from",
    "runs/warm-start",
    [', "dropout"].includes(key)', "].includes(key)"],
    "fine-tuning",
  ),
  mutant(
    "a list starts from the base whatever its symbols",
    "runs/chosen-recipe",
    ["const KNOWN = 0.9", "const KNOWN = 0"],
    "recipes",
  ),
  mutant(
    "TPE's candidate is any that is near good points",
    "experiments/search/tpe",
    ["b.gain - a.gain", "0"],
    "everywhere/searches",
  ),
  mutant(
    "TPE tries again what another worker is trying",
    "experiments/search/tpe",
    ["told.filter((each) => !good.includes(each))", "ranked.slice(good.length)"],
    "everywhere/searches",
  ),
  mutant(
    "ASHA goes on with the worst",
    "experiments/halving",
    ["a.value - b.value", "b.value - a.value"],
    "everywhere/searches",
  ),
  mutant(
    "a parameter of a sweep applies whatever its condition",
    "experiments/space",
    ["if (!when) return true", "if (when) return true"],
    "plan",
  ),
]
