/** The command line as somebody uses it: what it prints, what it says of nonsense, how it ends. */

import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { fail } from "../src/cli/ending.ts"
import { UserError } from "../src/errors.ts"
import { Interrupted } from "../src/runs/interrupted.ts"
import type { RunConfig } from "../src/runs/run-config.ts"
import { beginMakewave, makewaveHere, objects, THINGS } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-cli-"))
  writeFileSync(join(folder, "things.txt"), THINGS)
})
afterAll(() => rmSync(folder, { recursive: true }))

const begin = (args: readonly string[]) => beginMakewave(args, folder)
const makewave = (...args: string[]) => begin(args).ended
/** In this process, which is faster: for commands that end before they train. */
const here = (...args: string[]) => makewaveHere(args, folder)

const small = ["--model", "flat", "--context", "2", "--hidden", "4", "--embedding", "2"]

describe("help", () => {
  const commands = [
    "make",
    "start",
    "train",
    "sample",
    "evaluate",
    "inspect",
    "plot",
    "lr-find",
    "export",
    "lecture",
  ]

  test("makewave --help lists every command", async () => {
    const { code, stdout, stderr } = await makewave("--help")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    for (const command of commands) expect(stdout).toContain(`\n  ${command} `)
  })

  test.each(commands)("of %s has examples", async (command) => {
    const { code, stdout } = await here(command, "--help")
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`Examples:\n  makewave ${command}`))
  })
})

