/** The panels of the page, each shown once while a network trains: what they show, by keyboard too, and that axe finds nothing in them. */
import axe from "axe-core"
import type { Page } from "playwright"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { writeTrained } from "../../lab/src/address.ts"
import { presets } from "../../lab/src/presets.ts"
import type { Settings } from "../../src/runs/settings.ts"
import { chromium } from "../requirements.ts"
import {
  eventually,
  type Lab,
  openLab,
  PATIENCE,
  profileOf,
  stepsOf,
  untilState,
  untilStep,
  visit,
} from "./page.ts"

const tree = presets.find(({ row }) => row === 5)!.settings
const bytes = new TextEncoder().encode(inject("names").slice(0, 300).join("\n"))

describe.skipIf(!chromium)("panels", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  /** A page that trains a network of these settings, and pauses after some steps. */
  async function opened(settings: Settings, colorScheme: "light" | "dark" = "light"): Promise<Page> {
    const context = await profileOf(lab, { colorScheme })
    // How often the trainers are asked something.
    await context.addInitScript(() => {
      const send = Worker.prototype.postMessage
      Object.assign(globalThis, { asked: [] })
      Worker.prototype.postMessage = function (this: Worker, message: { type: string; question?: string }) {
        if (message.type === "ask")
          (globalThis as unknown as { asked: unknown[] }).asked.push(message.question)
        send.call(this, message)
      }
    })
    const trained = { settings, list: { name: "some.txt", bytes } }
    const page = await visit(context, lab, (await writeTrained(trained)).text)
    await untilStep(page, 20)
    await page.getByRole("button", { name: "Pause" }).click()
    await untilState(page, "paused")
    return page
  }

  const asked = (page: Page): Promise<string[]> =>
    page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)

  const show = (page: Page, name: string) => page.getByRole("tab", { name }).click()

  async function findNothingWrong(page: Page): Promise<void> {
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run("#panel"),
    )
    expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([])
  }

  test("the tree: what a node sees lights up without asking, by keyboard too, and what is typed is looked at", async () => {
    const page = await opened(tree)
    const nodes = page.getByRole("treeitem")
    await expect.poll(() => nodes.count()).toBe(15)
    const box = await page
      .locator("#panel")
      .evaluate((e) => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth])
    expect(box).toEqual([0, 0])

    const before = await asked(page)
    expect(before.filter((question) => question === "geometry")).toHaveLength(1)
    await nodes.and(page.getByLabel("tanh, node 4 of 4: sees 2 symbols, “mm”")).hover()
    await eventually(() => page.locator(".node.sees").count()).toBe(2)
    expect(await page.locator(".node.seen-by").count()).toBe(2)
    expect(await page.locator(".caption").textContent()).toContain("sees 2 symbols, “mm”")
    expect(await asked(page)).toEqual(before)

    // From the root, down two levels, to the right and back.
    await page.mouse.move(0, 0)
    await page.locator(".node[tabindex='0']").focus()
    for (const key of ["ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft"])
      await page.keyboard.press(key)
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(
      /^tanh, node 3 of 4: sees 2 symbols, “.e”/,
    )

    await page.locator(".context input").fill("zo")
    await eventually(() => page.locator(".symbol").allTextContents()).toEqual([..."......zo"])
    await page.locator(".context input").fill("zqo")
    await eventually(() => page.locator(".tree .caption").textContent()).toBe(
      "No line of the list has “q”: it is left out.",
    )
    await findNothingWrong(page)
  })

  test.each(["light", "dark"] as const)("layers, activations, embedding and graph, %s", async (scheme) => {
    const page = await opened(tree, scheme)
    await show(page, "Layers")
    await eventually(() => page.locator(".layers tbody tr").count()).toBe(16)
    expect(await page.locator(".layers").textContent()).toMatch(/BatchNorm1d.*10−\d\.\d/)
    await findNothingWrong(page)

    await show(page, "Activations")
    await eventually(() => page.locator(".histograms li").count()).toBe(11)
    const limit = await page.locator(".axis").textContent()
    await page.getByRole("button", { name: "gradients" }).click()
    await eventually(() => page.locator(".axis").textContent()).not.toBe(limit)
    await findNothingWrong(page)

    await show(page, "Embedding")
    const symbols = page.locator(".point")
    await eventually(() => symbols.count()).toBe(25)
    await page.getByLabel("nearest to").selectOption("a")
    await eventually(() => page.locator(".aside li").count()).toBe(5)
    await findNothingWrong(page)

    await show(page, "Graph")
    await eventually(() => page.locator(".graph details").count()).toBe(4)
    const counts = (await page.locator("summary").allTextContents()).map((text) =>
      Number(/(\d+) nodes/.exec(text)![1]),
    )
    expect(await page.locator(".operator").count()).toBe(counts.reduce((sum, count) => sum + count, 0))
    await page.locator(".operator", { hasText: "LogSoftmax" }).hover()
    await eventually(() => page.locator(".graph .caption").textContent()).toMatch(
      /^LogSoftmax, 32 × 25, reads Gemm/,
    )
    await findNothingWrong(page)

    // Two steps further, what is shown is asked for again.
    await show(page, "Layers")
    const steps = await stepsOf(page)
    await page.getByRole("button", { name: "Step" }).click()
    await eventually(() => page.locator("caption", { hasText: "batch" }).textContent()).toContain(
      `after ${steps + 1} steps`,
    )
  })

  test("two trees, with the BatchNorm bug and without, end when the panel is left", async () => {
    const page = await opened(tree)
    const before = page.workers().length
    await show(page, "BatchNorm")
    await page.getByRole("button", { name: "Train both" }).click()
    await eventually(() => page.locator(".strips .bug").allTextContents()).toEqual([
      ...[1, 2, 3, 4].map((k) => `layer 1, node ${k}`),
      ...[1, 2].map((k) => `layer 2, node ${k}`),
      "layer 3",
    ])
    expect(await page.locator(".strips .repaired").allTextContents()).toEqual([
      "layer 1",
      "layer 2",
      "layer 3",
    ])
    await eventually(() => page.locator(".duel dd").first().textContent()).toMatch(/^\d\.\d{3}$/)
    await findNothingWrong(page)
    await show(page, "Tree")
    await eventually(() => page.workers().length).toBe(before)
  })

  test("attention: what a position reads, by head; sequences with labels", async () => {
    const page = await opened({ model: "transformer", layers: 2, embedding: 16, batchSize: 4 })
    await eventually(() => page.locator(".reads path").count()).toBe(4)
    await page.getByLabel("attention").selectOption("head 2")
    await eventually(() => page.locator(".reads path").count()).toBeGreaterThan(0)
    await findNothingWrong(page)
  })
})
