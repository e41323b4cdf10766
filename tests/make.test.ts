/** From a list to new things: what is chosen, what is made, and lists that give little to choose. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, expect, test } from "vitest"
import { inventoryOf } from "../src/data/inventory.ts"
import { listRuns } from "../src/experiments/listing.ts"
import { Generator, loadText, make } from "../src/index.ts"
import { choose, chooseCounts } from "../src/making/choose.ts"
import { evaluatedSteps } from "../src/making/learning-curve.ts"
import { learningCurves } from "../src/making/threads.ts"
import { makewaveHere } from "./command-line.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-make-"))
afterAll(() => rmSync(folder, { recursive: true }))

const syllables = ["ka", "lo", "mi", "ren", "tas", "vi", "dor", "sel"]
const lines = syllables.flatMap((a) => syllables.flatMap((b) => [`${a}${b}`, `${b}${a}na`]))
const list = [...new Set(lines)]

const job = (model: object) => ({
  settings: {
    model: "gru",
    embedding: 4,
    hidden: 8,
    optimizer: "adamw",
    learningRate: 0.01,
    steps: 40,
    ...model,
  },
  lines: list.slice(20),
  held: list.slice(0, 20),
  symbols: [...new Set(list.join(""))].sort(),
  longestLine: 8,
})

test("curves on two threads are those of one", async () => {
  const jobs = [job({}), job({ seed: 1 }), job({ hidden: 4 })] as never
  const steps: number[] = []
  const [one, two] = [
    await learningCurves(jobs, { threads: 1 }),
    await learningCurves(jobs, { threads: 2, onStep: (_, step) => steps.push(step) }),
  ]
  expect(two.map(({ points }) => points)).toEqual(one.map(({ points }) => points))
  expect(one[0].points.map(({ step }) => step)).toEqual(evaluatedSteps(40))
  expect(steps).toHaveLength(3 * evaluatedSteps(40).length)
  // Without any time, each has one point.
  const hurried = await learningCurves(jobs, { threads: 1, milliseconds: 0 })
  expect(hurried.map(({ points }) => points.map(({ step }) => step))).toEqual([[10], [10], [10]])
  expect(hurried.map((curve) => curve.hurried)).toEqual([true, true, true])
  expect(one.map((curve) => curve.hurried)).toEqual([false, false, false])
  expect(one[0].points[0].losses).toHaveLength(list.slice(0, 20).join("").length + 20)
})

test("a second Ctrl-C ends threads that compute", async () => {
  // A small network is through with such a list within a second.
  const long = job({ steps: 1_000_000, hidden: 512, learningRate: 0.0001 })
  const program = `
    import { catchInterrupts } from ${JSON.stringify(resolve("src/cli/interrupt.ts"))}
    import { learningCurves } from ${JSON.stringify(resolve("src/making/threads.ts"))}
    catchInterrupts()
    const jobs = ${JSON.stringify([long, long])}
    await learningCurves(jobs, { threads: 2, onStep: () => console.log("computing") })`
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  child.stderr.on("data", (text) => {
    said += text
  })
  await once(child.stdout, "data")
  child.kill("SIGINT")
  await setTimeout(1000)
  expect(child.exitCode).toBeNull()
  child.kill("SIGINT")
  expect(await once(child, "exit")).toEqual([null, "SIGINT"])
  expect(said).toBe("saving a checkpoint; press Ctrl-C again to exit at once\n")
})

test("a fault on a thread is told as one, with its sentence", async () => {
  const jobs = [job({ steps: 1_000_000 }), job({}), job({ from: "nowhere" })] as never
  const steps: number[] = []
  await expect(learningCurves(jobs, { threads: 2, onStep: (_, step) => steps.push(step) })).rejects.toThrow(
    "nowhere",
  )
  // The other thread has ended with it.
  const { length } = steps
  expect(length).toBeGreaterThan(0)
  await setTimeout(500)
  expect(steps).toHaveLength(length)
  await expect(
    learningCurves([job({}), job({})] as never, { signal: AbortSignal.abort("enough") }),
  ).rejects.toBe("enough")
  const controller = new AbortController()
  const endless = [job({ steps: 1_000_000 }), job({ steps: 1_000_000 })] as never
  const onStep = () => controller.abort("enough")
  for (const threads of [1, 2])
    await expect(learningCurves(endless, { threads, signal: controller.signal, onStep })).rejects.toBe(
      "enough",
    )
})

test("a program given to Node as text has threads, too", async () => {
  const program = `import { learningCurves } from "./src/making/threads.ts"
    const curves = await learningCurves(${JSON.stringify([job({}), job({})])}, { threads: 2 })
    console.log(curves.length)`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program])
  expect(stdout).toBe("2\n")
})

test("a network is evaluated after more and more steps", () => {
  const steps = evaluatedSteps(1000)
  expect(steps.slice(0, 6)).toEqual([10, 20, 30, 40, 50, 60])
  expect(steps.at(-1)).toBe(1000)
  expect(steps.every((step, k) => k === 0 || step > steps[k - 1])).toBe(true)
  expect(steps.length).toBeLessThan(40)
  expect(evaluatedSteps(7)).toEqual([7])
})

const point = (step: number, ...p: number[]) => ({
  step,
  losses: Float32Array.from(p, (each) => -Math.log(each)),
})
const curve = (...points: ReturnType<typeof point>[]) => ({ points, secondsPerStep: 1, hurried: false })
const counted = (order: number, ...p: number[]) => ({
  order,
  logProbabilities: Float64Array.from(p, Math.log),
})

test("the choice is the mixture with the lowest loss on all folds together", () => {
  // Two folds of two symbols each: the network knows the first symbols, the counts the second.
  const curves = [
    curve(point(10, 0.3, 0.3), point(20, 0.8, 0.1), point(30, 0.9, 0.001)),
    curve(point(10, 0.3, 0.3), point(20, 0.8, 0.1)),
  ]
  const counts = [counted(1, 0.2, 0.2, 0.2, 0.2), counted(2, 0.1, 0.8, 0.1, 0.8)]
  const found = choose(counts, curves)
  expect(found).toMatchObject({ steps: 20, mixOrder: 2 })
  expect(found.mixWeight).toBeCloseTo(0.5, 3)
  expect(found.validation).toBeCloseTo(-Math.log(0.45), 4)
  expect(found.counts).toBeCloseTo(-Math.log(0.1 * 0.8) / 2, 5)
  expect(choose(counts, curves, 15)).toMatchObject({ steps: 10 })
  const useless = [curve(point(10, 1e-9, 1e-9)), curve(point(10, 1e-9, 1e-9))]
  expect(choose(counts, useless)).toEqual(chooseCounts(counts))
  expect(chooseCounts(counts)).toMatchObject({ mixOrder: 2, mixWeight: 0 })
})

const write = (name: string, content: string) => writeFileSync(join(folder, name), content)

test("a list becomes a run and new things, none of them twice", { timeout: 120_000 }, async () => {
  write("syllables.txt", `${list.join("\n")}\n`)
  const { stdout, code } = await makewave([
    "syllables.txt",
    "--seconds",
    "5",
    "--count",
    "15",
    "--out",
    "run",
    "--json",
  ])
  expect(code).toBe(0)
  const made = JSON.parse(stdout)
  expect(Object.keys(made)).toEqual([
    "run",
    "recipe",
    "validation",
    "samples",
    "new",
    "hurried",
    "seconds",
    "again",
  ])
  expect(made.samples).toHaveLength(15)
  expect(new Set(made.samples).size).toBe(15)
  expect(made.samples.filter((thing: string) => list.includes(thing))).toEqual([])
  expect(made.validation).toBeLessThan(2.5) // a guess is ln 20
  // The run is an ordinary one.
  const config = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8"))
  expect(config.recipe).toMatchObject(made.recipe)
  const evaluated = await makewave(["evaluate", "run", "--data", "syllables.txt", "--json"])
  expect(evaluated.code).toBe(0)
  expect(JSON.parse(evaluated.stdout).folded).toBeUndefined()
  // The loss of lines that it was not trained on is kept.
  const folded = { validation: made.validation, folds: 5, lines: list.length }
  const own = await makewave(["evaluate", "run", "--json"])
  expect(JSON.parse(own.stdout).folded).toEqual(folded)
  expect(own.stderr).toBe(
    `the run was trained on all of these lines: held out, in 5 folds of the ${list.length} lines, ` +
      `their loss was ${made.validation.toFixed(4)}; --data measures others\n`,
  )
  const { rows } = await listRuns(join(folder, "run"))
  expect(rows).toMatchObject([{ validation: made.validation, state: "finished" }])
  const sampled = await makewave(["sample", "run", "--count", "3", "--only-new"])
  expect(sampled.stdout.trimEnd().split("\n")).toHaveLength(3)
})

test("standard output has the samples and nothing else; the run keeps them and the list", async () => {
  const table = `id,thing\n${list.map((thing, k) => `${k},${thing}`).join("\n")}\n`
  write("things.csv", table)
  const args = ["make", "things.csv", "--column", "thing", "--seconds", "1", "--out", "kept"]
  const { stdout, stderr, code } = await makewave(args)
  expect(code).toBe(0)
  const samples = stdout.trimEnd().split("\n")
  expect(samples).toHaveLength(20)
  expect(samples.filter((line) => !/^[a-z]+$/.test(line))).toEqual([])
  expect(stderr).toContain("The run is in kept")
  expect(readFileSync(join(folder, "kept", "samples.txt"), "utf8")).toBe(stdout)
  expect(readFileSync(join(folder, "kept", "list.txt"), "utf8")).toBe(`${list.join("\n")}\n`)
  // Its own list serves where the file has changed or is gone.
  for (const change of [
    () => write("things.csv", "id,thing\n1,other\n"),
    () => rmSync(join(folder, "things.csv")),
  ]) {
    change()
    const sampled = await makewave(["sample", "kept", "--count", "2", "--only-new"])
    expect(sampled).toMatchObject({ code: 0, stderr: expect.stringContaining("2 of them new") })
    for (const command of ["evaluate", "export --format html --out page.html"]) {
      const said = await makewave([...command.split(" "), "kept"])
      expect(said).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/put it back|no onlyNew/) })
    }
  }
})

test("a few long lines are cut into pieces, and the network still reads them", {
  timeout: 60_000,
}, async () => {
  const { lines } = await loadText("names")
  const made = await make(["ka".repeat(20), ...lines.slice(0, 150)], { seconds: 5 })
  expect(made.settings).toMatchObject({ from: "base", truncate: 13 })
  const { context } = made.run.config.recipe
  expect(context).toBe(51)
})

const makewave = (args: readonly string[]) => makewaveHere(args, folder)

test("the name of a data set alone is enough", async () => {
  const { code, stdout } = await makewave(["names", "--seconds", "1", "--count", "3", "--out", "names"])
  expect(code).toBe(0)
  expect(stdout.trimEnd().split("\n")).toHaveLength(3)
})

test("the same samples come out of the command that is told", async () => {
  write("again.txt", `${list.join("\n")}\n`)
  const wishes = ["--count", "6", "--ends-with", "na", "--length", "5-", "--seconds", "1"]
  const { stdout, stderr } = await makewave(["again.txt", ...wishes, "--out", "again"])
  const told = /Reproduce with: .*? (sample .*)\n/.exec(stderr)?.[1].split(" ") ?? []
  expect((await makewave(told)).stdout).toBe(stdout)
  expect(stderr).not.toContain("another number of steps") // counts take no steps
})

test("a beginning in other capitals is told, and what comes next has the same wishes", async () => {
  write("capitals.txt", `${list.map((line) => line[0].toUpperCase() + line.slice(1)).join("\n")}\n`)
  const wishes = ["--starts-with", "ka", "--length", "4-8"]
  const { stderr } = await makewave([
    "capitals.txt",
    "--seconds",
    "1",
    "-n",
    "3",
    ...wishes,
    "--out",
    "capital",
  ])
  const sentence = 'no line of the data begins with "ka"; some begin with "Ka": capitals count'
  expect(stderr.split(sentence)).toHaveLength(2)
  const next = stderr.split("Try next:")[1]
  expect(next).toMatch(
    / sample capital --only-new --count 100 --starts-with ka --length 4-8 --temperature 0.8\n/,
  )
  expect((await makewave(["sample", "capital", "-n", "1", ...wishes])).stderr).toContain(sentence)
  expect((await makewave(["sample", "capital", "-n", "1", "--prompt", "Ka"])).stderr).not.toContain(
    "capitals",
  )
  const greedy = await makewave(["capitals.txt", "--seconds", "1", "--temperature", "0", "--out", "greedy"])
  expect(greedy.stderr.split("Try next:")[1]).toMatch(/ --temperature 0.8 --count 100\n/)
})

test.each([
  [["--length", "300"], /--length 300: no line of more than \d+ symbols is made/],
  [["--starts-with", "7"], /the character "7" .* is not in the vocabulary/],
  [["--avoid", "nowhere.txt"], /--avoid nowhere.txt: there is no such file/],
  [["--length", "3", "--starts-with", "kalo"], /--starts-with "kalo": it has 4 symbols/],
  [["--starts-with", "ka", "--prompt", "lo"], /--prompt lo and --starts-with ka/],
  [["--out", "."], /\.: the folder has other files/],
  [["--out", "possible.txt"], /possible.txt: this is a file/],
])("%s is refused before anything is trained", async (flags, sentence) => {
  write("possible.txt", `${list.join("\n")}\n`)
  const { code, stdout, stderr } = await makewave(["possible.txt", "--seconds", "5", "--json", ...flags])
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  expect(stderr).toMatch(sentence)
  expect(existsSync(join(folder, "runs"))).toBe(false)
})

test("what is special about a list is told", async () => {
  const kanji = Array.from({ length: 20 }, (_, k) =>
    String.fromCodePoint(0x4e00 + k, 0x4e01 + ((7 * k) % 20)),
  )
  write("kanji.txt", `${kanji.join("\n")}\n`)
  const { stderr } = await makewave(["kanji.txt", "--seconds", "4", "--count", "2", "--out", "kanji"])
  expect(stderr).toContain("only 20 different lines: a hundred are a good start")
  expect(stderr).toMatch(/gru from scratch, since the base knows too few of these symbols|-grams: /)
})

test("a list that is known by heart is told, and what is only shorter than all of it is none", async () => {
  write("letter.txt", "a\naa\naaa\naaaa\n")
  const { stderr } = await makewave(["letter.txt", "--seconds", "1", "--count", "1", "--out", "letter"])
  expect(stderr).toContain("4 different, 1 symbol\n")
  expect(stderr).toMatch(/; [0-9]+ % of what it draws is new; the rest it knows by heart, and leaves out\n/)
  const random = new Generator(1)
  const eights = Array.from({ length: 60 }, () =>
    random.randint(0, 4, 8).reduce((line, k) => line + "abcd"[k], ""),
  )
  const maker = await make(eights, { seconds: 1 })
  expect(maker.new).toBeGreaterThan(0.9)
  expect((await maker.sample()).filter(({ length }) => length < 8)).toEqual([])
})

test.each([
  ["nothing", "", /empty|no line/],
  ["one line", "Paris\n", /two different ones/],
  ["equal lines", "Paris\n".repeat(50), /two different ones/],
  ["binary", "\u0000\u0001\u0002", /binary|text/],
])("%s is told in a sentence", async (name, content, sentence) => {
  write(`${name}.txt`, content)
  const { code, stderr } = await makewave(["make", `${name}.txt`, "--seconds", "1"])
  expect(code).toBe(1)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toContain("  at ")
})

test.each([
  ["two lines", ["Paris", "London"]],
  ["ten lines", list.slice(0, 10)],
  ["one symbol", ["a", "aa", "aaa", "aaaa"]],
  ["lines that are there twice", [...list, ...list.slice(0, 40)]],
  ["3,000 lines", list.flatMap((first) => list.map((second) => first + second)).slice(0, 3000)],
  [
    "12,000 lines, most of them copies",
    Array.from({ length: 100 }, () => list)
      .flat()
      .concat(list),
  ],
  [
    "500 symbols",
    Array.from({ length: 250 }, (_, k) => String.fromCodePoint(0x4e00 + 2 * k, 0x4e01 + 2 * k)),
  ],
])("%s give new things", async (_, lines) => {
  const maker = await make(lines, { seconds: 1 })
  const samples = await maker.sample({ count: 3 })
  expect(samples.length).toBeGreaterThan(0)
  expect(samples.filter((thing) => lines.includes(thing))).toEqual([])
  expect(maker.validation).toBeGreaterThan(0)
})

test("an inventory counts lines and symbols as a reader sees them", () => {
  const { different, lengths, longest, symbols, vocabulary } = inventoryOf(["añab", "bo", "añab"])
  expect({ different, longest, lengths: [...lengths] }).toEqual({
    different: 2,
    longest: 4,
    lengths: [4, 2, 4],
  })
  expect(Object.fromEntries(symbols)).toEqual({ a: 4, ñ: 2, b: 3, o: 1 })
  expect(vocabulary.symbols).toEqual([".", "a", "b", "o", "ñ"])
})

test("a list of more than 200,000 lines is not counted", async () => {
  const many = list.flatMap((a) => list.flatMap((b) => syllables.slice(0, 16).map((c) => a + b + c)))
  const different = [...new Set(many.flatMap((line) => [line, `${line}s`]))].slice(0, 200_001)
  expect(different).toHaveLength(200_001)
  const { run, settings } = await make(different, { seconds: 4 })
  expect(run.config.recipe).toMatchObject({ model: "gru", from: "base", optimizer: "adamw", clipNorm: 1 })
  for (const each of [settings, run.config.recipe]) expect(each.mixOrder).toBeUndefined()
}, 120_000)

test("each call of sample goes on from the one before, and a seed gives the same things again", async () => {
  const { sample } = await make(list, { seconds: 1 })
  const [first, second] = [await sample({ count: 5 }), await sample({ count: 5 })]
  expect(second).not.toEqual(first)
  const [one, two] = await Promise.all([sample({ count: 5 }), sample({ count: 5 })])
  expect(two).not.toEqual(one)
  expect(await sample({ count: 5, seed: 7 })).toEqual(await sample({ count: 5, seed: 7 }))
  expect(await sample({ count: 5, seed: 8 })).not.toEqual(await sample({ count: 5, seed: 7 }))
  await expect(sample({ seed: 7, generator: new Generator(7) })).rejects.toThrow(
    "sample: seed and generator: give only one",
  )
})

test("a limit of the length may be left out, and what is much longer than the list is refused", async () => {
  const { sample } = await make(list, { seconds: 1 })
  const longest = Math.max(...list.map(({ length }) => length))
  for (const thing of await sample({ count: 5, length: { least: 7 } }))
    expect(thing.length).toBeGreaterThan(6)
  for (const thing of await sample({ count: 5, length: { most: 5 } })) expect(thing.length).toBeLessThan(6)
  for (const thing of await sample({ count: 30, temperature: 3 }))
    expect(thing.length).toBeLessThan(1.25 * longest + 1)
  await expect(sample({ length: { least: 300, most: 400 } })).rejects.toThrow(
    /^--length 300-400: no line of more than 10 symbols is made: give a smaller length$/,
  )
  await expect(sample({ length: { min: 9, max: 5 } } as never)).rejects.toThrow(
    "length: there is no option min: it has least, most",
  )
})

test("why there are few, and that capitals count, is told in a program too", async () => {
  const sentences: string[] = []
  const notice = (sentence: string) => sentences.push(sentence)
  const capitals = list.map((line) => line[0].toUpperCase() + line.slice(1))
  const { sample, run } = await make(capitals, { seconds: 1, notice, out: undefined })
  expect(run.folder).toBe("a run in memory")
  await sample({ count: 3, startsWith: "ka" })
  expect(sentences.splice(0)).toEqual([
    'no line of the data begins with "ka"; some begin with "Ka": capitals count',
  ])
  expect(await sample({ count: 3, startsWith: "Kaka", length: { most: 4 }, avoid: ["Kaka"] })).toEqual([])
  expect(sentences).toEqual([
    expect.stringMatching(/^none of 3 different lines found among .*; the only such line/),
  ])
})

test.each([
  [{ seed: "x" }, /^make: seed = "x": give a whole number/],
  [{ temperature: -1 }, /^make: temperature = -1: give a number from 0/],
  ...[0, -5, 1.5, "two"].map((threads) => [{ threads }, /^make: threads = .*: give a whole number from 1/]),
  [{ signal: "x" }, /^make: signal "x": give the signal of an AbortController, or leave it out$/],
  [{ onStage: "x" }, /^make: onStage "x": give a function, or leave it out$/],
  [{ notice: "x" }, /^make: notice "x": give a function/],
  [{ out: 5 }, /^make: out 5: give the path of a folder, or a store/],
  [[], /^make: \[\] in place of options/],
] as [object, RegExp][])("make with %j is refused", async (options, sentence) => {
  await expect(make(list, options)).rejects.toThrow(sentence)
})

test("what is no wish is refused", async () => {
  const { sample } = await make(list, { seconds: 1 })
  for (const [options, sentence] of [
    [{ avoid: [1] }, /^avoid \[1\]: give a list of texts/],
    [{ avoid: "kalo" }, /^avoid "kalo": give a list of texts/],
    [{ contains: null }, /^contains null: give a text/],
    [{ endsWith: 5 }, /^endsWith 5: give a text/],
    [{ startsWith: null }, /^startsWith null: give a text/],
    [{ seed: 1.5 }, /^sample: seed = 1.5: give a whole number/],
  ] as [object, RegExp][])
    await expect(sample(options), JSON.stringify(options)).rejects.toThrow(sentence)
  const avoid = new Set(await sample({ count: 5, seed: 1 })).values()
  expect(await sample({ count: 5, seed: 1, avoid })).not.toEqual(await sample({ count: 5, seed: 1 }))
})

test("what is no list of texts is refused", async () => {
  await expect(make("words.txt" as never)).rejects.toThrow("give a list of texts")
  await expect(make([1, 2] as never)).rejects.toThrow("give a list of texts")
  await expect(make(list, { second: 5 } as never)).rejects.toThrow("seconds")
  await expect(make(list, { seconds: -1 })).rejects.toThrow("seconds")
  await expect(make([])).rejects.toThrow("make: no lines: give at least two different texts")
  await expect(make(["", " "])).rejects.toThrow(
    "make: every line is blank: give at least two different texts",
  )
  await expect(make(["Anna\nBob", "C"])).rejects.toThrow(
    'make: the text "Anna\\nBob" at index 0 has several lines: give each as a text of its own',
  )
  const { sample } = await make(list, { seconds: 1 })
  await expect(sample({ startWith: "ka" } as never)).rejects.toThrow(
    /^sample: there is no option startWith: it has count, .*startsWith/,
  )
  await expect(sample({ length: 5 } as never)).rejects.toThrow(
    "length 5: give the least and the most, such as { least: 4, most: 8 }",
  )
})

test("a model that reads lines of one length cannot cut them", async () => {
  write("long.txt", `${["ka".repeat(20), ...list].join("\n")}\n`)
  const { code, stderr } = await makewave([
    "train",
    "long.txt",
    "--model",
    "transformer",
    "--truncate",
    "5",
    "--steps",
    "1",
  ])
  expect(code).toBe(1)
  expect(stderr).toContain("--truncate 5: the model reads 41 symbols")
})

test("a run of make that is resumed keeps the things that it showed, and its folder is offered to no other", async () => {
  writeFileSync(join(folder, "kept.txt"), list.join("\n"))
  const args = ["kept.txt", "--seconds", "2", "--out", "kept"]
  await makewaveHere(["make", ...args], folder)
  const samples = () => readFileSync(join(folder, "kept/samples.txt"), "utf8")
  const shown = samples()
  await makewaveHere(["train", "--resume", "kept"], folder)
  expect(samples()).toBe(shown)
  const { stderr } = await makewaveHere(["make", ...args], folder)
  expect(stderr).toMatch(/kept: there is a run in this folder \(config.json\): name another folder$/m)
})