describe("nonsense gets one sentence that names it, and exit code 1", () => {
  test.each([
    [["trian"], /^error: trian: there is no such command or file: did you mean train\?\n/],
    [["help", "trian"], /^error: trian: there is no such command or file: did you mean train\?\n/],
    [
      ["dance", "--help"],
      /^error: dance: there is no such command or file: give the path of a list; --help lists the commands\n/,
    ],
    [["export", "--format", "onx"], /^error: --format onx: give .*; did you mean onnx\?\n/],
    [["wrods.txt"], /^error: wrods.txt: there is no such command or file: give the path of a list/],
    [
      ["dance"],
      /^error: dance: there is no such command or file: give the path of a list; --help lists the commands\n/,
    ],
    [["train", "--stpes", "5"], /^error: --stpes: there is no such flag: did you mean --steps\?\n/],
    [["train", "--dance"], /^error: --dance: there is no such flag: --help lists all\n/],
    [["make"], /^error: <file> is missing: give it after the command; --help has examples\n/],
    [["train", "--out"], /^error: --out: it needs a value: give --out <folder>\n/],
    [["inspect", "a", "b"], /^error: a, b: inspect takes at most 1 argument: leave the rest out\n/],
    [["lecture", "a"], /^error: a: lecture takes no arguments: leave it out\n/],
    [["train", "stpes=5"], /^error: stpes=5: there is no setting "stpes": did you mean steps\?\n/],
    [["train", "--steps", "0"], /^error: --steps 0: give a whole number from 1 to 1,000,000,000\n$/],
    [["train", "--steps", "-5"], /--steps -5: give a whole number from 1 to/],
    [["train", "--steps", "1e99"], /--steps.*a whole number/],
    [["train", "--steps", "many"], /--steps.*a whole number/],
    [["train", "--batch-size", "0"], /--batch-size.*from 1 to 1,048,576/],
    [
      ["train", "--recipe", "lecture", "--batch-size", "1"],
      /one row has no variance: train on batches of two rows or more/,
    ],
    [["train", "--hidden", "1000000000"], /--hidden.*from 0 to 16,384/],
    [
      ["train", "--model", "lstm", "--hidden", "16384", "--embedding", "16384"],
      /a lstm of these sizes has 2,14\d,\d{3},\d{3} parameters, and at most 500,000,000 can be trained/,
    ],
    [["train", "--model", "wavenet-2016", "--layers", "40"], /40 layers of a stack.*: give at most 20/],
    [["train", "--learning-rate", "0"], /--learning-rate.*a number above 0/],
    [
      ["train", "--rate", "0.1"],
      /--rate 0\.1: this was the sample rate .* the learning rate is --learning-rate/,
    ],
    [["train", "-l", "fast"], /--learning-rate.*a number above 0/],
    [["train", "--eps", "0", "--optimizer", "adamw"], /--eps 0: give a number above 0 and at most/],
    [["train", "--momentum", "1"], /--momentum.*from 0 to below 1/],
    [
      ["train", "--momentum", "0.9", "--optimizer", "adamw"],
      /--momentum 0\.9: the optimizer adamw has no such setting: leave it out, or choose sgd/,
    ],
    [
      ["train", "--recipe", "lecture", "--beta2", "0.99"],
      /--beta2 0\.99: the optimizer sgd has no such setting: leave it out, or choose adamw/,
    ],
    [["train", "--type", "wavnet"], /--model.*did you mean wavenet\?/],
    [["train", "--max-steps=0"], /--steps 0: give a whole number from 1 to/],
    [["train", "-i", "nothing.txt"], /nothing\.txt: no such file/],
    [["train", "--sample-only"], /--sample-only: .*makewave sample/],
    [["train", "-n", "4"], /-n: data loading needs no workers/],
    [["train", "things.txt", "stepps=5"], /stepps=5: there is no setting "stepps": did you mean steps\?/],
    [["train", "steps=0"], /steps=0: give a whole number from 1 to/],
    [["train", "things.txt", "more.txt"], /things\.txt and more\.txt: give only one data set or file/],
    [["train", "--config", "nothing.yaml"], /nothing\.yaml: no such file/],
    [
      ["train", "--recipe", "lecture", "--warmup", "10"],
      /--warmup 10: the schedule step has no such setting: leave it out, or choose cosine/,
    ],
    [["train", "--milestones", "1,two"], /--milestones.*steps, separated by commas/],
    [
      ["train", "--schedule", "cosin"],
      /--schedule.*give constant, step, cosine or inverse-time; did you mean cosine\?/,
    ],
    [["train", "--model", "wavnet"], /--model.*did you mean wavenet\?/],
    [
      ["train", "--model", "flat", "--batch-norm-bug"],
      /--batch-norm-bug: the model flat has no such setting/,
    ],
    [
      ["train", "--recipe", "lecture", "--context", "5"],
      /the context must be a power of two \(2, 4, 8, 16, \.\.\.\), got 5/,
    ],
    [["train", "--provider", "abacus"], /--provider.*cpu/],
    [["train", "nothing.txt"], /nothing\.txt: no such file/],
    [["train", ""], /--data "": give a data set or the path of a text file/],
    [["train", " "], /" ": no such file or data set/],
    [["train", "--config", " "], /" ": no such file: give/],
    [["sample", " "], /" ": there is no run here/],
    [["train", "nams"], /Did you mean names\?/],
    [["train", "things.txt", "--data", "names"], /things\.txt and --data names: give only one/],
    [["train", "things.txt", "--out", "things.txt"], /this is a file: name a folder/],
    [["train", "--resume", "nowhere"], /nowhere: there is no run here/],
    [["train", "--resume", "--out", "a", "b"], /b: no such file/],
    [["sample", "nowhere"], /nowhere: there is no run here/],
    [["sample"], /there are no runs in \.\/runs/],
    [["sample", "--temperature", "-1"], /--temperature -1: give a number from 0 to 1,000/],
    [["sample", "--top-k", "0"], /--top-k 0: give a whole number from 1/],
    [["sample", "--top-p", "1.5"], /top-p 1.5: give a number above 0 and at most 1/],
    [["sample", "--count", "0"], /--count 0: give a whole number from 1 to/],
    [["evaluate", "--part", "best"], /--part best: give train, validation or test/],
    [["evaluate", "--part", "tset"], /--part tset: give train, validation or test; did you mean test\?\n/],
    [["inspect", "wavenett"], /no such model or run: did you mean wavenet\?/],
    [["lecture", "--row", "6"], /--row 6: give a whole number from 1 to 5/],
  ])("%j", async (args, sentence) => {
    const { code, stdout, stderr } = await here(...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(stderr).not.toContain("\x1b")
    expect(stderr.trimEnd().split("\n").length, "a question after it, at most").toBeLessThan(3)
  })

  test.each([
    ["empty", "", /the text is empty/],
    ["binary", "a\0b", /NUL character/],
    ["two lines", "ab\nba\n", /2 lines, and a split into 3 parts needs 3 different ones/],
    ["a long line", `${"x".repeat(1001)}\n`, /line 1 .* longer than 1,000 characters/],
  ])("a file that is bad: %s", async (name, content, sentence) => {
    const file = join(folder, `${name}.txt`)
    writeFileSync(file, content)
    const { code, stdout, stderr } = await here("train", file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(sentence)
    expect(existsSync(join(folder, "runs"))).toBe(false)
  })
})

test("a user's error, an interruption and a bug end with 1, 130 and 2", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
  const before = process.exitCode
  const ending = (error: Error) => {
    fail(error)
    const { exitCode } = process
    process.exitCode = before
    return exitCode
  }
  try {
    expect(ending(new UserError("give more"))).toBe(1)
    expect(write).toHaveBeenLastCalledWith("error: give more\n")
    const config = { recipe: { steps: 2000 } } as RunConfig
    expect(ending(new Interrupted({ folder: "runs/a", config }, 1000))).toBe(130)
    expect(write.mock.lastCall?.[0]).toMatch(
      /^stopped after 1,000 of 2,000 steps.*\n.*train --resume runs\/a\n$/,
    )
    expect(ending(new TypeError("x is undefined"))).toBe(2)
    expect(write.mock.lastCall?.[0]).toMatch(/TypeError: x is undefined\n +at [\s\S]*bug in makewave/)
  } finally {
    write.mockRestore()
    process.exitCode = before
  }
})

describe("a run, from training to samples", () => {
  const run = "here/trained"
  let trained: Awaited<ReturnType<typeof makewave>>
  beforeAll(async () => {
    trained = await makewave(
      "train",
      "things.txt",
      ...small,
      "--steps",
      "300",
      "--out",
      run,
      "--onnx",
      "a.onnx",
    )
  })

  test("train prints progress, losses beside baselines, samples, and commands to try next", () => {
    const { code, stdout, stderr } = trained
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^flat, 52 parameters, on .*things\.txt: 13 lines\.\nrun: here\/trained\n/)
    expect(stdout).toMatch(/\nstep {3}0 of 300 {3}loss 1\.\d{4}\n/)
    expect(stdout).toMatch(
      /\nuniform +1\.3863 +1\.3863\nbigram +\d\.\d{4} +\d\.\d{4}\nflat, 52 parameters +\d/,
    )
    expect(stdout).toMatch(/\n20 samples, \d+ of them new:\n/)
    expect(stdout.match(/\n {2}\w* +(new|empty|in the \w+ part)(?=\n)/g)).toHaveLength(20)
    expect(stdout).toContain(`sample ${run}`)
    expect(stdout).not.toContain("\x1b")
    expect(readFileSync(join(folder, "a.onnx")).includes("onnx")).toBe(false)
    expect(readFileSync(join(folder, "a.onnx")).length).toBeGreaterThan(1000)
  })

  test("commands to try next can be copied into a shell, whatever the names of the folder and the labels", async () => {
    writeFileSync(
      join(folder, "who.csv"),
      "name,sex\n" + "anna,it's a girl\nbob,a boy\ncal,a boy\ndan,a boy\n".repeat(6),
    )
    const wave = "--layers 1 --stacks 1 --residual-channels 2 --dilation-channels 2 --skip-channels 2".split(
      " ",
    )
    const { code, stdout } = await makewave(
      ...["train", "who.csv", "--column", "name", "--condition", "sex", "--model", "wavenet-2016", ...wave],
      ...["--steps", "2", "--out", "here/it's here"],
    )
    expect(code).toBe(0)
    const commands = stdout.match(/(?<=makewave\.cjs ).+/g)!
    expect(commands.map((command) => command.split(" ")[0])).toEqual([
      "sample",
      "evaluate",
      "inspect",
      "plot",
    ])
    for (const command of commands) {
      const words = execFileSync("sh", ["-c", `printf '%s\\n' ${command}`], { encoding: "utf8" })
      expect(await makewave(...words.trimEnd().split("\n"))).toMatchObject({ code: 0 })
    }
  })

  test("a list that is known by heart: the next training stops at the best validation loss, samples are more diverse", async () => {
    const list = Array.from({ length: 16 }, (_, k) => `${"abcd"[k >> 2]}${"efgh"[k % 4]}`.repeat(3))
    writeFileSync(join(folder, "heart.txt"), list.join("\n"))
    const args = [
      "heart.txt",
      "--recipe",
      "lecture",
      "--model",
      "mlp",
      "--learning-rate",
      "0.5",
      "--steps",
      "600",
    ]
    const { stdout } = await makewave("train", ...args, "--out", "heart")
    expect(stdout).toContain("\nThe model knows the list by heart: most of its samples are in the data.\n")
    const [again, sample] = stdout.match(/(?<=makewave\.cjs ).+/g)!
    expect(again).toBe(
      "train heart.txt --recipe lecture --model mlp --steps 600 --learning-rate 0.5 --patience 3 --evaluate-every 15",
    )
    expect(sample).toBe("sample heart --count 100 --temperature 1.3")
    const next = await makewave(...again.split(" "), "--out", "kept", "--json")
    expect(next.code).toBe(0)
    expect(objects(next.stdout).at(-1)).toHaveProperty("memorized", expect.any(Boolean))
  })

  test("a training that ends worse than a uniform guess says so", async () => {
    const args = ["train", "things.txt", ...small, "--steps", "20"]
    const sentence = "The model is worse than a uniform guess: lower --learning-rate"
    expect((await makewave(...args, "--learning-rate", "100", "--out", "diverged")).stdout).toContain(
      sentence,
    )
    expect((await makewave(...args, "--learning-rate", "0.1", "--out", "fell")).stdout).not.toContain(
      sentence,
    )
  })

  test.each([
    [["train", "--out", ""], '--out "": give a folder'],
    [["train", "--resume", ""], '--resume "": give a run'],
    [["train", "--config="], '--config "": give a file'],
    [["train", "--onnx", ""], '--onnx "": give a file'],
    [["train", "--data", ""], '--data "": give a data set or the path of a text file'],
    [["train", ""], '--data "": give a data set or the path of a text file'],
    [["export", "--out", ""], '--out "": give a file'],
    [["sample", "--data", ""], '--data "": give a name or file'],
    [["plot", ""], 'the run "": give the folder of a run, such as runs/NAME'],
  ])("%j: an empty value is refused", async (args, sentence) => {
    expect(await makewave(...args)).toEqual({ code: 1, stdout: "", stderr: `error: ${sentence}\n` })
  })

  test("train --json prints logged losses and the results; the default folder is in ./runs", async () => {
    const args = [
      "train",
      "things.txt",
      ...small,
      "--steps",
      "50",
      "--log-every",
      "20",
      "--seed",
      "7",
      "--json",
    ]
    const { code, stdout, stderr } = await makewave(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const [first, ...others] = objects(stdout)
    expect(first).toEqual({ step: 0, loss: expect.any(Number), mean: first.loss })
    expect(others.slice(0, -1).map(({ step }) => step)).toEqual([20, 40])
    expect(others.at(-1)).toEqual({
      chosen: expect.stringMatching(/^recipe flat: that of the model; flat, 50 steps of sgd/),
      run: expect.stringMatching(/^runs\/flat-things-\d{8}-\d{6}$/),
      parameters: 52,
      steps: 50,
      seconds: expect.any(Number),
      stepsPerSecond: expect.any(Number),
      train: expect.any(Number),
      validation: expect.any(Number),
      baselines: [
        {
          name: "uniform",
          train: expect.closeTo(Math.log(4), 6),
          validation: expect.closeTo(Math.log(4), 6),
        },
        { name: "bigram", train: expect.any(Number), validation: expect.any(Number) },
      ],
      samples: expect.toSatisfy((samples: string[]) => samples.length === 20),
      memorized: expect.any(Boolean),
      found: expect.toSatisfy((found: string[]) =>
        found.every((part) => ["train", "validation", "test", "empty", "new"].includes(part)),
      ),
    })
    const measured = await makewave(
      "train",
      "things.txt",
      ...small,
      "--steps",
      "20",
      "--evaluate-every",
      "10",
      "--json",
    )
    expect(objects(measured.stdout)).toContainEqual({ step: 10, validation: expect.any(Number) })
    rmSync(join(folder, "runs"), { recursive: true })
  })

  test("sample draws one at a time, as the lecture does, and more than a hundred 64 at a time", async () => {
    const drawn = async (count: string, ...args: string[]) =>
      (await makewave("sample", run, "--count", count, "--seed", "3", "--json", ...args)).stdout
    expect(await drawn("100")).toBe(await drawn("100", "--batch-size", "1"))
    expect(await drawn("101")).toBe(await drawn("101", "--batch-size", "64"))
  })

  test("sample is reproducible by seed and respects the prompt", async () => {
    const sample = (...args: string[]) => makewave("sample", run, "--count", "30", "--seed", "3", ...args)
    const [first, again, prompted, json, most] = await Promise.all([
      sample(),
      sample(),
      sample("--prompt", "ca"),
      sample("--json"),
      sample("--top-k", "1", "--maximum-length", "5"),
    ])
    expect(first.stdout.split("\n")).toHaveLength(31)
    expect(again.stdout).toBe(first.stdout)
    expect(first.stderr).toMatch(
      /^30 samples from here\/trained, \d+ of them new\nReproduce with: .* sample here\/trained --count 30 --seed 3\n$/,
    )
    for (const line of prompted.stdout.trimEnd().split("\n")) expect(line).toMatch(/^ca/)
    expect(objects(json.stdout).map((each) => each.sample)).toEqual(first.stdout.split("\n").slice(0, -1))
    for (const { found } of objects(json.stdout))
      expect(["train", "validation", "test", "empty", "new"]).toContain(found)
    expect(new Set(most.stdout.trimEnd().split("\n")).size).toBe(1)

    const flags = [
      "--batch-size",
      "3",
      "--temperature",
      "0.5",
      "--top-p",
      "0.9",
      "--prompt",
      "ca",
      "--count",
      "4",
    ]
    const unseeded = await makewave("sample", run, ...flags)
    const [, same] = / sample (.*)\n$/.exec(unseeded.stderr)!
    for (const flag of flags) expect(same).toContain(flag)
    expect((await makewave("sample", ...same.split(" "))).stdout).toBe(unseeded.stdout)
    const { code, stderr } = await sample("--prompt", "xyz")
    expect(code).toBe(1)
    expect(stderr).toMatch(/"x" \(U\+0078\) is not in the vocabulary/)
  })

  test("evaluate leaves out lines that the model cannot read, and says how many", async () => {
    const things = readFileSync(join(folder, "things.txt"), "utf8").trimEnd()
    writeFileSync(join(folder, "strange.txt"), `${things}\nxyz\n`)
    const [strange, plain] = await Promise.all(
      ["strange.txt", "things.txt"].map((data) => makewave("evaluate", run, "--data", data, "--json")),
    )
    expect(strange.stderr).toMatch(
      /^1 of \d+ lines are left out: they have characters that the model has never seen, such as "x", "y", "z"\n$/,
    )
    const [{ skipped, data }] = objects(strange.stdout)
    expect(skipped).toBe(1)
    expect(data).toBe(objects(plain.stdout)[0].data)
    writeFileSync(join(folder, "stranger.txt"), "xyz\nzy\n")
    expect((await makewave("evaluate", run, "--data", "stranger.txt")).stderr).toMatch(
      /^error: none of the 2 lines can be read: they have characters that the model has never seen, such as "x", "y", "z": give lines like/,
    )
  })

  test("evaluate repeats the losses of training, and takes other parts and other data", async () => {
    const [both, chosen, other] = await Promise.all([
      makewave("evaluate", run, "--json"),
      makewave("evaluate", run, "--part", "test"),
      makewave("evaluate", run, "--data", "things.txt", "--json"),
    ])
    const end = objects(readFileSync(join(folder, run, "metrics.jsonl"), "utf8")).at(-1)
    expect(objects(both.stdout)).toEqual([
      {
        run,
        steps: 300,
        train: expect.closeTo(end?.train as number, 12),
        validation: expect.closeTo(end?.validation as number, 12),
        reports: { train: expect.anything(), validation: expect.anything() },
      },
    ])
    expect(chosen.stdout).toMatch(/\ntest +2 +\d\.\d{4} ± \d\.\d{4} /)
    expect(objects(other.stdout)[0].data).toBeGreaterThan(0)
  })

  test("inspect takes a run or a model's name", async () => {
    const [ofRun, markdown, json] = await Promise.all([
      makewave("inspect", run),
      makewave("inspect", run, "--markdown"),
      makewave("inspect", "wavenet", "--json"),
    ])
    expect(ofRun.stdout).toMatch(
      /\nFlat +\(32, 4\)\n[\s\S]*layers\.2: Linear +\(32, 4\) +16\n[\s\S]*\nTotal +52\n/,
    )
    expect(markdown.stdout).toMatch(/^\| Layer \| Output shape \| Parameters \|\n\| --- \| --- \| ---: \|\n/)
    const [{ parameters, layers }] = objects(json.stdout)
    expect(parameters).toBe(76_579)
    expect(layers).toContainEqual({
      path: "network.layers.0",
      type: "Embedding",
      depth: 2,
      outputShape: [32, 8, 24],
      parameters: 648,
    })
  })

  test("--resume of a finished run repeats its results; changed settings are refused", async () => {
    const end = objects(readFileSync(join(folder, run, "metrics.jsonl"), "utf8")).at(-1)
    const { stdout } = await makewave("train", "--resume", run, "--json")
    expect(objects(stdout)).toEqual([expect.objectContaining({ steps: 300, validation: end?.validation })])
    const { code, stderr } = await makewave("train", "--resume", run, "--hidden", "5")
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: --hidden 5: here\/trained trains with 4/)
  })
})

