/** What goes wrong in the page of the lab is one sentence, and the page goes on. */
import type { BrowserContext, Page } from "playwright"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { chromium } from "../requirements.ts"
import { eventually, type Lab, openLab, PATIENCE, profileOf, stepsOf, untilStep, visit } from "./page.ts"

describe.skipIf(!chromium)("a misfortune", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  async function opened(
    hash: string,
    prepare?: (context: BrowserContext) => Promise<unknown>,
  ): Promise<Page> {
    const context = await profileOf(lab)
    // A service worker would keep the script that a test has changed.
    if (prepare) await context.addInitScript("delete Navigator.prototype.serviceWorker")
    await prepare?.(context)
    return visit(context, lab, hash)
  }

  /** The one sentence that the page says, which is no trace of a program. */
  async function saidBy(page: Page): Promise<string> {
    const alert = page.getByRole("alert").locator("p")
    await alert.first().waitFor()
    const [said, ...others] = await alert.allTextContents()
    expect(others).toEqual([])
    expect(said).not.toMatch(/\bat .*\.js|bug of makewave/)
    return said
  }

  /** Another preset trains as if nothing had been. */
  async function goesOn(page: Page): Promise<void> {
    await page.getByLabel("Preset").selectOption({ label: "GRU" })
    await eventually(() => page.getByRole("alert").count()).toBe(0)
    await untilStep(page, 1)
    await eventually(() => page.locator(".samples li").count()).toBe(16)
  }

  const list = (page: Page, name: string, bytes: Uint8Array) => async () => {
    await page.getByRole("button", { name: "Your own list" }).click()
    const file = { name, mimeType: "text/plain", buffer: Buffer.from(bytes) }
    await page.getByLabel("A text file, a table, or WAV files").setInputFiles(file)
  }

  test.each([
    [
      "an image",
      "picture.png",
      Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]),
      /^picture\.png: this is a PNG picture/,
    ],
    [
      "bytes that are no text",
      "list.txt",
      Uint8Array.from({ length: 400 }, (_, k) => (k * 7) % 256),
      /^list\.txt: /,
    ],
    ["an empty list", "empty.txt", new Uint8Array(), /^empty\.txt: /],
    ["a list of blank lines", "blank.txt", new TextEncoder().encode("\n \n\n"), /^blank\.txt: /],
    ["one name", "one.txt", new TextEncoder().encode("anna\n"), /one\.txt|line/],
  ])("%s is refused with a sentence", async (_, name, bytes, sentence) => {
    const page = await opened("v=1&preset=lecture-row-5")
    await untilStep(page, 1)
    await list(page, name, bytes)()
    expect(await saidBy(page)).toMatch(sentence)
    await goesOn(page)
  })

  test("a loss that is not finite stops the training, which can go on from its last good step", async () => {
    const page = await opened("v=1&preset=lecture-row-5&steps=5000")
    await untilStep(page, 10)
    await page.getByRole("button", { name: "Pause" }).click()
    await eventually(() => page.locator(".state").textContent()).toBe("paused")
    const kept = await stepsOf(page)
    const rate = page.getByLabel("rate now")
    // The product of two parameters overflows after a step of it, whatever the batch.
    await rate.evaluate((select: HTMLSelectElement) => {
      select.add(new Option("1e30", "1e30"))
      select.value = "1e30"
      select.dispatchEvent(new Event("change", { bubbles: true }))
    })
    await page.locator(".buttons").getByRole("button", { name: "Train" }).click()
    expect(await saidBy(page)).toMatch(/non-finite.* the learning rate 1e\+30 is too high/)
    await page.getByRole("button", { name: `Go on from step ${kept.toLocaleString("en")} ` }).click()
    await untilStep(page, kept + 5)
    expect(Number(await page.getByLabel("rate now").inputValue())).toBeCloseTo(0.01)
    await goesOn(page)
  })

  test("a training that diverges from the first step is stopped with a sentence", async () => {
    const page = await opened("v=1&preset=lecture-row-5&learningRate=1000000&steps=5000")
    expect(await saidBy(page)).toMatch(/learning rate/)
    await goesOn(page)
  })

  /** The trainer's files can be written so many times, and then the disk is full, until the page is reloaded. */
  const fullAfter = (writes: number) => (context: BrowserContext) =>
    context.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch()
      const stub = `{ let left = ${writes}
        const write = FileSystemFileHandle.prototype.createWritable
        FileSystemFileHandle.prototype.createWritable = function (...options) {
          if (left-- > 0) return write.apply(this, options)
          throw new DOMException("no room", "QuotaExceededError")
        } }\n`
      await route.fulfill({ response, body: stub + (await response.text()) })
    })

  test.each([0, 1, 3])(
    "a disk that is full after %i files is a sentence, and there may be room again",
    async (writes) => {
      const page = await opened("v=1&preset=lecture-row-5&logEvery=1", fullAfter(writes))
      expect(await saidBy(page)).toMatch(/the browser gives this page no more room: remove a run$/)
      await page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: "Runs" }).click()
      await page.locator("main.runs").waitFor()
      await page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: "Train" }).click()
      // The address follows a little later, and a reload shows the view that it names.
      await eventually(() => page.url()).not.toContain("view=runs")
      await page.context().unrouteAll()
      await page.reload()
      await goesOn(page)
    },
  )

  test("a browser without a disk trains all the same", async () => {
    const page = await opened("v=1&preset=lecture-row-5", async (context) =>
      context.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
        const response = await route.fetch()
        const stub = "navigator.storage.getDirectory = async () => { throw new Error('no disk') }\n"
        await route.fulfill({ response, body: stub + (await response.text()) })
      }),
    )
    await untilStep(page, 10)
    expect(await page.getByRole("alert").count()).toBe(0)
  })
})
