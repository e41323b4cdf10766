/** The page of the lab as it is built, on a small server under a sub-path, and a browser to open it in. */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { promisify } from "node:util"
import { type BrowserContext, type BrowserContextOptions, chromium as launcher, type Page } from "playwright"
import { expect, inject, onTestFinished } from "vitest"
import type { Metrics } from "../../src/runs/metrics.ts"
import { chromium } from "../requirements.ts"

/** The milliseconds that a test of the page may take while another builds it. */
export const PATIENCE = 120_000

/** Builds the page unless another test has, and waits for one that does. */
export async function builtPage(): Promise<string> {
  const folder = inject("labFolder")
  const [page, built] = [join(folder, "page"), join(folder, "built")]
  try {
    mkdirSync(join(folder, "building"))
  } catch {
    while (!existsSync(built)) await new Promise((resolve) => setTimeout(resolve, 100))
    return page
  }
  // Vitest's own environment would make it a page of tests.
  const { NODE_ENV, VITEST, ...env } = process.env
  const vite = join("node_modules", "vite", "bin", "vite.js")
  const args = [vite, "build", "lab", "--outDir", page, "--logLevel", "error"]
  try {
    await promisify(execFile)(process.execPath, args, { env })
  } finally {
    writeFileSync(built, "")
  }
  return page
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
}

/** Where the page lies on the server, as a static site does that is one of several. */
const PATH = "/sites/lab/"

export type Lab = Awaited<ReturnType<typeof openLab>>

export async function openLab() {
  const folder = await builtPage()
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(
    readFileSync(join(folder, "index.html"), "utf8"),
  )![1]
  const asked: string[] = []
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost")
    // A browser asks for it with any file that it opens alone.
    if (pathname === "/favicon.ico") return response.writeHead(204).end()
    asked.push(pathname)
    const file = pathname.startsWith(PATH) ? pathname.slice(PATH.length) || "index.html" : "none"
    const path = join(folder, file)
    if (!existsSync(path)) return response.writeHead(404).end()
    // A worker is held to the policy that comes with it, not to that of the page.
    const headers = { "content-type": types[extname(file)] ?? "application/octet-stream" }
    response.writeHead(200, { ...headers, "content-security-policy": policy }).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const browser = await launcher.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
  })
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  return {
    folder,
    /** The paths that the server was asked for. */
    asked,
    url: `${origin}${PATH}`,
    /** Ends the server. The browser goes on. */
    closeServer: close,
    async close() {
      await browser.close()
      await close()
    },
    /** A browser's profile of its own, without files of an earlier one. What goes wrong in its pages is in `faults`. */
    async newProfile(options: BrowserContextOptions = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      context.setDefaultTimeout(PATIENCE)
      const faults: string[] = []
      context.on("request", (request) => {
        const url = new URL(request.url())
        if (url.origin !== origin && !["blob:", "data:"].includes(url.protocol))
          faults.push(`asked ${request.url()}`)
      })
      context.on("weberror", (error) => faults.push(`${error.error().message}`))
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") faults.push(message.text())
      })
      return Object.assign(context, { faults })
    },
  }
}

/** A profile for one test, which closes after it. Nothing may have gone wrong in its pages. */
export async function profileOf(lab: Lab, options?: BrowserContextOptions) {
  const context = await lab.newProfile(options)
  onTestFinished(() => context.close())
  onTestFinished(() => expect(context.faults).toEqual([]))
  return context
}

/** Opens the page with this after its #, in a tab of its own. */
export async function visit(context: BrowserContext, lab: Lab, hash = ""): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${lab.url}${hash && `#${hash}`}`)
  return page
}

/** `expect.poll`, with the time that a busy machine needs. */
export const eventually = <T>(get: () => T) => expect.poll(get, { timeout: PATIENCE })

/** What the header says the training does. */
const stateOf = (page: Page) => page.locator(".state")

/** Waits until the header says so; an error with the sentence if the training stops before. */
export async function untilState(page: Page, state: string): Promise<void> {
  await until(page, async () => (await stateOf(page).textContent()) === state)
}

/** The number of steps taken, as the header shows it. */
export async function stepsOf(page: Page): Promise<number> {
  const text = await page.locator(".figures dd").first().textContent()
  return Number(text?.replaceAll(",", ""))
}

/** Waits until so many steps are taken. */
export async function untilStep(page: Page, step: number): Promise<void> {
  await until(page, async () => (await stepsOf(page)) >= step)
}

async function until(page: Page, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    const said = await page.getByRole("alert").allTextContents()
    if (said.length > 0) throw new Error(`the page says: ${said.join(" ")}`)
    await page.waitForTimeout(50)
  }
}

/** The names of the runs that the browser keeps. */
export const runsOf = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const runs = await root.getDirectoryHandle("runs", { create: true })
    const names: string[] = []
    for await (const name of runs.keys()) names.push(name)
    return names
  })

/** A file of a run; "" if there is none. */
export const fileOf = (page: Page, run: string, file: string): Promise<string> =>
  page.evaluate(
    async ([run, file]) => {
      const root = await navigator.storage.getDirectory()
      const runs = await root.getDirectoryHandle("runs", { create: true })
      const folder = await runs.getDirectoryHandle(run)
      const handle = await folder.getFileHandle(file).catch(() => undefined)
      return (await handle?.getFile())?.text() ?? ""
    },
    [run, file],
  )

/** The losses that the only run of the browser has logged, by step. */
export async function lossesOf(page: Page): Promise<number[]> {
  const [run] = await runsOf(page)
  const lines = (await fileOf(page, run, "metrics.jsonl")).trim().split("\n")
  const metrics = lines.filter((line) => line !== "").map((line): Metrics => JSON.parse(line))
  return metrics.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))
}