test("a command takes the newest run or a named one; an unknown name gets a list of the runs", async () => {
  const place = mkdtempSync(join(tmpdir(), "makewave-runs-"))
  writeFileSync(join(place, "things.txt"), THINGS)
  const inPlace = (...args: string[]) => makewaveHere(args, place)
  try {
    expect((await inPlace("inspect")).stderr).toMatch(/^error: there are no runs in \.\/runs/)
    expect((await inPlace("plot", "nothing")).stderr).toBe(
      "error: nothing: there is no run here: give the folder of a run, such as runs/NAME; models of the package: base, challenge\n",
    )
    for (const name of ["first", "second"])
      await inPlace("train", "things.txt", "--model", "bigram", "--steps", "1", "--out", `runs/${name}`)
    utimesSync(join(place, "runs", "first", "config.json"), 1, 1)
    expect((await inPlace("plot", "nothing")).stderr).toBe(
      "error: nothing: there is no run here. The newest runs in ./runs: second, first; models of the package: base, challenge\n",
    )
    expect((await inPlace("sample", "runs/frist")).stderr).toMatch(
      /^error: runs\/frist: there is no run here: did you mean first\? /,
    )
    const inspected = await inPlace("inspect")
    expect(inspected.code).toBe(0)
    expect(inspected.stdout).toContain("After 1 steps")
    expect(inspected.stderr).toContain("runs/second/activations.svg")
  } finally {
    rmSync(place, { recursive: true })
  }
})

