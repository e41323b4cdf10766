/** Reports on runs: what the leaderboard has, what the page does in Chromium, and what goes into the files of other tools. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, chromium as launcher } from "playwright"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { listRuns } from "../src/experiments/listing.ts"
import { reportOn } from "../src/experiments/report.ts"
import { writeEvents } from "../src/experiments/runs-tensorboard.ts"
import type { Settings } from "../src/runs/settings.ts"
import { testByPython } from "./by-python.ts"
import { makewaveHere, objects } from "./command-line.ts"
import { hparamsTable } from "./hparams-table.ts"
import { askPython } from "./python.ts"
import { chromium } from "./requirements.ts"
import { type WrittenRun, writeRun } from "./written-runs.ts"

let folder = ""
const at = (...names: string[]) => join(folder, ...names)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-report-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const makewave = (...args: string[]) => makewaveHere(["report", ...args], folder)
const write = (name: string, settings: Settings, loss: number, more?: Partial<WrittenRun>) =>
  writeRun(at("runs", name), { settings, loss, ...more })

async function reportOf(name = "runs") {
  const { rows, broken } = await listRuns(at(name))
  return reportOn(at(name), rows, { broken })
}

test("runs that differ only in their seed are one entry, with mean, deviation and Student's interval", async () => {
  write("a1", { hidden: 64, seed: 1 }, 2.0)
  write("a2", { hidden: 64, seed: 2, threads: 2, logEvery: 50, tensorboard: true }, 2.2)
  write("a3", { hidden: 64, seed: 3, data: "elsewhere/things.txt" }, 2.1)
  write("b", { hidden: 32, seed: 1 }, 2.05)
  const { entries, settings, uniform, data } = await reportOf()
  expect(settings).toEqual(["hidden"])
  expect([uniform, data]).toEqual([Math.log(4), "things.txt"])
  expect(entries).toMatchObject([
    { rank: 1, runs: ["b"], settings: { hidden: 32 }, validation: { mean: 2.05, count: 1 } },
    {
      rank: 2,
      runs: ["a1", "a2", "a3"],
      seeds: [1, 2, 3],
      settings: { hidden: 64 },
      finished: 3,
      seconds: 12.5,
    },
  ])
  expect(entries[0].validation).toEqual({ mean: 2.05, count: 1 })
  const { mean, standardDeviation, interval } = entries[1].validation!
  expect(mean).toBeCloseTo(2.1, 12)
  expect(standardDeviation).toBeCloseTo(0.1, 12)
  // t of 2 degrees of freedom at 97.5 % is 4.302653
  expect(interval!.map((end) => end.toFixed(6))).toEqual(
    [2.1 - 0.2484138, 2.1 + 0.2484138].map((end) => end.toFixed(6)),
  )
  expect(entries[1].train?.mean).toBeCloseTo(2, 12)
})

test("a seed counts once, however often its run was copied", async () => {
  write("a1", { hidden: 64, seed: 1 }, 2.0)
  write("a1 copied", { hidden: 64, seed: 1 }, 2.0)
  write("a2 broken off", { hidden: 64, seed: 2 }, 2.5, { taken: 500 })
  write("a2", { hidden: 64, seed: 2 }, 2.2)
  write("b", { hidden: 32 }, 2.3)
  write("b again", { hidden: 32, threads: 2 }, 2.3)
  const { entries, repeated, curves } = await reportOf()
  expect(entries).toMatchObject([
    { seeds: [1, 2], finished: 2, validation: { count: 2 } },
    { seeds: [42], validation: { mean: 2.3, count: 1 } },
  ])
  const counted = entries.flatMap(({ runs }) => runs)
  expect(counted).toContain("a2")
  expect(curves.map(({ run }) => run).sort()).toEqual(counted.toSorted())
  expect(new Set([...counted, ...repeated]).size).toBe(6)
  expect((await makewave()).stderr).toContain(
    "3 runs with the recipe, data and seed of another are left out: a copy is no further seed.",
  )
})

test("operations are twice the multiplications of a forward pass and of its gradients, of all rows of all steps", async () => {
  write("a", { embedding: 4, hidden: 8, context: 3, batchSize: 16 }, 2)
  const [{ operations }] = (await reportOf()).entries
  // (3 x 4) x 8 and 8 x 4
  expect(operations).toBe(2 * 3 * (12 * 8 + 8 * 4) * 16 * 1000)
})

test("an entry is measured by its finished runs; those without one come last", async () => {
  write("a1", { hidden: 64, seed: 1 }, 2.0)
  write("a2", { hidden: 64, seed: 2 }, 1.5, { taken: 500 })
  write("b", { hidden: 32 }, 1.2, { taken: 200 })
  const { entries } = await reportOf()
  expect(entries).toMatchObject([
    { runs: ["a1", "a2"], finished: 1, taken: 1000, validation: { mean: 2, count: 1 } },
    { runs: ["b"], finished: 0, taken: 200, steps: 1000, validation: { mean: 1.2 } },
  ])
})

test("an ensemble is an entry without operations", async () => {
  write("a", { hidden: 64 }, 2)
  write("e", { model: "ensemble", members: "a" }, 1.9)
  const { entries } = await reportOf()
  expect(entries.map(({ model, operations }) => [model, operations !== undefined])).toEqual([
    ["ensemble", false],
    ["flat", true],
  ])
})

test("a run whose metrics are damaged before their end is broken, and hides no other", async () => {
  write("a", { hidden: 64 }, 2)
  write("b", { hidden: 32 }, 2.1)
  const metrics = at("runs/b/metrics.jsonl")
  writeFileSync(metrics, readFileSync(metrics, "utf8").replace('"step":300', '"step":"x"'))
  const { entries, broken } = await reportOf()
  expect(entries.map(({ runs }) => runs)).toEqual([["a"]])
  expect(broken).toMatchObject([{ run: at("runs/b"), problem: expect.stringContaining("line 4") }])
})

test("a setting that is left out is none, and one that does not apply is nothing", async () => {
  write("a", { model: "flat", clipNorm: 1 }, 2.0)
  write("b", { model: "ngram" }, 2.1, { config: { parameters: undefined } })
  write("c", { model: "flat", momentum: 0.9 }, 2.2)
  const { entries, settings } = await reportOf()
  expect(settings).toEqual(["model", "momentum", "clipNorm"])
  expect(entries.map((entry) => entry.settings)).toEqual([
    { model: "flat", momentum: 0, clipNorm: 1 },
    { model: "ngram" },
    { model: "flat", momentum: 0.9, clipNorm: null },
  ])
})

test("different data is told, and has neither a uniform guess nor importance", async () => {
  for (let k = 0; k < 8; k++) write(`a${k}`, { hidden: 8 * (1 + k) }, 2 + k / 10)
  expect((await reportOf()).importance).toEqual([{ name: "hidden", importance: 1 }])
  write("other", { hidden: 64 }, 2, { config: { data: { lines: 3, sha256: "07ae" } } })
  const { uniform, data, importance } = await reportOf()
  expect([uniform, data, importance]).toEqual([undefined, undefined, []])
  expect((await makewave()).stderr).toContain("their losses do not compare")
  rmSync(at("runs/other"), { recursive: true })
  write("other", { hidden: 64, tokens: "bytes" }, 2, { config: { vocabulary: { tokens: "bytes" } } })
  expect((await reportOf()).data).toBeUndefined()
  expect((await makewave("--where", "hidden > 64")).code).toBe(1)
})

test("labels make no other data", async () => {
  write("a", { data: "names" }, 2)
  const labelled = (name: string, sha256: string, more?: object) =>
    write(name, { model: "wavenet-2016", data: "names", classify: "sex" }, 1.9, {
      config: { data: { lines: 3, sha256 }, ...more },
    })
  labelled("b", "1abe1")
  expect(await reportOf()).toMatchObject({ data: "names", uniform: Math.log(4) })
  labelled("c", "07ae")
  expect((await reportOf()).data).toBeUndefined()
  rmSync(at("runs/c"), { recursive: true })
  labelled("b", "1abe1", { vocabulary: ["a", "b", "d"] })
  expect((await reportOf()).data).toBeUndefined()
})

test("a setting that is a consequence of another is no axis", async () => {
  const random = [0.3, 0.05, 0.2, 0.11, 0.07, 0.13, 0.02, 0.17]
  for (const [k, learningRate] of random.entries()) {
    const network = k % 2 ? ({ embedding: 4, hidden: 16 } as const) : ({ embedding: 8, hidden: 32 } as const)
    write(`a${k}`, { ...network, learningRate }, 2 + Math.abs(learningRate - 0.1))
  }
  const { settings, importance } = await reportOf()
  expect(settings).toEqual(["embedding", "hidden", "learningRate"])
  expect(importance.map(({ name }) => name).sort()).toEqual(["embedding", "learningRate"])
})

test("a setting that another one makes apply is an axis beside it", async () => {
  for (let k = 0; k < 12; k++) {
    const learningRate = 0.01 * (1 + ((k * 5) % 12))
    const optimizer =
      k % 3 === 0 ? ({ optimizer: "adamw" } as const) : ({ momentum: [0, 0.9][(k % 3) - 1] } as const)
    write(`a${k}`, { ...optimizer, learningRate }, 2 + k / 10)
  }
  const { importance } = await reportOf()
  expect(importance.map(({ name }) => name).sort()).toEqual(["learningRate", "momentum", "optimizer"])
})

test("report writes a page and Markdown into the folder, and tells the best", async () => {
  write("a|b", { hidden: 64 }, 2.0)
  write("<b>", { hidden: 32 }, 2.1)
  write("gone", {}, 1)
  writeFileSync(at("runs/gone/config.json"), "{")
  writeFileSync(at("runs/<b>/test-openings.jsonl"), '{"when":"2026"}\n{"when":"2027"}\n')
  const { code, stdout, stderr } = await makewave()
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^#\s+validation .*\n1\s+2\.0000 .*a\|b\n2\s+2\.1000 .*<b>\n\n2 runs in runs\/report.html and runs\/report.md\n$/s,
  )
  expect(stderr).toContain("Their test parts were opened 2 times so far. 1 broken run is left out.")
  const markdown = readFileSync(at("runs/report.md"), "utf8")
  expect(markdown).toContain("| 1 | 2.0000 | 1 | 1.9000 | 64 | flat | 100 | 1,000 | 12.5 |")
  expect(markdown).toContain("a\\|b |")
  const html = readFileSync(at("runs/report.html"), "utf8")
  expect(html).toContain('<td class="text">&#60;b&#62;</td>')
  expect(html).not.toContain("<b>")
  expect(html).toContain("runs/gone/config.json: this is not a valid config of a run")
  const [json] = objects((await makewave("--json", "--out", "x.html")).stdout)
  expect(json).toMatchObject({
    folder: "runs",
    settings: ["hidden"],
    files: ["x.html"],
    entries: [{ rank: 1 }, { rank: 2 }],
  })
  expect(existsSync(at("x.html"))).toBe(true)
})

/** What a busy machine says. */
const SLOW = "reading the runs …\n"

