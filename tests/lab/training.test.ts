/** A training in the page of the lab: its losses are those of Node, whatever is done to it on the way, and after a reload too. */
import type { BrowserContext, Page } from "playwright"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { type Trained, writeTrained } from "../../lab/src/address.ts"
import { presets } from "../../lab/src/presets.ts"
import { memoryStore } from "../../src/runs/memory-store.ts"
import { readMetrics } from "../../src/runs/metrics.ts"
import { runTraining } from "../../src/runs/run-training.ts"
import type { Settings } from "../../src/runs/settings.ts"
import { chromium } from "../requirements.ts"
import {
  eventually,
  type Lab,
  lossesOf,
  openLab,
  PATIENCE,
  profileOf,
  runsOf,
  stepsOf,
  untilState,
  untilStep,
  visit,
} from "./page.ts"

const tree = presets.find(({ row }) => row === 5)!.settings

/** The lecture's tree on a list that is evaluated in a moment. */
const trainedOn = (count: number, settings: Settings): Trained => ({
  settings: { ...tree, logEvery: 1, ...settings },
  list: {
    name: "some.txt",
    bytes: new TextEncoder().encode(inject("names").slice(0, count).join("\n")),
  },
})

/** The losses of the same training in Node, by step. */
async function lossesInNode({ settings, list }: Trained): Promise<number[]> {
  const store = memoryStore("run")
  const given = { ...settings, data: list!.name }
  for await (const _ of runTraining({ given, out: store, loading: { bytes: list!.bytes } }));
  return (await readMetrics(store)).flatMap(({ loss }) => (loss === undefined ? [] : [loss]))
}