describe("ending early", () => {
  const endless = (run: string) => [
    "train",
    "things.txt",
    ...small,
    "--steps",
    "5_000_000",
    "--json",
    "--out",
    run,
  ]

  test.each([
    ["Ctrl-C", ["SIGINT"]],
    ["Ctrl-C under npm, which sends it twice", ["SIGINT", "SIGINT"]],
    ["SIGTERM", ["SIGTERM"]],
    ["a closed terminal", ["SIGHUP"]],
  ] as const)("%s: writes a checkpoint; the command it prints resumes the run", async (name, signals) => {
    const run = name.replace(/\W+/g, "-")
    const { child, ended } = begin(endless(run))
    await once(child.stdout, "data")
    for (const signal of signals) child.kill(signal)
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(
      new RegExp(
        `after [\\d,]+ of 5,000,000 steps; everything is in ${run}\\. Resume with:\n.*train --resume ${run}\n$`,
      ),
    )
    expect(readdirSync(join(folder, run)).sort()).toEqual([
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
    ])
    const metrics = () => objects(readFileSync(join(folder, run, "metrics.jsonl"), "utf8"))
    const logged = metrics().length
    const more = begin(["train", "--resume", run, "--json"])
    await once(more.child.stdout, "data")
    more.child.kill("SIGINT")
    expect((await more.ended).code).toBe(130)
    expect(metrics().map(({ step }) => step)).toEqual(metrics().map((_, k) => 100 * k))
    expect(metrics().length).toBeGreaterThanOrEqual(logged)
  })

  test("a second Ctrl-C exits at once", async () => {
    const program = `
      import { catchInterrupts } from ${JSON.stringify(resolve("src/cli/interrupt.ts"))}
      const { signal } = catchInterrupts()
      setInterval(() => {}, 1000)
      signal.addEventListener("abort", () => console.log("aborted"))
      console.log("ready")`
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    await once(child.stdout, "data")
    child.kill("SIGINT")
    expect(String(await once(child.stdout, "data"))).toBe("aborted\n")
    child.kill("SIGINT") // npm's echo of the first
    await setTimeout(600)
    expect(child.exitCode).toBeNull()
    child.kill("SIGINT")
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]) // 130 to a shell
  })

  test("a closed pipe ends a training as Ctrl-C does, and any other command quietly", async () => {
    const { child, ended } = begin(endless("closed"))
    await once(child.stdout, "data")
    child.stdout.destroy()
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(
      /^stopped after [\d,]+ of 5,000,000 steps; .*Resume with:\n.*train --resume closed\n$/,
    )
    expect(readdirSync(join(folder, "closed")).sort()).toEqual([
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
    ])
    const sampling = begin(["sample", "closed", "--count", "1000000"])
    await once(sampling.child.stdout, "data")
    sampling.child.stdout.destroy()
    expect(await sampling.ended).toMatchObject({ code: 0, stderr: "" })
  })

  test("a full disk behind standard output: a sentence, a checkpoint, exit code 1", async () => {
    // The device that is always full.
    const full = async (...args: string[]) => {
      const command = `exec "$0" "$@" > /dev/full`
      const child = spawn("bash", ["-c", command, process.execPath, resolve("src/cli/main.ts"), ...args], {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      })
      const [[code], stderr] = await Promise.all([once(child, "close"), text(child.stderr)])
      return { code, stderr }
    }
    const sentence =
      "error: standard output: not written: the disk is full: make room, or write to another disk\n"
    const training = await full(...endless("full"))
    expect(training.code).toBe(1)
    expect(training.stderr.startsWith(`${sentence}stopped after `)).toBe(true)
    expect(readdirSync(join(folder, "full")).sort()).toEqual([
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
    ])
    const counted = await full("train", "things.txt", "--model", "ngram", "--out", "counted")
    expect(counted.code).toBe(1)
    expect(counted.stderr).toMatch(
      /\nstopped; everything is in counted\. Resume with:\n.*train --resume counted\n$/,
    )
    expect((await here("train", "--resume", "counted")).code).toBe(0)
    for (const args of [
      ["sample", "full", "--seed", "1"],
      ["plot", "full"],
      ["export", "full", "--format", "npz", "--out", "-"],
      ["--help"],
      ["train", "--help"],
    ]) {
      const { code, stderr } = await full(...args)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toContain(sentence)
      expect(stderr).not.toContain("bytes")
      expect(stderr).not.toMatch(/^ +at /m)
    }
  })

  test("a folder in use by another process is refused", async () => {
    const { child, ended } = begin(endless("taken"))
    await once(child.stdout, "data")
    const { code, stderr } = await makewave("train", "--resume", "taken")
    child.kill("SIGINT")
    expect(code).toBe(1)
    expect(stderr).toContain(`process ${child.pid} is training into this folder`)
    expect((await ended).code).toBe(130)
  })
})