test("many runs are read where a process may open few files, and one run is a report, too", async () => {
  for (let k = 0; k < 300; k++) write(`a${k}`, { seed: k }, 2)
  const command = `ulimit -n 100; exec "$0" ${resolve("src/cli/main.ts")} report runs --out -  --format markdown`
  const { stdout, stderr, status } = spawnSync("bash", ["-c", command, process.execPath], {
    cwd: folder,
    encoding: "utf8",
  })
  expect([status, stderr.replace(SLOW, "")]).toEqual([0, ""])
  expect(stdout).toContain("| 300 |")
  expect((await makewave("runs/a7", "--out", "-", "--format", "markdown")).stdout).toMatch(
    /^# a7\n.*\| a7 \|\n/s,
  )
})

test("reading and exporting runs tell how far they are", async () => {
  for (let k = 0; k < 4; k++) write(`a${k}`, { seed: k }, 2)
  const { rows } = await listRuns(at("runs"))
  const stages: [string, number][] = []
  await reportOn(at("runs"), rows, { onStage: (...stage) => stages.push(stage) })
  expect(stages).toEqual([0, 0.25, 0.5, 0.75, 1].map((part) => ["reading the runs", part]))
  const done: number[] = []
  await writeEvents(at("events"), at("runs"), rows, (count) => done.push(count))
  expect(done).toEqual([0, 1, 2, 3, 4])
})

