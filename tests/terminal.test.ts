/** The command line in a real terminal, of 60, 80 and 120 columns. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { makewaveHere, THINGS } from "./command-line.ts"
import { hasTmux, Terminal } from "./terminal.ts"

let folder = ""
const opened: Terminal[] = []
// A machine may be slow, and each test starts a terminal and a process or more.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-terminal-"))
  writeFileSync(join(folder, "things.txt"), THINGS)
  const deep = ["--model", "wavenet-2016", "--layers", "2", "--stacks", "1", "--steps", "2", "--out", "deep"]
  if (hasTmux) await makewaveHere(["train", "things.txt", ...deep], folder)
})
afterEach(() => {
  for (const terminal of opened.splice(0)) terminal.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

function open(columns: number, ...args: string[]): Terminal {
  const terminal = new Terminal(folder, args, { columns })
  opened.push(terminal)
  return terminal
}

const endless = (run: string) =>
  [
    "train",
    "things.txt",
    "--model",
    "flat",
    "--context",
    "3",
    "--steps",
    "500_000_000",
    "--out",
    run,
  ] as const

/** Lines without what is another in each run. */
const normal = (lines: readonly string[]) =>
  lines.map((line) =>
    line
      .replace(/\d[\d,.]*(?= of 500,000,000)/, "N")
      .replace(/\d[\d,]* steps\/s/, "N steps/s")
      .replace(/\d+:[\d:]+ left/, "M:SS left")
      .replace(/loss \d\.\d{4}/, "loss L"),
  )

const isBar = (line: string) => /\/500,000,000 {2}loss/.test(line)

test.skipIf(!hasTmux)("lines that are typed are announced, and end with Ctrl-D", async () => {
  const window = open(80, "train", "-", "--model", "bigram", "--steps", "1", "--out", "typed")
  await window.until((lines) => lines.includes("reading lines from standard input; end with Ctrl-D"))
  window.press("a")
  window.press("Enter")
  window.press("C-d")
  const { lines } = await window.end()
  expect(lines.at(-1)).toMatch(/^error: standard input: one line, and a split/)
})

describe.skipIf(!hasTmux).each([60, 80, 120])("%i columns", (columns) => {
  test("the bar is one line, which Ctrl-C clears before any message", async () => {
    const run = `run-${columns}`
    const window = open(columns, ...endless(run))
    const shown = await window.until((lines) => /\d left$/.test(lines.at(-1)!))
    expect(normal(shown.slice(0, -1))).toEqual([
      "flat, 7,244 parameters, on things.txt: 13 lines.",
      `run: ${run}`,
      "recipe flat: that of the model; flat, 500,000,000 steps of sgd at 0.1",
    ])
    const bar = shown.at(-1)!
    expect(bar.length).toBeLessThanOrEqual(columns - 3)
    expect(bar.length).toBeGreaterThan(Math.min(columns, 90) - 20)
    expect(normal([bar.replace(/^ ░+ [\d,]+/, " BAR N")])).toEqual([
      columns === 60
        ? " BAR N/500,000,000  loss L, M:SS left"
        : " BAR N/500,000,000  loss L  N steps/s, M:SS left",
    ])
    window.press("C-c")
    const { code, lines } = await window.end()
    expect(code).toBe(130)
    expect(normal(lines)).toEqual([
      "flat, 7,244 parameters, on things.txt: 13 lines.",
      `run: ${run}`,
      "recipe flat: that of the model; flat, 500,000,000 steps of sgd at 0.1",
      "saving a checkpoint; press Ctrl-C again to exit at once",
      `stopped after N of 500,000,000 steps; everything is in ${run}. Resume with:`,
      `  node ${resolve("bin/makewave.cjs")} train --resume ${run}`,
    ])
  })

  test("help breaks between words", async () => {
    const { lines } = await open(columns, "plot", "--help").end()
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
    expect(lines.slice(0, 14)).toEqual(
      {
        120: [
          "Usage: makewave plot [options] [runs...]",
          "",
          "Plot the losses of runs.",
          "",
          "Arguments:",
          "  runs              the folders of runs, or their names in ./runs (default: the newest)",
          "",
          "Options:",
          "  --log10           use a logarithmic axis for the loss",
          "  --window <count>  average over this many logged losses (default: a hundredth of them)",
          "  --svg <file>      write the chart to this file (default: to the folder of the run; of several, to none)",
          "  --json            print one JSON object",
          "  -h, --help        display help for command",
          "",
        ],
        80: [
          "Usage: makewave plot [options] [runs...]",
          "",
          "Plot the losses of runs.",
          "",
          "Arguments:",
          "  runs              the folders of runs, or their names in ./runs (default: the",
          "                    newest)",
          "",
          "Options:",
          "  --log10           use a logarithmic axis for the loss",
          "  --window <count>  average over this many logged losses (default: a hundredth",
          "                    of them)",
          "  --svg <file>      write the chart to this file (default: to the folder of the",
          "                    run; of several, to none)",
        ],
        60: [
          "Usage: makewave plot [options] [runs...]",
          "",
          "Plot the losses of runs.",
          "",
          "Arguments:",
          "  runs              the folders of runs, or their names in",
          "                    ./runs (default: the newest)",
          "",
          "Options:",
          "  --log10           use a logarithmic axis for the loss",
          "  --window <count>  average over this many logged losses",
          "                    (default: a hundredth of them)",
          "  --svg <file>      write the chart to this file (default:",
          "                    to the folder of the run; of several, to",
        ],
      }[columns],
    )
  })

  test("the tables of inspect fit", async () => {
    const { code, lines } = await open(columns, "inspect", "deep").end()
    expect(code).toBe(0)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
    const heads = lines
      .filter((line) => /^(Layer|Parameter) /.test(line))
      .map((line) => line.replace(/ +/g, " "))
    expect(heads).toEqual(
      {
        60: [
          "Layer shape Dilation",
          "Layer field Parameters",
          "Layer mean deviation",
          "Layer zero dead",
          "Layer mean",
          "Layer deviation norm",
          "Parameter shape deviation",
          "Parameter deviation data",
          "Parameter data",
        ],
        80: [
          "Layer shape Dilation field Parameters",
          "Layer mean deviation zero dead",
          "Layer gradient's mean deviation norm",
          "Parameter shape deviation deviation data",
          "Parameter data",
        ],
        120: [
          "Layer Output shape Dilation Receptive field Parameters",
          "Layer mean deviation zero dead gradient's mean deviation norm",
          "Parameter shape deviation gradient's deviation gradient : data log10 update : data",
        ],
      }[columns],
    )
    // In the order in which they ran.
    const paths = lines.flatMap((line) => /^initial\.\d/.exec(line) ?? [])
    expect(paths.slice(0, 2)).toEqual(["initial.0", "initial.1"])
  })
})

