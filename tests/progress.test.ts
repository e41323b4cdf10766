/** The bar of a training at any width, and its pace. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { openProgress } from "../src/cli/progress.ts"
import { showStage } from "../src/cli/show-loading.ts"
import { stepRate } from "../src/training/step-rate.ts"

let time = 0
let line = ""
const { isTTY, columns } = process.stderr
beforeEach(() => {
  time = 0
  process.stderr.isTTY = true
  vi.spyOn(performance, "now").mockImplementation(() => time)
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    line = String(chunk).replaceAll("\x1b[J", "\x1b[K").split("\x1b[K").at(-1)!
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(process.stderr, { isTTY, columns })
})

const after = (seconds: number, step: number, more: object = {}) => {
  time = 1000 * seconds
  return {
    step,
    losses: Float32Array.of(2),
    loss: 2,
    rate: 0.1,
    rates: Float64Array.of(0.1),
    reports: {},
    logged: [],
    ...more,
  }
}

test("the pace is that of the last ten seconds, and the time left follows from it", () => {
  process.stderr.columns = 120
  const { report, stop } = openProgress({ from: 0, steps: 2000, linesEvery: 1 })
  report(after(30, 1)) // compiled for half a minute, which tells nothing about the steps
  report(after(30.5, 51))
  expect(line).not.toContain("left") // too short a time
  report(after(31, 101))
  expect(line).toMatch(/ 101\/2,000 {2}loss 2\.0000 {2}100 steps\/s, 0:19 left$/)
  for (let k = 1; k <= 20; k++) report(after(31 + k, 101 + 10 * k)) // slower
  expect(line).toMatch(/ 301\/2,000 .* 10 steps\/s, 2:50 left$/)
  for (let k = 1; k <= 10; k++) report(after(51 + k, 301 + 100 * k)) // and faster
  expect(line).toMatch(/ 1,301\/2,000 .* 100 steps\/s, 0:07 left$/)
  report(after(66, 1306))
  expect(line).toMatch(/ steps\/s, /)
  stop()
  expect(line).toBe("")
})

test("a resumed training counts only its own steps", () => {
  process.stderr.columns = 120
  const { report, stop } = openProgress({ from: 1000, steps: 2000, linesEvery: 1 })
  report(after(1, 1001))
  report(after(3, 1003))
  expect(line).toMatch(/ 1,003\/2,000 {2}loss 2\.0000 {2}1 step\/s, 16:37 left$/)
  stop()
})

test("a step that takes longer than a second is told in seconds", () => {
  process.stderr.columns = 120
  const { report, stop } = openProgress({ from: 0, steps: 100, linesEvery: 1 })
  report(after(1, 1))
  report(after(1, 1, { losses: new Float32Array(), validation: 2.1 })) // of the same step
  report(after(8, 1))
  expect(line).toMatch(/ 1\/100 {2}loss 2\.0000 {2}val 2\.1000$/)
  report(after(8, 6))
  expect(line).toMatch(/ {2}1\.4 s\/step, 2:12 left$/)
  stop()
  const told = [0.02, 0.94, 0.951, 1, 1.04, 1.06, 9.94, 9.96, 1122.3].map((perSecond) =>
    Object.values(stepRate(perSecond)).join(" "),
  )
  expect(told).toEqual([
    "50 s/step",
    "1.1 s/step",
    "1 step/s",
    "1 step/s",
    "1 step/s",
    "1.1 steps/s",
    "9.9 steps/s",
    "10 steps/s",
    "1,122 steps/s",
  ])
})

test("parts that do not fit are left out: the guess, the validation loss, the pace, the bar", () => {
  const { report, stop } = openProgress({ from: 0, steps: 200_000, linesEvery: 1, guess: Math.log(27) })
  const drawn = (width: number) => {
    process.stderr.columns = width
    report(after(12, 12_345, { validation: 2.1 }))
    expect(line.length).toBeLessThanOrEqual(width - 3)
    return line.replace(/[█░]+/, "BAR")
  }
  report(after(1, 1))
  report(after(11, 10_001))
  expect(drawn(120)).toBe(" BAR 12,345/200,000  loss 2.0000 of 3.296  val 2.1000  1,122 steps/s, 2:47 left")
  expect(drawn(87)).toBe(" BAR 12,345/200,000  loss 2.0000 of 3.296  val 2.1000  1,122 steps/s, 2:47 left")
  expect(drawn(86)).toBe(" BAR 12,345/200,000  loss 2.0000  val 2.1000  1,122 steps/s, 2:47 left")
  expect(drawn(70)).toBe(" BAR 12,345/200,000  loss 2.0000  1,122 steps/s, 2:47 left")
  expect(drawn(60)).toBe(" BAR 12,345/200,000  loss 2.0000, 2:47 left")
  expect(drawn(50)).toBe("  12,345/200,000  loss 2.0000, 2:47 left")
  expect(drawn(30)).toBe("  12,345/200,000  loss 2.00")
  stop()
})

test("a bar that a narrower terminal has wrapped is erased whole, and drawn for the new width", () => {
  const lastWritten = () => String(vi.mocked(process.stderr.write).mock.lastCall?.[0])
  process.stderr.columns = 100
  const { report, stop } = openProgress({ from: 0, steps: 200_000, linesEvery: 1 })
  report(after(1, 1))
  expect(line.length).toBeGreaterThan(40)
  const rows = Math.ceil(line.length / 40)
  process.stderr.columns = 40
  process.stderr.emit("resize")
  expect(lastWritten().startsWith(`\x1b[${rows - 1}A\r\x1b[J `)).toBe(true)
  expect(line.length).toBeLessThanOrEqual(37)
  process.stderr.columns = 100
  process.stderr.emit("resize")
  expect(lastWritten().startsWith("\r\x1b[K ")).toBe(true)
  stop()
})

test("without a terminal there is a line every so many steps, and after half a minute in any case", () => {
  process.stderr.isTTY = false
  const lines: string[] = []
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    lines.push(String(chunk).slice(0, 11))
    return true
  })
  const { report } = openProgress({ from: 0, steps: 99, linesEvery: 3 })
  for (let step = 1; step <= 4; step++) report(after(step, step))
  expect(lines).toEqual(["step  0 of ", "step  3 of "])
  for (let step = 5; step <= 6; step++) report(after(30 * step, step)) // the line does not put off the next
  report(after(181, 7))
  expect(lines.slice(2)).toEqual(["step  4 of ", "step  5 of ", "step  6 of "])
})

test("without a terminal a stage that takes long is told, once", () => {
  process.stderr.isTTY = false
  const at = (seconds: number, done: number) => {
    line = ""
    time = 1000 * seconds
    showStage("evaluating the training part", done)
    return line
  }
  expect([at(0, 0), at(9, 0.1), at(11, 0.2), at(30, 0.5), at(60, 1)]).toEqual([
    "",
    "",
    "evaluating the training part …\n",
    "",
    "",
  ])
  expect([at(100, 0), at(105, 0.9), at(120, 1)]).toEqual(["", "", ""])
})
