/** The page of the lab on a static site: what it asks for, what it keeps, and that it needs nobody after one visit. */
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { Page } from "playwright"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { namesAsText } from "../../lab/build/names-as-text.ts"
import { chromium } from "../requirements.ts"
import { eventually, type Lab, openLab, PATIENCE, untilStep, visit } from "./page.ts"

/** Waits until the browser keeps the page. */
const untilKept = (page: Page) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready
    while (active?.state !== "activated") await new Promise((resolve) => setTimeout(resolve, 20))
  })

test.each(["en", "fr", "tr"])("the names of the package are the same as a text: %s", async (language) => {
  const file = createRequire(import.meta.url).resolve(`gender-detection-from-name/names/${language}.js`)
  const load = namesAsText().load as (id: string) => string
  const { default: names } = await import(`data:text/javascript,${encodeURIComponent(load(file))}`)
  const { default: expected } = await import(/* @vite-ignore */ file)
  expect([...names]).toEqual([...expected])
  expect(names.size).toBeGreaterThan(100)
})

describe.skipIf(!chromium)("the page", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  test("trains under a sub-path and its policy, and asks for nothing beside it", async () => {
    const context = await lab.newProfile()
    const page = await visit(context, lab)
    await untilStep(page, 20)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
    const refused = await page.evaluate(async () => {
      const refused = new Set<string>()
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        refused.add(effectiveDirective)
      })
      await fetch("https://example.com").catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 100))
      return [...refused]
    })
    expect(refused).toEqual(["connect-src"])
    context.faults.length = 0
    await context.close()
    expect(lab.asked.filter((path) => !path.startsWith("/sites/lab/"))).toEqual([])
  })

  test("lists all its files to keep, and the caches of other pages stay", async () => {
    const context = await lab.newProfile()
    const page = await context.newPage()
    await page.goto(`${lab.url}icon.svg`)
    await page.evaluate(async () => {
      await caches.open("of another page")
      await caches.open(`makewave-lab ${location.origin}/elsewhere/ 1`)
      await caches.open(`makewave-lab ${new URL("./", location.href).href} older`)
    })
    await page.goto(lab.url)
    await untilStep(page, 1)
    await untilKept(page)
    const [names, kept] = await page.evaluate(async () => {
      const names = await caches.keys()
      const own = names.find((name) => /sites\/lab\/ [0-9a-f]{12}$/.test(name))!
      const requests = await (await caches.open(own)).keys()
      return [names, requests.map(({ url }) => url)]
    })
    expect(names).toHaveLength(3)
    expect(names).toContain("of another page")
    expect(names.join()).not.toContain("older")
    const files = readdirSync(lab.folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && !["index.html", "sw.js"].includes(each.name))
      .map(({ parentPath, name }) => lab.url + join(parentPath, name).slice(lab.folder.length + 1))
    expect(kept.sort()).toEqual([lab.url, ...files].sort())
    expect(context.faults).toEqual([])
    await context.close()
  })

  test("has the headers that threads need at its second visit, from the service worker", async () => {
    const context = await lab.newProfile()
    const page = await visit(context, lab)
    await untilStep(page, 1)
    await untilKept(page)
    await page.reload()
    await untilStep(page, 1)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    expect(context.faults).toEqual([])
    await context.close()
  })

  test("is not replaced under an open page by a newer one", () => {
    expect(readFileSync(join(lab.folder, "sw.js"), "utf8")).not.toContain("skipWaiting")
  })

  test("trains with the server gone after one visit, in every view", async () => {
    const context = await lab.newProfile()
    const first = await visit(context, lab)
    await untilStep(first, 1)
    await untilKept(first)
    await first.evaluate(() => localStorage.clear())
    await first.close()
    await lab.closeServer()
    const page = await visit(context, lab, "v=1&steps=30&data=languages&view=train")
    await eventually(() => page.locator(".settings").textContent()).toContain("languages, 85")
    await untilStep(page, 1)
    for (const view of ["Runs", "Lecture"]) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("button", { name: view }).click()
      await page.locator(`main.${view.toLowerCase()}`).waitFor()
    }
    await page.goto(`${lab.url}index.html`)
    await untilStep(page, 1)
    expect(context.faults).toEqual([])
    await context.close()
  })
})