describe.skipIf(!chromium)("a training", { timeout: PATIENCE }, () => {
  let lab: Lab
  let context: BrowserContext
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  /** Opens the page in a browser that has not seen it. */
  async function opened(trained?: Trained): Promise<Page> {
    context = await profileOf(lab)
    return visit(context, lab, trained && (await writeTrained(trained)).text)
  }

  // Enough steps that a busy machine can click before they are taken.
  const small = trainedOn(300, { steps: 1200 })

  /** What the page's losses are when nobody touches it. */
  let untouched: Promise<number[]> | undefined
  const lossesUntouched = () => {
    untouched ??= (async () => {
      const page = await opened(small)
      await untilState(page, "done")
      const losses = await lossesOf(page)
      await context.close()
      return losses
    })()
    return untouched
  }

  test("begins by itself, with the lecture's last row", async () => {
    const page = await opened()
    await untilStep(page, 20)
    expect(await page.getByLabel("Preset").locator("option:checked").textContent()).toMatch(/^Lecture, row 5/)
    expect(await page.locator(".figures").textContent()).toContain("of 200,000")
    await eventually(() => page.getByRole("listitem").count()).toBe(16)
  })

  test("has Node's losses for 1,000 steps", async () => {
    const thousand = trainedOn(1000, { steps: 1000 })
    const page = await opened(thousand)
    const expected = await lossesInNode(thousand)
    await untilState(page, "done")
    const losses = await lossesOf(page)
    expect(losses).toHaveLength(1000)
    const furthest = Math.max(...losses.map((loss, step) => Math.abs(loss - expected[step])))
    expect(furthest).toBeLessThan(1e-5)
  })

  test("has the same losses when it is paused, stepped, looked into, sampled and evaluated", async () => {
    const expected = await lossesUntouched()
    const page = await opened(small)
    const button = (name: string) =>
      page.locator("header .buttons, .samples").getByRole("button", { name, exact: true })
    await untilStep(page, 1)
    for (const typed of ["an", "ann", "m"]) {
      await button("Pause").click()
      await untilState(page, "paused")
      const before = await stepsOf(page)
      for (const taken of [1, 2, 3]) {
        await button("Step").click()
        await eventually(() => stepsOf(page)).toBe(before + taken)
      }
      await page.getByLabel("begins with").fill(typed)
      await page.locator(".context input").fill(typed)
      await button("Others").click()
      await eventually(() => page.locator(".samples li").first().textContent()).toMatch(
        new RegExp(`^${typed}`),
      )
      expect(await stepsOf(page)).toBe(before + 3)
      await button("Train").click()
      await page.locator(".context input").fill(`${typed}a`)
      await untilStep(page, before + 20)
    }
    await untilState(page, "done")
    expect(await lossesOf(page)).toEqual(expected)
  })

  test("is stepped by keyboard", async () => {
    const page = await opened(small)
    await untilStep(page, 1)
    await page.getByRole("button", { name: "Pause" }).click()
    await untilState(page, "paused")
    const before = await stepsOf(page)
    await page.getByRole("button", { name: "Step", exact: true }).focus()
    for (let times = 0; times < 3; times++) await page.keyboard.press("Enter")
    await eventually(() => stepsOf(page)).toBe(before + 3)
    await untilState(page, "paused")
  })

  test("of a table asks for the column, and shows what the data decided", async () => {
    const page = await opened()
    await untilStep(page, 1)
    await page.getByRole("button", { name: "Your own list…" }).click()
    const rows = inject("names").slice(0, 40)
    await page.getByLabel("A text file, a table, or WAV files").setInputFiles({
      name: "table.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(["number,name", ...rows.map((name, k) => `${k},${name}`)].join("\n")),
    })
    const column = page.getByRole("alert").getByLabel("column")
    await column.fill("name")
    await column.press("Enter")
    await page.getByRole("button", { name: "Start anew" }).click()
    await eventually(() => page.getByRole("alert").count()).toBe(0)
    await untilStep(page, 1)
    expect(await page.locator(".settings").textContent()).toContain("table.csv, 40 lines")
    const model = page.locator(".settings").getByLabel("model")
    await eventually(() => model.inputValue()).toBe("gru")
    expect(await page.getByLabel("steps", { exact: true }).getAttribute("placeholder")).toBe("400")
  })

  test("goes on where it was after a reload, with the same losses", async () => {
    const expected = await lossesUntouched()
    const page = await opened(small)
    await untilStep(page, 30)
    await page.getByRole("button", { name: "Pause" }).click()
    await untilState(page, "paused")
    const taken = await stepsOf(page)
    await page.waitForURL(/#v=1/)
    const [run] = await runsOf(page)
    await eventually(() => page.evaluate(() => ({ ...localStorage }))).not.toEqual({})
    await page.reload()
    await untilStep(page, 1)
    expect(await stepsOf(page)).toBeGreaterThanOrEqual(taken)
    await page.reload()
    await untilState(page, "done")
    expect(await runsOf(page)).toEqual([run])
    expect(await lossesOf(page)).toEqual(expected)
  })

  test("is left to the tab that has it: a second one says so, and trains another", async () => {
    const page = await opened(trainedOn(300, { steps: 100_000 }))
    await untilStep(page, 1)
    await eventually(() => page.evaluate(() => Object.keys(localStorage).length)).toBe(1)
    const second = await visit(context, lab)
    await eventually(() => second.getByRole("alert").locator("p").allTextContents()).toEqual([
      expect.stringMatching(/^The last training cannot go on, so another began: .* is under way/),
    ])
    await second.getByLabel("Preset").selectOption({ label: "GRU" })
    await eventually(() => second.getByRole("alert").count()).toBe(0)
    await untilStep(second, 1)
    expect(await runsOf(page)).toHaveLength(3)
  })

  test("begins again, and otherwise, when it is asked to", async () => {
    const page = await opened(small)
    await untilStep(page, 5)
    await page.getByLabel("hidden").fill("32")
    await page.getByLabel("hidden").press("Enter")
    await page.getByRole("button", { name: "Start anew" }).click()
    await eventually(() => page.url()).toContain("hidden=32")
    await untilState(page, "done")
    expect(await runsOf(page)).toHaveLength(2)
    await page.reload()
    await untilState(page, "done")
    expect(await page.getByLabel("hidden").inputValue()).toBe("32")
    expect(await page.locator(".settings").textContent()).toContain("some.txt, 300 lines")
  })
})