test("what ± means is under the table, and why there is no importance of the settings", async () => {
  write("a1", { hidden: 64, seed: 1 }, 2)
  write("a2", { hidden: 64, seed: 2 }, 2.1)
  write("b", { hidden: 32 }, 2.2)
  await makewave()
  const texts = ["runs/report.md", "runs/report.html"].map((name) => readFileSync(at(name), "utf8"))
  for (const text of texts) {
    expect(text).toContain("± is the standard deviation over seeds. Steps, ")
    expect(text).toContain(
      "The importance of the settings takes at least 6 recipes with a validation loss, and here are 2.",
    )
  }
  const alone = await makewave("--where", "hidden = 32", "--format", "markdown", "--out", "-")
  expect(alone.stdout).not.toMatch(/±|importance/)
})

test("--sort orders the entries, and their ranks stay", async () => {
  write("a", { hidden: 64 }, 2.0)
  write("b", { hidden: 32 }, 2.1)
  write("c", { hidden: 48 }, 2.2)
  const [{ entries }] = objects((await makewave("--json", "--sort", "hidden")).stdout)
  expect((entries as { rank: number }[]).map(({ rank }) => rank)).toEqual([2, 3, 1])
})

test.each([
  [["nowhere"], "nowhere: there is no such folder: give one that has runs, such as runs"],
  [["."], ".: there are no runs in it: train first, or name another folder"],
  [["runs", "--where", "hidden > 1e9"], "runs: --where holds for none of its 1 runs: change the condition"],
  [["runs", "--out", "x.txt"], /^--out x.txt: its name does not tell the format: give --format html, /],
  [["runs", "--out", "nowhere/x.html"], /^nowhere\/x.html: /],
  [
    ["runs", "--format", "tensorboard"],
    "--format tensorboard: give a folder for the event files, such as --out events",
  ],
  [
    ["runs", "--format", "mlflow", "--out", "x"],
    "--format mlflow: give the address of a server, such as --out http://127.0.0.1:5000",
  ],
  [
    ["runs", "--format", "csv", "--out", "http://a"],
    "--out http://a: csv is no format of a server: give a file, or --format mlflow",
  ],
  [
    ["runs", "--out", "-", "--format", "markdown", "--json"],
    "--out -: --json prints to standard output, too: leave one of the two out",
  ],
  [["runs", "--out", "http://"], "--out http://: this is no address: give one such as http://127.0.0.1:5000"],
] as const)("%j is refused in a sentence", async (args, sentence) => {
  if (args[0] === "runs") write("a", {}, 2)
  const { code, stdout, stderr } = await makewave(...args)
  expect([code, stdout]).toEqual([1, ""])
  const said = stderr.replace(/^error: /, "").trimEnd()
  if (typeof sentence === "string") expect(said).toBe(sentence)
  else expect(said).toMatch(sentence)
})

