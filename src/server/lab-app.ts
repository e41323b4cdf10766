/**
 * The server of `makewave lab` as a function of a request: the built page, and an API that reads runs. Other computers, and pages of
 * others that guess its address (DNS rebinding), get nothing, and there is nothing to change.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { readFile } from "node:fs/promises"
import { Hono, type MiddlewareHandler } from "hono"
import { streamSSE } from "hono/streaming"
import { getMimeType } from "hono/utils/mime"
import { fileOfPage, isHashed, markedPage } from "./built-page.ts"
import type { Feed } from "./feed.ts"
import type { RunsFolder } from "./runs-folder.ts"

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "media-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

/** A run may come from anybody: a file of it that is opened in a tab, such as a picture, runs no script and is not of the lab's origin. */
const policyOfRuns = "default-src 'none'; sandbox; frame-ancestors 'none'"

/** The second and the third let the page use threads. */
const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

export interface LabParts {
  /** The folder of the built page. */
  readonly page: string
  readonly runs: RunsFolder
  readonly feed: Feed
}

export function labApp({ page, runs, feed }: LabParts): Hono {
  const app = new Hono()
  app.use(answerOnlyHere)

  const api = new Hono()
  api.use(async (context, next) => {
    await next()
    context.header("cache-control", "no-store")
    context.header("content-security-policy", policyOfRuns)
  })
  api.get("/runs", async (context) => context.json(await runs.list()))
  api.get("/runs/:run", async (context) => {
    const files = await runs.filesOf(context.req.param("run"))
    return files ? context.json({ files }) : context.notFound()
  })
  api.get("/runs/:run/metrics", async (context) => {
    const from = Number(context.req.query("from") ?? 0)
    if (!Number.isSafeInteger(from) || from < 0) return context.text("from: give a number of bytes\n", 400)
    const part = await runs.metrics(context.req.param("run"), from)
    return part ? context.json(part) : context.notFound()
  })
  api.get("/runs/:run/:file", async (context) => {
    const { run, file } = context.req.param()
    const bytes = await runs.read(run, file)
    const type = /\.(json|jsonl|txt|svg|wav)$/.test(file) ? typeOf(file) : BYTES // a list may be named x.js
    return bytes ? context.body(bytes, 200, { "content-type": type }) : context.notFound()
  })
  api.get("/events", async (context) => {
    if (context.req.raw.method === "HEAD")
      return context.body(null, 200, { "content-type": "text/event-stream" })
    const waiting: object[] = []
    let tell = (change: object): unknown => waiting.push(change)
    const { listing, stop } = await feed.listen((change) => tell(change))
    return streamSSE(context, async (stream) => {
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve))
      await stream.writeSSE({ event: "all", data: JSON.stringify(listing) })
      tell = (change) => stream.writeSSE({ data: JSON.stringify(change) })
      waiting.forEach(tell)
      await ended
      stop()
    })
  })
  app.route("/api", api)

  app.get("*", async (context) => {
    const pathname = decoded(new URL(context.req.url).pathname)
    const path = pathname && (await fileOfPage(page, pathname))
    if (!pathname || !path) return context.notFound()
    context.header("cache-control", isHashed(pathname) ? "public, max-age=31536000, immutable" : "no-cache")
    if (path.endsWith("index.html")) return context.html(markedPage(path))
    return context.body(await readFile(path), 200, { "content-type": typeOf(path) })
  })
  app.notFound((context) => context.text("There is no such thing here.\n", 404))
  app.onError((error, context) => {
    console.error(error)
    return context.text("This did not work.\n", 500)
  })
  return app
}

/** Refuses other names of this computer than its own, and everything but reading. */
const answerOnlyHere: MiddlewareHandler = async (context, next) => {
  for (const [name, value] of Object.entries(headers)) context.header(name, value)
  const host = context.req.header("host") ?? ""
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host))
    return context.text(`The lab answers at 127.0.0.1 and localhost only.\n`, 403)
  if (!["GET", "HEAD"].includes(context.req.method))
    return context.text("The lab is for reading.\n", 405, { allow: "GET, HEAD" })
  await next()
}

const BYTES = "application/octet-stream"

const typeOf = (name: string): string => {
  if (/\.(jsonl|txt)$/.test(name)) return "text/plain; charset=utf-8"
  return getMimeType(name) ?? BYTES
}

function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return undefined
  }
}
