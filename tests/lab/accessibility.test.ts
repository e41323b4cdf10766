/** The page of the lab for everybody: axe finds nothing in it, light and dark, and all of it can be done by keyboard. */
import axe from "axe-core"
import type { Locator, Page } from "playwright"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
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

const views = ["Train", "Runs", "Lecture"]

describe.skipIf(!chromium)("the page", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  async function opened(options: Parameters<Lab["newProfile"]>[0] = {}, hash = "v=1&preset=lecture-row-5") {
    const context = await profileOf(lab, options)
    const page = await visit(context, lab, hash)
    await untilStep(page, 1)
    await page.locator(".buttons").getByRole("button", { name: "Pause" }).click()
    await untilState(page, "paused")
    return page
  }

  /** What axe finds: the rule, and the places. */
  async function found(page: Page): Promise<string[]> {
    await page.evaluate(axe.source)
    const violations = await page.evaluate(async () => {
      const run = (globalThis as unknown as { axe: typeof axe }).axe
      return (await run.run()).violations
    })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
    )
  }

  const inNavigation = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Views" }).getByRole("button", { name })

  describe.each([
    ["light", { width: 1280, height: 800 }],
    ["dark", { width: 1280, height: 800 }],
    ["light", { width: 390, height: 844 }],
  ] as const)("axe finds nothing, %s, %o", (colorScheme, viewport) => {
    test("in each view", async () => {
      const page = await opened({ colorScheme, viewport })
      for (const view of views) {
        await inNavigation(page, view).click()
        await page.locator(`main.${view.toLowerCase()}`).waitFor()
        await page.waitForTimeout(300)
        expect(await found(page), view).toEqual([])
      }
    })

    test("in each dialog, and beside what went wrong", async () => {
      const page = await opened({ colorScheme, viewport })
      for (const name of ["Your own list…", "All settings…", "Export"]) {
        await page.getByRole("button", { name }).click()
        await page.getByRole("dialog").waitFor()
        expect(await found(page), name).toEqual([])
        await page.keyboard.press("Escape")
        await page.getByRole("dialog").waitFor({ state: "detached" })
      }
      await page.evaluate(() => {
        location.hash = "v=7"
      })
      await page.getByRole("alert").waitFor()
      expect(await found(page)).toEqual([])
    })
  })

  /** Presses Tab until this has the focus. */
  async function tabTo(page: Page, wanted: Locator): Promise<void> {
    for (let presses = 0; presses < 150; presses++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press("Tab")
    }
    expect.fail(`Tab does not lead to ${wanted}`)
  }

  test("everything is done by keyboard", async () => {
    const page = await opened()
    const before = await stepsOf(page)
    await tabTo(page, page.getByRole("button", { name: "Step" }))
    await page.keyboard.press("Enter")
    await eventually(() => stepsOf(page)).toBe(before + 1)
    await tabTo(page, page.getByRole("button", { name: "Export" }))
    await page.keyboard.press("Space")
    const dialog = page.getByRole("dialog")
    await dialog.waitFor()
    const download = page.waitForEvent("download")
    await tabTo(page, dialog.getByRole("button", { name: "JavaScript" }))
    await page.keyboard.press("Enter")
    expect((await download).suggestedFilename()).toBe("names.js")
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })

    await tabTo(page, page.locator(".context input"))
    await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.type("zoe")
    await eventually(() => page.url()).toContain("typed=zoe")

    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await tabTo(page, page.getByRole("tab", { selected: true }))
    const tabs = await page.getByRole("tab").allTextContents()
    await page.keyboard.press("ArrowRight")
    await eventually(() => page.getByRole("tab", { selected: true }).textContent()).toBe(tabs[1])
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(tabs[1])
    await page.keyboard.press("End")
    await eventually(() => page.getByRole("tab", { selected: true }).textContent()).toBe(tabs.at(-1))

    for (const view of ["Runs", "Lecture", "Train"]) {
      await tabTo(page, inNavigation(page, view))
      await page.keyboard.press("Enter")
      await page.locator(`main.${view.toLowerCase()}`).waitFor()
    }
    await tabTo(page, page.getByLabel("Preset"))
    await page.keyboard.type("GRU")
    await eventually(() => page.url()).toContain("preset=gru")
  })

  test("nothing scrolls at 1280 by 800, and nothing sideways at 390 by 844", async () => {
    const overflow = (page: Page) =>
      page.evaluate(() => {
        const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement
        return [scrollWidth - clientWidth, scrollHeight - clientHeight]
      })
    const wide = await opened()
    const narrow = await opened({ viewport: { width: 390, height: 844 } })
    for (const view of views) {
      await inNavigation(wide, view).click()
      await inNavigation(narrow, view).click()
      await wide.waitForTimeout(500)
      expect(await overflow(wide), view).toEqual([0, 0])
      expect((await overflow(narrow))[0], view).toBe(0)
    }
  })
})