testByPython("csv")("Python reads the CSV, a line for each run", async () => {
  write('odd, "name"', { data: " a\nb.txt", hidden: 64, milestones: [1, 2] }, 2.5)
  write("counts", { model: "ngram", order: 3 }, 2.25)
  expect((await makewave("--format", "csv", "--sort", "validation")).stdout).toBe("2 runs in runs/runs.csv\n")
  const text = readFileSync(at("runs/runs.csv"), "utf8")
  expect(text.split("\r\n")).toHaveLength(4)
  const read = "import csv, json, sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='')))))"
  const rows = (await askPython("csv", "-c", read, at("runs/runs.csv"))) as Record<string, string>[]
  expect(rows).toMatchObject([
    { run: "runs/counts", model: "ngram", order: "3", hidden: "", validation: "2.25", state: "finished" },
    {
      run: 'runs/odd, "name"',
      data: " a\nb.txt",
      model: "flat",
      hidden: "64",
      order: "",
      milestones: "1,2",
      validation: "2.5",
    },
  ])
})

testByPython("tensorboard")(
  "TensorBoard shows exported runs in one table, with the settings that only some have",
  async () => {
    write("a", { hidden: 64, seed: 1 }, 2.5)
    write("deeper/b", { hidden: 32, model: "gru" }, 2.25)
    write("c", { model: "ngram", order: 3 }, 2)
    const exported = () => makewave("--format", "tensorboard", "--out", "events")
    expect((await exported()).code).toBe(0)
    writeRun(at("runs/a"), { settings: { hidden: 64, seed: 1 }, loss: 2.5 }, 60) // a minute later, as after more steps
    expect((await exported()).code).toBe(0)
    expect(readdirSync(at("events/a"))).toHaveLength(1)
    const { columns, rows, steps } = await hparamsTable(at("events"))
    expect(Object.keys(columns)).toEqual(
      expect.arrayContaining(["model", "hidden", "order", "context", "seed", "learningRate"]),
    )
    expect([columns.hidden, columns.seed, columns.splitSeed]).toEqual([true, true, false])
    expect(rows.sort((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
      {
        name: "a",
        settings: { model: "flat", hidden: 64, seed: 1 },
        metrics: { "loss/validation": 2.5, "loss/train": Math.fround(2.4) },
      },
      { name: "c", settings: { model: "ngram", order: 3 }, metrics: { "loss/validation": 2 } },
      { name: "deeper/b", settings: { model: "gru", hidden: 32 }, metrics: { "loss/validation": 2.25 } },
    ])
    // Twice exported, and each point is there once.
    expect(steps).toEqual({ a: [500, 1000], c: [0], "deeper/b": [500, 1000] })
  },
)

describe.skipIf(!chromium)("in Chromium", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launcher.launch({ executablePath: chromium, args: ["--no-sandbox"] })
  })
  afterAll(() => browser.close())

  /** The page of 12 runs of 6 recipes, and what went wrong in it or was asked of the network. */
  async function opened({ width = 1280 } = {}) {
    for (let k = 0; k < 12; k++) {
      const point = Math.floor(k / 2)
      const settings = {
        hidden: [8, 16, 32][point % 3],
        learningRate: 0.01 * 2 ** point,
        seed: k % 2,
      } as const
      write(`run${k}`, settings, 2 + 0.1 * ((point * 7) % 6) + 0.01 * (k % 2))
    }
    expect((await makewave()).code).toBe(0)
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    const problems: string[] = []
    page.on("pageerror", ({ message }) => problems.push(message))
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) problems.push(request.url())
    })
    await page.goto(pathToFileURL(at("runs/report.html")).href)
    return { page, problems }
  }

  test("the page needs nothing else, and has all charts", async () => {
    const { page, problems } = await opened()
    expect(await page.locator("h2").allTextContents()).toEqual([
      "Leaderboard",
      "Loss curves",
      "Settings and loss",
      "Importance of the settings",
      "Loss by setting",
    ])
    const lines = (figure: number) => page.locator(`figure >> nth=${figure} >> path[data-group]`).count()
    // Validation and training curves of 12 runs, and a line for each of 6 recipes.
    expect([await lines(0), await lines(1), await lines(2)]).toEqual([12, 12, 6])
    expect(await page.locator("figure circle[data-group]").count()).toBe(2 * 6)
    expect(await page.locator(".legend li").count()).toBe(6)
    expect(problems).toEqual([])
    await page.close()
  })

  test("a click on a head, or a key, sorts by it, and again the other way round", async () => {
    const { page, problems } = await opened()
    const column = async (head: string) => {
      const heads = await page.locator("thead th").allTextContents()
      return page.locator(`tbody tr td:nth-child(${heads.indexOf(head) + 1})`).allTextContents()
    }
    const rates = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32"]
    await page.getByRole("button", { name: "learningRate" }).click()
    expect((await column("learningRate")).slice(0, 6)).toEqual(rates)
    await page.keyboard.press("Enter")
    expect((await column("learningRate")).slice(0, 6)).toEqual(rates.toReversed())
    expect(await page.locator("th[aria-sort=descending]").textContent()).toBe("learningRate")
    await page.getByRole("button", { name: "#" }).click()
    expect((await column("#")).slice(0, 6)).toEqual(["1", "2", "3", "4", "5", "6"])
    expect(problems).toEqual([])
    await page.close()
  })

  test("the arrow keys, and a pointer near a line, light up an entry everywhere", async () => {
    const { page, problems } = await opened()
    await page.locator("figure.wide").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    const lit = () =>
      page
        .locator(".on")
        .evaluateAll((parts) => [...new Set(parts.map((part) => (part as HTMLElement).dataset.group))])
    expect(await lit()).toEqual(["2"])
    expect(await page.locator("[role=status]").textContent()).toMatch(
      /^#2, 2\.\d{4}: hidden \d+, learningRate 0\.\d+$/,
    )
    await page.keyboard.press("Escape")
    expect(await lit()).toEqual([])
    const [x, y] = await page.locator("figure.wide path[data-group='1']").evaluate((path) => {
      const line = path as SVGPathElement
      const point = line.getPointAtLength(5).matrixTransform(line.getScreenCTM()!)
      return [point.x, point.y]
    })
    await page.mouse.move(x, y + 4)
    expect(await lit()).toHaveLength(1)
    expect(problems).toEqual([])
    await page.close()
  })

  test("runs that were measured at their end only are dots, in one chart that is no wider than beside another", async () => {
    for (const k of [0, 1, 2]) {
      const name = `a-sweep-with-a-name/of-a-trial-${k}`
      const optimizer = k === 0 ? ({ optimizer: "adamw" } as const) : ({ momentum: k / 10 } as const)
      write(name, { hidden: 8 * (k + 1), embedding: 2 + k, batchSize: 8 + k, ...optimizer }, 2 + k)
      const metrics = at("runs", name, "metrics.jsonl")
      writeFileSync(metrics, `${readFileSync(metrics, "utf8").trimEnd().split("\n").at(-1)}\n`)
    }
    await makewave()
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(pathToFileURL(at("runs/report.html")).href)
    const box = (selector: string) => page.locator(selector).boundingBox()
    const chart = await box(".charts:not(.small) figure > svg")
    expect(chart?.width).toBeLessThan(700)
    const dots = page.locator(".charts:not(.small) circle[data-group]")
    expect(await dots.count()).toBe(3)
    for (const dot of await dots.all()) {
      const { x, width } = (await dot.boundingBox())!
      expect(x + width).toBeLessThan(chart!.x + chart!.width)
    }
    // All columns are seen, the last has the run's name in its title, and the mark of a missing value is whole.
    expect(await page.locator(".scroll").evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0)
    expect(await page.locator("tbody tr:first-child td:last-child").getAttribute("title")).toBe(
      "a-sweep-with-a-name/of-a-trial-0",
    )
    const wide = (await box(".wide"))!
    const mark = (await page.locator(".wide text", { hasText: /^–$/ }).boundingBox())!
    expect(mark.y + mark.height).toBeLessThanOrEqual(wide.y + wide.height)
    await page.close()
  })

  test("on a phone nothing is wider than the screen but what scrolls by itself", async () => {
    const { page } = await opened({ width: 390 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.close()
  })
})
