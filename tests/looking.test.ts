/** The commands that look at a run: how good it is, what goes on inside, how it went; and the one that looks for a learning rate. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makewaveHere } from "./command-line.ts"

let folder = ""
const at = (name: string) => join(folder, name)

const makewave = (...args: string[]) => makewaveHere(args)

async function object(...args: string[]) {
  const { code, stdout, stderr } = await makewave(...args, "--json")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(stdout.trimEnd()).not.toContain("\n")
  return JSON.parse(stdout)
}

// Some lines stand there five times, so that the validation part has lines of the training part in it, and others.
const triples = [..."abc"].flatMap((x) => [..."abc"].flatMap((y) => [..."abc"].map((z) => x + y + z)))
const things = `${"ab\nba\naac\ncab\n".repeat(5)}${triples.join("\n")}\n`
const size = ["--context", "4", "--hidden", "6", "--embedding", "3"]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-looking-"))
  writeFileSync(at("things.txt"), things)
  const train = (...args: string[]) =>
    makewave("train", at("things.txt"), "--duplicates", "apart", ...args, "--json")
  await train(
    "--model",
    "wavenet",
    ...size,
    "--steps",
    "250",
    "--log-every",
    "1",
    "--evaluate-every",
    "50",
    "--out",
    at("run"),
  )
  await train(
    "--model",
    "gru",
    "--optimizer",
    "adamw",
    "--clip-norm",
    "1",
    "--hidden",
    "5",
    "--embedding",
    "2",
    "--steps",
    "5",
    "--out",
    at("gru"),
  )
  await train("--model", "ngram", "--order", "2", "--out", at("counted"))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("evaluate", () => {
  const figures = {
    lines: expect.any(Number),
    symbols: expect.any(Number),
    natsPerSymbol: { value: expect.any(Number), standardError: expect.any(Number) },
    natsPerLine: { value: expect.any(Number), standardError: expect.any(Number) },
    bitsPerSymbol: { value: expect.any(Number), standardError: expect.any(Number) },
    perplexity: { value: expect.any(Number), standardError: expect.any(Number) },
  }

  test.each(["run", "gru", "counted"])(
    "%s: each figure with its error, lines of the training part apart",
    async (name) => {
      const { reports, train, validation } = await object("evaluate", at(name))
      expect(reports.train).toEqual({ ...figures, lines: 37 })
      expect(reports.validation).toEqual({
        ...figures,
        lines: 5,
        unseen: expect.anything(),
        seen: expect.anything(),
      })
      expect(reports.validation.unseen.lines + reports.validation.seen.lines).toBe(5)
      expect(train).toBe(reports.train.natsPerSymbol.value)
      const logged = readFileSync(join(at(name), "metrics.jsonl"), "utf8")
        .trimEnd()
        .split("\n")
      const { validation: end } = JSON.parse(logged.at(-1)!)
      expect(validation).toBeCloseTo(end, 6)
    },
  )

  test("as text and as Markdown", async () => {
    const { stdout } = await makewave("evaluate", at("run"))
    expect(stdout).toMatch(
      /run after 250 steps\n\n +lines +nats\/symbol +nats\/line +bits\/symbol +perplexity\n/,
    )
    expect(stdout).toMatch(
      /\nvalidation +5 +\d\.\d{4} ± \d\.\d{4} +\d\.\d\d ± \d\.\d\d +\d\.\d{3} ± \d\.\d{3} +\d\.\d{3} ± /,
    )
    expect(stdout).toMatch(/\n {2}not in the training part +\d [^\n]*\n {2}in the training part too +\d /)
    const { stdout: markdown } = await makewave("evaluate", at("run"), "--markdown", "--part", "test")
    expect(markdown).toMatch(/^\| {2}\| lines \|[^\n]*\n\| --- \| ---: \|[^\n]*\n\| test \| 5 \|/)
  })

  test("other data, even if the run's own data is missing", async () => {
    writeFileSync(at("more.txt"), "abc\ncccc\n")
    const { reports } = await object("evaluate", at("run"), "--data", at("more.txt"))
    expect(reports.data).toMatchObject({ lines: 2, symbols: 9, seen: { lines: 1 }, unseen: { lines: 1 } })
    rmSync(at("things.txt"))
    try {
      const gone = await makewave("evaluate", at("run"), "--data", at("more.txt"), "--json")
      expect(JSON.parse(gone.stdout).reports.data).toEqual({ ...figures, lines: 2, symbols: 9 })
      expect(gone.stderr).toMatch(/^cannot tell which lines are in the training part: .*no such file/)
      expect((await makewave("evaluate", at("run"))).code).toBe(1)
    } finally {
      writeFileSync(at("things.txt"), things)
    }
  })
})

test("inspect shows the tables of an n-gram model, by run or by name", async () => {
  const run = await object("inspect", at("counted"))
  expect(await object("inspect", "ngram", "--order", "2", "--data", at("things.txt"))).toEqual(run)
  expect(run).toMatchObject({ model: "ngram", tables: [{ order: 1, contexts: 1, counts: 4 }, { order: 2 }] })
  const { stdout } = await makewave("inspect", at("counted"))
  expect(stdout).toMatch(/^Order +Contexts +Counts\n1 +1 +4\n2 +4 +\d+\nTotal +\d+\n$/)
  const { stderr } = await makewave("inspect", "ngram", "--hidden", "3")
  expect(stderr).toMatch(/^error: --hidden 3: the model ngram has no such setting/)
})

describe("inspect, of a run", () => {
  test("the layers, and the activations and gradients of the next training step", async () => {
    const found = await object("inspect", at("run"))
    expect(found).toMatchObject({ model: "wavenet", steps: 250, layers: expect.anything() })
    const { loss, layers, parameters } = found.diagnosis
    expect(loss).toBeGreaterThan(0)
    expect(layers).toContainEqual({
      path: "network.layers.4",
      type: "Tanh",
      activation: { mean: expect.any(Number), deviation: expect.any(Number), norm: expect.any(Number) },
      gradient: { mean: expect.any(Number), deviation: expect.any(Number), norm: expect.any(Number) },
      saturated: expect.any(Number),
      dead: expect.any(Number),
    })
    expect(parameters[0]).toMatchObject({ path: "network.layers.0.weight", updateToData: expect.any(Number) })
    // A tenth of the rate from step 187 on: the step that is looked at has it as well.
    const { gradientToData, updateToData } = parameters[0]
    expect(updateToData).toBeCloseTo(Math.log10(0.01 * gradientToData), 3)
  })

  test("charts in its folder", async () => {
    const { pictures } = await object("inspect", at("gru"))
    expect(pictures).toEqual(
      ["activations", "gradients", "embedding"].map((name) => join(at("gru"), `${name}.svg`)),
    )
    for (const picture of pictures)
      expect(readFileSync(picture, "utf8")).toMatch(/^<svg [\s\S]*after 5 steps[\s\S]*<\/svg>\n$/)
    const activations = readFileSync(pictures[0], "utf8")
    expect(activations).toContain("cell.2: tanh")
    for (const symbol of [".", "a", "b", "c"])
      expect(readFileSync(pictures[2], "utf8")).toContain(`>${symbol}</text>`)
    expect(readdirSync(at("gru")).filter((file) => file.endsWith(".tmp"))).toEqual([])
  })

  test("as text and as Markdown, with only the result on standard output", async () => {
    const { stdout, stderr } = await makewave("inspect", at("run"), "--batch-size", "7")
    expect(stdout).toMatch(
      /\nAfter 250 steps, on one batch of 7 rows:\n\nLayer +mean [\s\S]*\n\nParameter +shape /,
    )
    expect(stderr).toMatch(
      /^\nThe charts:\n {2}.*activations\.svg\n {2}.*gradients\.svg\n {2}.*embedding\.svg\n$/,
    )
    const { stdout: markdown } = await makewave("inspect", at("run"), "--markdown")
    expect(markdown).toMatch(/\n\| Layer \| mean \|[\s\S]*\n\| Parameter \| shape \|/)
  })

  test("with more memory, where the error asks for it", async () => {
    const inspect = (...args: string[]) => makewave("inspect", at("run"), "--batch-size", "20_000", ...args)
    const refused = await inspect("--memory", "0.205")
    expect(refused.stderr).toMatch(/^no activations and gradients: .* allow more \(--memory 1,/)
    expect((await inspect("--memory", "1", "--threads", "2")).stderr).toMatch(/^\nThe charts:/)
  })

  test("without its data, only the layers and a notice that says why", async () => {
    rmSync(at("things.txt"))
    try {
      const { code, stdout, stderr } = await makewave("inspect", at("run"))
      expect(code).toBe(0)
      expect(stdout).toMatch(/\nTotal +\d+\n/)
      expect(stdout).not.toContain("saturated")
      expect(stderr).toMatch(/^no activations and gradients: .*no such file/)
    } finally {
      writeFileSync(at("things.txt"), things)
    }
  })
})

describe("plot", () => {
  test("the losses as text, and as a chart in the run's folder", async () => {
    const { code, stdout, stderr } = await makewave("plot", at("run"))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Loss of wavenet on things\.txt, nats per symbol\n\n\d\.\d{3} ┤/)
    expect(stdout).toMatch(/── training, mean of 3 batches {3}•• validation\n$/)
    expect(stderr).toBe(`\nThe chart is in ${join(at("run"), "loss.svg")}\n`)
    expect(readFileSync(join(at("run"), "loss.svg"), "utf8")).toContain("training, mean of 3 batches")
  })

  test("the points as JSON, with a custom window and a logarithmic axis", async () => {
    const found = await object("plot", at("run"), "--window", "100", "--log10")
    expect(found.picture).toBe(join(at("run"), "loss-log10.svg"))
    expect(readFileSync(found.picture, "utf8")).toContain("logarithmic")
    expect(found.window).toBe(100)
    expect(found.training.map(({ step }: { step: number }) => step)).toEqual([49.5, 149.5, 224.5])
    expect(found.validation.map(({ step }: { step: number }) => step)).toEqual([50, 100, 150, 200, 250])
  })

  test("n-grams have no losses to plot", async () => {
    const { code, stdout, stderr } = await makewave("plot", at("counted"))
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^error: .*counted: there are no batch losses to plot/)
    expect(existsSync(join(at("counted"), "loss.svg"))).toBe(false)
  })
})

describe("lr-find", () => {
  const find = ["lr-find", "--model", "flat", "--context", "3", "--hidden", "8", "--embedding", "3"]

  test("the curve, two rates and a command to try next, without writing files", async () => {
    const before = readdirSync(folder)
    const { code, stdout, stderr } = await makewave(...find, at("things.txt"), "--steps", "200")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(
      /^Loss of flat with sgd by learning rate\n\n\d\.\d\d ┤[\s\S]*\n +0\.0001 +learning rate +\d/,
    )
    expect(stdout).toMatch(
      /\nThe loss falls fastest at \d\S*; a tenth of the rate at which it is lowest is \d\S*\. Try next:\n/,
    )
    expect(stdout).toMatch(/train .*--context 3 .*--learning-rate \d\S*\n$/)
    expect(readdirSync(folder)).toEqual(before)
  })

  test("each trial as JSON, reproducible by seed, and an SVG plot", async () => {
    const args = [
      ...find,
      at("things.txt"),
      "--steps",
      "60",
      "--lowest",
      "0.001",
      "--highest",
      "0.1",
      "--seed",
      "5",
    ]
    const found = await object(...args, "--svg", at("rates.svg"))
    expect(found).toMatchObject({
      model: "flat",
      optimizer: "sgd",
      suggestion: { steepest: expect.any(Number), tenthOfLowest: expect.any(Number) },
      diverged: false,
    })
    expect(found.trials).toHaveLength(60)
    expect(found.trials[0].rate).toBeCloseTo(0.001, 12)
    expect(found.trials[59].rate).toBeCloseTo(0.1, 12)
    expect(await object(...args)).toEqual(found)
    expect(readFileSync(at("rates.svg"), "utf8")).toMatch(/^<svg [\s\S]*steepest fall: 0\.\d/)
  })

  test("says if the loss is still falling at the last rate", async () => {
    const rates = ["--lowest", "1e-5", "--highest", "0.1", "--steps", "100"]
    const { stdout } = await makewave(...find, at("things.txt"), ...rates)
    expect(stdout).toContain("\nThe loss is still falling at the highest rate: try --highest 1.\n")
    const { stdout: found } = await makewave(...find, at("things.txt"), "--steps", "200")
    expect(found).not.toContain("still falling")
  })

  test("advises no rate above the bound, and recommends none after a few", async () => {
    const high = ["--lowest", "1e6", "--highest", "1e9", "--clip-norm", "2e-10", "--steps", "100"]
    const { stdout } = await makewave(...find, at("things.txt"), ...high)
    expect(stdout).toContain("\nThe loss is still falling at the highest rate.\n")
    const few = await makewave(...find, at("things.txt"), "--steps", "5")
    expect(few.stdout).toMatch(
      /\nA recommendation needs 20 rates or more, and these are 5: try more \(--steps\)\.\n$/,
    )
    expect(await object(...find, at("things.txt"), "--steps", "5")).toMatchObject({ suggestion: null })
  })

  test("for another optimizer", async () => {
    const found = await object(
      ...find,
      at("things.txt"),
      "--optimizer",
      "adamw",
      "--steps",
      "20",
      "--highest",
      "1",
    )
    expect(found.optimizer).toBe("adamw")
  })

  test.each([
    [["--model", "ngram"], /--model ngram: it has no learning rate/],
    [["--lowest", "0"], /--lowest 0: give a number above 0/],
    [["--lowest", "5", "--highest", "1"], /the lower one first/],
    [["--steps", "1"], /--steps 1: give a whole number from 2/],
    [
      ["--svg", "nowhere/rates.svg", "--steps", "2"],
      /nowhere\/rates\.svg: not written: its folder does not exist/,
    ],
  ])("nonsense: %j", async (args, sentence) => {
    const { code, stdout, stderr } = await makewave("lr-find", at("things.txt"), ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(sentence)
  })
})
