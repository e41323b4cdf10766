/** What is taken away from the page of the lab: an address, which begins the same training elsewhere, and files of the model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Page } from "playwright"
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest"
import { type Trained, writeTrained } from "../../lab/src/address.ts"
import { presets } from "../../lab/src/presets.ts"
import { roundedState } from "../../src/interchange/index.ts"
import { readSafetensors } from "../../src/interchange/safetensors.ts"
import { readZip } from "../../src/interchange/zip.ts"
import { look } from "../../src/models/look.ts"
import type { StateDict } from "../../src/nn/module.ts"
import { readMetrics } from "../../src/runs/metrics.ts"
import { createModel } from "../../src/runs/recipe.ts"
import { beginMakewave } from "../command-line.ts"
import { chromium } from "../requirements.ts"
import {
  eventually,
  fileOf,
  type Lab,
  lossesOf,
  openLab,
  PATIENCE,
  runsOf,
  untilState,
  untilStep,
  visit,
} from "./page.ts"

const trained: Trained = {
  settings: { ...presets.find(({ row }) => row === 5)!.settings, hidden: 32, logEvery: 1, steps: 200 },
  list: { name: "some-names.txt", bytes: new TextEncoder().encode(inject("names").slice(0, 300).join("\n")) },
}

describe.skipIf(!chromium)("what is taken away", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  async function opened({ settings, list }: Trained = trained, prepared = "") {
    const context = await lab.newProfile({ permissions: ["clipboard-read", "clipboard-write"] })
    onTestFinished(() => context.close())
    if (prepared) await context.addInitScript(prepared)
    return { context, page: await visit(context, lab, (await writeTrained({ settings, list })).text) }
  }
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })

  test("an address that is shared begins the same training in another browser, bit for bit", async () => {
    const { page, context } = await opened()
    await untilStep(page, 1)
    await page.locator(".context input").fill("mia")
    await button(page, "Share").click()
    await eventually(() => page.locator(".said").textContent()).toBe("The address is copied.")
    const address = await page.evaluate(() => navigator.clipboard.readText())
    const other = await lab.newProfile()
    onTestFinished(() => other.close())
    const there = await other.newPage()
    await there.goto(address)
    await untilState(page, "done")
    await untilState(there, "done")
    expect(await there.locator(".context input").inputValue()).toBe("mia")
    expect(await there.getByLabel("hidden").inputValue()).toBe("32")
    const losses = await lossesOf(page)
    expect(losses).toHaveLength(200)
    expect(await lossesOf(there)).toEqual(losses)
    expect([...context.faults, ...other.faults]).toEqual([])
  })

  test("where the browser copies nothing, a dialog has the address", async () => {
    const { page } = await opened(
      trained,
      "navigator.clipboard.writeText = async () => { throw new Error() }",
    )
    await untilStep(page, 1)
    await button(page, "Share").press("Enter")
    const text = page.getByRole("dialog").getByRole("textbox")
    expect(await text.inputValue()).toMatch(
      new RegExp(`^${lab.url}#v=1&preset=lecture-row-5&.*&hidden=32&.*&lines=`),
    )
    await page.keyboard.press("Escape")
    await text.waitFor({ state: "detached" })
  })

  test("what is shown follows into the address, and another address is followed at once", async () => {
    const { page } = await opened()
    await untilStep(page, 1)
    const before = await page.evaluate(() => history.length)
    await page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: "Lecture" }).click()
    await eventually(() => page.url()).toContain("&view=lecture")
    expect(await page.evaluate(() => history.length)).toBe(before)
    await page.evaluate(() => {
      location.hash = "v=1&preset=gru&hidden=16&steps=3&typed=zo"
    })
    await eventually(() => page.locator(".figures").textContent()).toContain("of 3")
    expect(await page.getByLabel("model").inputValue()).toBe("gru")
  })

  test.each([
    ["v=9&preset=gru", "The address is of another version of the lab"],
    ["v=1&preset=gru&list=a.txt&lines=AAAA", "The address is broken"],
    ["v=1&hidden=-3", "The address cannot be trained: --hidden -3: give a whole number from 0"],
    ["v=1&wings=2", "The address cannot be trained"],
    ["v=1&list=towns.txt", "The address names the list towns.txt, but does not hold it"],
  ])("#%s is one sentence, and the page trains", async (hash, sentence) => {
    const context = await lab.newProfile()
    onTestFinished(() => context.close())
    const page = await visit(context, lab, hash)
    const alert = page.getByRole("alert")
    await eventually(() => alert.allTextContents()).toEqual([expect.stringContaining(sentence)])
    await alert.getByRole("button", { name: "Close" }).click()
    await untilStep(page, 1)
    expect(context.faults).toEqual([])
  })

  /** The bytes of a file that the dialog gives. */
  async function taken(page: Page, title: string): Promise<{ name: string; bytes: Buffer }> {
    await button(page, "Export").click()
    const waiting = page.waitForEvent("download")
    await page.getByRole("dialog").getByRole("button", { name: title, exact: true }).click()
    const download = await waiting
    await page.keyboard.press("Escape")
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
  }

  test("the files have the network as it is, the script rounded to its bits", async () => {
    const { page, context } = await opened()
    await untilStep(page, 20)
    await button(page, "Pause").click()
    await untilState(page, "paused")
    const { name, bytes } = await taken(page, "safetensors")
    expect(name).toBe("some-names.safetensors")
    const { tensors, metadata } = readSafetensors(new Uint8Array(bytes), name)
    const symbols: string[] = JSON.parse(metadata.vocabulary)
    const model = createModel({ ...trained.settings, model: "wavenet" }, symbols.length)
    model.loadStateDict(tensors as StateDict)
    const ids = Array.from("..emma".padStart(8, "."), (symbol) => Math.max(0, symbols.indexOf(symbol)))
    const exact = look(model, ids).at(-1)!.values
    model.loadStateDict(roundedState(model, 8))
    const rounded = look(model, ids).at(-1)!.values

    const script = await taken(page, "JavaScript")
    expect(script.name).toBe("some-names.js")
    const { logits, sample } = await import(`data:text/javascript;base64,${script.bytes.toString("base64")}`)
    const found = [...logits(ids)]
    expect(Math.max(...found.map((logit, k) => Math.abs(logit - rounded[k])))).toBeLessThan(1e-5)
    expect(Math.max(...found.map((logit, k) => Math.abs(logit - exact[k])))).toBeLessThan(0.2)
    expect(found).not.toEqual([...exact])
    expect(sample({ seed: 1, prompt: "em" })).toMatch(/^em/)

    expect((await taken(page, "A page")).bytes.toString()).toContain("<title>New some names</title>")
    expect((await taken(page, "PyTorch")).name).toBe("some-names.pytorch.safetensors")
    expect((await taken(page, "ONNX")).bytes.length).toBeGreaterThan(4 * model.parameterCount)
    expect(context.faults).toEqual([])
  })

  test("the run's folder goes on with makewave train --resume", async () => {
    const steps = 1000
    const { page } = await opened({ ...trained, settings: { ...trained.settings, steps } })
    await untilStep(page, 20)
    await button(page, "Pause").click()
    await untilState(page, "paused")
    const { name, bytes } = await taken(page, "The run")
    await page.locator(".buttons").getByRole("button", { name: "Train" }).click()
    await untilState(page, "done")
    const expected = await lossesOf(page)
    const [run] = await runsOf(page)
    expect(name).toBe(`${run}.zip`)
    const folder = mkdtempSync(join(tmpdir(), "makewave-taken-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const [path, content] of readZip(new Uint8Array(bytes), name)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    const before = await readMetrics(join(folder, run))
    expect(before.length).toBeGreaterThan(10)
    expect(before.length).toBeLessThan(steps)
    const { code, stderr } = await beginMakewave(["train", "--resume", run], folder).ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const all = (await readMetrics(join(folder, run))).flatMap(({ loss }) =>
      loss === undefined ? [] : [loss],
    )
    expect(all).toHaveLength(steps)
    expect(all.slice(0, before.length)).toEqual(expected.slice(0, before.length))
    expect(Math.max(...all.map((loss, step) => Math.abs(loss - expected[step])))).toBeLessThan(1e-5)
    expect(
      readFileSync(join(folder, run, "samples.txt"), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(20)
    expect(await fileOf(page, run, "some-names.txt")).toBe(
      readFileSync(join(folder, run, "some-names.txt"), "utf8"),
    )
  })
})