describe.skipIf(!hasTmux)("any width", () => {
  test("the bar follows the terminal's width", async () => {
    const window = open(120, ...endless("resized"))
    await window.until((lines) => isBar(lines.at(-1)!) && lines.at(-1)!.length > 80)
    for (const [columns, least, pieces] of [
      [60, 40, 1],
      [100, 80, 1],
      [50, 30, 2],
    ]) {
      window.resize(columns)
      const lines = await window.until((lines) => {
        const { length } = lines.at(-1)!
        return isBar(lines.at(-1)!) && length <= columns - 3 && length > least
      })
      // tmux wraps the lines a little before it reports its new width: a piece of a bar drawn in between may stay.
      expect(lines.filter(isBar).length).toBeLessThanOrEqual(1 + pieces)
      expect(lines.slice(0, 2)).toEqual(["flat, 7,244 parameters, on things.txt: 13 lines.", "run: resized"])
    }
  })

  test("a terminal that is closed leaves a checkpoint and no lock", async () => {
    const window = open(80, ...endless("closed"))
    await window.until((lines) => isBar(lines.at(-1)!))
    window.close()
    const kept = () => existsSync(join(folder, "closed", "checkpoint.safetensors"))
    const locked = () => readdirSync(join(folder, "closed")).some((name) => name.startsWith("lock."))
    while (!kept() || locked()) await setTimeout(20)
  })

  test("control characters of the data are shown on a terminal, and unchanged in a file", async () => {
    writeFileSync(join(folder, "hostile.txt"), "\x1b[31mred\n\x07bell\n".repeat(10))
    await makewaveHere(
      [
        "train",
        "hostile.txt",
        "--duplicates",
        "apart",
        "--model",
        "ngram",
        "--order",
        "4",
        "--out",
        "hostile",
      ],
      folder,
    )
    const sampled = ["sample", "hostile", "--count", "30", "--seed", "1"]
    const { lines } = await open(80, ...sampled).end()
    const { stdout } = await makewaveHere(sampled, folder)
    const raw = stdout.trimEnd().split("\n")
    expect(raw).toEqual(expect.arrayContaining(["\x1b[31mred", "\x07bell"]))
    expect(lines.slice(0, 30)).toEqual(
      raw.map((line) => line.replaceAll("\x1b", "␛").replaceAll("\x07", "␇")),
    )
    expect(readFileSync(join(folder, "hostile", "samples.txt"), "utf8")).toContain("\x1b[31mred")
    // In errors and in what a training says, too.
    const missing = await open(80, "train", "\x1b[31mred\x07.txt").end()
    expect(missing.lines[0]).toMatch(/^error: ␛\[31mred␇\.txt: no such file/)
    const { lines: trained } = await open(
      80,
      "train",
      "hostile.txt",
      "--duplicates",
      "apart",
      "--model",
      "ngram",
      "--out",
      "again",
    ).end()
    expect(trained.join("\n")).toMatch(/\n {2}␛\[31mred +in the train part\n/)
  })
})
