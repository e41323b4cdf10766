/** Sound in the page of the lab: a small WaveNet learns a music box that the page makes itself, and is heard; WAV files of one's own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import axe from "axe-core"
import type { Page } from "playwright"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeTones } from "../../lab/src/trainer/make-tones.ts"
import { readWav } from "../../src/data/sound/wav.ts"
import { chromium } from "../requirements.ts"
import {
  eventually,
  fileOf,
  type Lab,
  openLab,
  PATIENCE,
  profileOf,
  runsOf,
  untilState,
  untilStep,
  visit,
} from "./page.ts"

declare global {
  var blobs: Blob[]
}

describe.skipIf(!chromium)("sound", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  /** A browser whose page remembers what it makes addresses of: its policy lets no script fetch them. */
  async function opened(hash = ""): Promise<Page> {
    const context = await profileOf(lab)
    await context.addInitScript(() => {
      globalThis.blobs = []
      const create = URL.createObjectURL
      URL.createObjectURL = (blob) => {
        blobs.push(blob as Blob)
        return create(blob)
      }
    })
    return visit(context, lab, hash)
  }

  /** The sound that the player has. */
  async function heard(page: Page) {
    const audio = page.locator("audio")
    await eventually(() => audio.getAttribute("src")).toMatch(/^blob:/)
    await eventually(() => audio.evaluate((audio: HTMLAudioElement) => audio.duration)).toBeGreaterThan(0)
    const bytes = await page.evaluate(async () => Array.from(await blobs.at(-1)!.bytes()))
    return readWav(Uint8Array.from(bytes))
  }

  test("the music box trains at once, is heard, and goes on after a reload", async () => {
    const page = await opened("v=1&preset=sound&steps=30")
    await untilStep(page, 3)
    await page.getByRole("button", { name: "Pause" }).click()
    await untilState(page, "paused")
    await page.getByRole("button", { name: "Hear the data" }).click()
    const data = await heard(page)
    const [tones] = await makeTones()
    const { samples } = await readWav(tones.bytes)
    expect(data.sampleRate).toBe(4000)
    expect(data.samples).toHaveLength(4000)
    const away = data.samples.map((sample, k) => Math.abs(sample - samples[k]))
    expect(Math.max(...away)).toBeLessThan(0.02) // µ-law has 256 levels
    await page.getByRole("button", { name: "Make a sound" }).click()
    await page.getByRole("heading", { name: /^Made after \d+ steps$/ }).waitFor()
    const made = await heard(page)
    expect(made.samples).toHaveLength(4000)
    expect(made.samples).not.toEqual(data.samples)
    expect(new Set(made.samples).size).toBeGreaterThan(20)

    await page.evaluate(axe.source)
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(".player"),
      )
      expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([])
    }

    const [run] = await runsOf(page)
    await page.reload()
    await untilState(page, "done")
    expect(await runsOf(page)).toEqual([run])
    expect(await fileOf(page, run, "sample.wav")).toMatch(/^RIFF/)
  })

  test("WAV files of one's own are trained on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "makewave-lab-sound-"))
    const [{ bytes }] = await makeTones()
    const files = ["a.wav", "b.wav"].map((name) => join(folder, name))
    for (const file of files) writeFileSync(file, bytes)
    const page = await opened()
    await page.getByRole("button", { name: "Your own list…" }).click()
    await page.getByLabel("A text file, a table, or WAV files").setInputFiles(files)
    await page.getByText("2 sounds").waitFor()
    await untilStep(page, 1)
    await page.getByRole("button", { name: "Make a sound" }).click()
    expect((await heard(page)).sampleRate).toBe(8000)

    writeFileSync(files[0], "no sound")
    await page.getByRole("button", { name: "Your own list…" }).click()
    await page.getByLabel("A text file, a table, or WAV files").setInputFiles(files)
    await page.getByRole("alert").filter({ hasText: "a.wav: " }).waitFor()
    await page.getByLabel("Preset").selectOption({ label: "GRU" })
    await untilStep(page, 1)
    rmSync(folder, { recursive: true })
  })
})
