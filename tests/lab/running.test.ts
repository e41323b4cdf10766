/** Running text in the page of the lab: a poem that is pasted as a list becomes one text, and the model writes a passage; a text of words. */
import axe from "axe-core"
import type { Page } from "playwright"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { writeTrained } from "../../lab/src/address.ts"
import type { Settings } from "../../src/runs/settings.ts"
import { chromium } from "../requirements.ts"
import { eventually, type Lab, openLab, PATIENCE, profileOf, runsOf, untilState, visit } from "./page.ts"

const poem = `The kettle hums, the window fogs,
    the street is grey and slow;
a woman walks two patient dogs
    where lamps begin to glow.

I count the buses going by,
    the forty and the nine,
and none of them, however high,
    will take me down the line.
`

const small: Settings = { model: "gru", embedding: 8, hidden: 8, context: 8, batchSize: 4, steps: 20 }

describe.skipIf(!chromium)("running text", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  async function opened(settings: Settings, text: string): Promise<Page> {
    const list = { name: "list.txt", bytes: new TextEncoder().encode(text) }
    const { text: hash } = await writeTrained({ settings: { ...small, ...settings }, list })
    const page = await visit(await profileOf(lab), lab, hash)
    await untilState(page, "done")
    return page
  }

  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })
  const passage = (page: Page) => page.getByRole("region", { name: "What it writes" })

  async function findNothingWrong(page: Page): Promise<void> {
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([])
  }

  test("a poem that is pasted as a list is trained on as one text, as the page says, and goes on after a reload", async () => {
    const page = await opened({ recipe: "gru", context: 48 }, poem)
    await page.getByText("8 lines").waitFor()
    await page
      .getByText("If this is one running text and no list, train on it as a whole (“one running text”).")
      .waitFor()
    await page.getByLabel("one running text").check()
    await button(page, "Start anew").click()
    await page.getByText(`${poem.length} characters`).waitFor()
    await untilState(page, "done")
    await eventually(() => passage(page).textContent()).toHaveLength(300)
    expect(await passage(page).evaluate((element) => getComputedStyle(element).whiteSpace)).toMatch(
      /^(pre|break)/,
    )
    await findNothingWrong(page)

    await page.getByLabel("begins with").fill("The dogs")
    await eventually(() => passage(page).textContent()).toMatch(/^The dogs/)
    await page.getByLabel("begins with").fill("Zoe")
    await page.getByRole("alert").filter({ hasText: "Z" }).waitFor()
    await page.getByLabel("begins with").fill("")
    await page.locator(".context input").fill("Zo")
    await page.getByText("The text does not have “Z”: it is left out.").waitFor()
    expect(await page.locator(".tree .symbol").allTextContents()).toEqual(["", "", "", "", "", "", "⏎", "o"])
    expect(await page.locator(".tree .for-screen-readers").textContent()).not.toContain("the end")

    const runs = await runsOf(page)
    await page.reload()
    await untilState(page, "done")
    expect(await runsOf(page)).toEqual(runs)
    await eventually(() => passage(page).textContent()).toHaveLength(300)
    await button(page, "Runs").click()
    const rows = page.locator("main.runs tbody tr")
    await eventually(() => rows.count()).toBe(2)
  })

  test("of many words the most frequent are shown, and what a script cannot make is a sentence", async () => {
    const words = `${inject("names").slice(0, 400).join(" ")}\n`.repeat(2)
    const page = await opened({ running: true, tokens: "words" }, words)
    await page.getByText("802 words").waitFor()
    await eventually(async () => (await passage(page).textContent())?.trim().split(/\s+/).length).toBe(60)
    await page.locator(".context input").fill("emma qwerty")
    await page.getByText("The text does not have one of the words: it is read as <unk>.").waitFor()
    for (const name of ["Layers", "Activations", "Embedding"]) {
      await page.getByRole("tab", { name }).click()
      await page.locator(`#panel .${name.toLowerCase()}`).waitFor()
    }
    expect(await page.locator(".embedding .point").count()).toBe(200)
    await page.getByText(/the 200 most frequent symbols of 40\d/).waitFor()
    await button(page, "Export").click()
    await button(page, "JavaScript").click()
    await page.getByText("A script makes characters, and this model words: choose safetensors").waitFor()
    await page.keyboard.press("Escape")
    await findNothingWrong(page)
  })
})
