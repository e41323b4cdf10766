/** The server of `makewave lab`: what it answers, to whom, and that it tells what happens to runs as it happens. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { request } from "node:http"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { sha256Of } from "../../src/data/download.ts"
import { parseLines } from "../../src/data/text.ts"
import type { Listing, RunChange } from "../../src/experiments/run-row.ts"
import { hashOf } from "../../src/runs/corpora/text-corpus.ts"
import { Feed } from "../../src/server/feed.ts"
import { type Lab, type LabOptions, openLab } from "../../src/server/lab-server.ts"
import { RunsFolder } from "../../src/server/runs-folder.ts"
import { beginMakewave, objects } from "../command-line.ts"
import { STEPS, writeRun } from "../written-runs.ts"
import { writePageStub } from "./page-stub.ts"

let folder = ""
let lab: Lab
const at = (...names: string[]) => join(folder, ...names)
const runs = (...names: string[]) => at("runs", ...names)
const metrics = (run: string) => runs(run, "metrics.jsonl")
const line = (object: object) => `${JSON.stringify(object)}\n`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-lab-"))
  writePageStub(at("page"))
  writeRun(runs("first"), { settings: { seed: 1 }, loss: 2.1, taken: 500 }, 1)
  writeRun(runs("wide", "a1"), { settings: { seed: 2 }, loss: 2 }, 2)
  writeFileSync(at("secret.txt"), "secret")
  await open()
})
afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true })
})

const open = async (options: Partial<LabOptions> = {}) => {
  await lab?.close()
  lab = await openLab({ folder: runs(), page: at("page"), port: 0, ...options })
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** A request as it is written: fetch would tidy the path, and choose the Host itself. */
function ask(path: string, { method = "GET", headers = {} as Record<string, string> } = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const asked = request({ host: "127.0.0.1", port: lab.port, path, method, headers }, (response) => {
    let text = ""
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk
    })
    response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }))
  })
  asked.on("error", reject).end()
  return promise
}
const json = async (path: string) => JSON.parse((await ask(path)).text)

/** What the server tells from now on. */
async function listen() {
  const changes: (RunChange & { after: number })[] = []
  const connected = Promise.withResolvers<Listing>()
  const begin = { time: 0 }
  const asked = request({ host: "127.0.0.1", port: lab.port, path: "/api/events" }, (response) => {
    let text = ""
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk
      const whole = text.split("\n\n")
      text = whole.pop()!
      const all = whole.find((each) => each.startsWith("event: all"))
      if (all) connected.resolve(JSON.parse(all.replace(/^event: all\ndata: /, "")))
      for (const each of whole.filter((each) => each.startsWith("data:")))
        changes.push({ ...JSON.parse(each.replace(/^data: /, "")), after: performance.now() - begin.time })
    })
    response.on("error", () => {})
  })
  asked.on("error", () => {}).end()
  const listing = await connected.promise
  const stop = () => asked.destroy()
  /** Waits for a change for which this holds; what came before is dropped. */
  const next = async (holds: (change: RunChange) => boolean) => {
    const until = performance.now() + 20_000
    for (;;) {
      const found = changes.findIndex(holds)
      if (found >= 0) return changes.splice(0, found + 1)[found]
      if (performance.now() > until) throw new Error(`nothing of that kind in ${JSON.stringify(changes)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const during = (act: () => void) => {
    begin.time = performance.now()
    act()
  }
  return { listing, changes, next, stop, during }
}

describe("the API", () => {
  test("lists runs by their paths in the folder, and broken ones with their problem", async () => {
    writeFileSync(runs("first", "config.json"), "{")
    const { rows, broken } = await json("/api/runs")
    expect(rows).toMatchObject([
      { run: "wide/a1", state: "finished", validation: 2, recipe: { seed: 2 }, taken: STEPS },
    ])
    expect(broken).toMatchObject([{ run: "first", problem: expect.stringContaining("not a valid config") }])
    expect((await ask("/api/runs")).headers["cache-control"]).toBe("no-store")
  })

  test("a folder that is a run itself has one of its name, and one that is made later has its runs then", async () => {
    await open({ folder: runs("first") })
    expect((await json("/api/runs")).rows).toMatchObject([{ run: "first" }])
    expect((await json("/api/runs/first")).files).toEqual(["config.json", "metrics.jsonl"])
    await open({ folder: at("later") })
    expect(await json("/api/runs")).toEqual({ rows: [], broken: [] })
    cpSync(runs(), at("later"), { recursive: true })
    expect((await json("/api/runs")).rows).toHaveLength(2)
  })

  test("metrics come from a byte on, in whole lines, and from the beginning where the file became shorter", async () => {
    const content = readFileSync(metrics("wide/a1"), "utf8")
    const path = "/api/runs/wide%2Fa1/metrics"
    expect(await json(path)).toEqual({ from: 0, text: content, next: content.length })
    expect(await json(`${path}?from=${content.length}`)).toEqual({
      ...{ from: content.length, text: "", next: content.length },
    })
    appendFileSync(metrics("wide/a1"), `${line({ step: 7, loss: 1 })}{"step":8,"lo`)
    const more = await json(`${path}?from=${content.length}`)
    expect(more).toEqual({
      from: content.length,
      text: line({ step: 7, loss: 1 }),
      next: content.length + 20,
    })
    const short = line({ step: 0, loss: 3 })
    writeFileSync(metrics("wide/a1"), short)
    expect(await json(`${path}?from=${more.next}`)).toEqual({
      ...{ from: 0, text: short, next: short.length, reset: true },
    })
    expect(await json(`${path}?from=3`)).toMatchObject({ from: 0, text: short, reset: true })
    for (const from of ["-1", "1.5", "x", "1e30"])
      expect((await ask(`${path}?from=${from}`)).status).toBe(400)
  })

  test("positions are bytes, and not characters", async () => {
    const members = [{ name: "å🌊", weight: 1, validation: 2 }]
    writeFileSync(metrics("first"), line({ step: 0, members }))
    const { next } = await json("/api/runs/first/metrics")
    expect(next).toBe(statSync(metrics("first")).size)
    appendFileSync(metrics("first"), line({ step: 1, loss: 1 }))
    expect(await json(`/api/runs/first/metrics?from=${next}`)).toMatchObject({
      ...{ from: next, text: line({ step: 1, loss: 1 }) },
    })
  })

  test("gives the files that runs have, and no others", async () => {
    const files = ["samples.txt", "checkpoint.safetensors", "list.txt", "sample-low.wav", "model.safetensors"]
    for (const file of [...files, "notes.txt", ".hidden", "lock.1"]) writeFileSync(runs("first", file), file)
    const { files: names } = await json("/api/runs/first")
    expect(names).toEqual([...files, "config.json", "metrics.jsonl"].sort())
    for (const name of files) expect((await ask(`/api/runs/first/${name}`)).text).toBe(name)
    const { headers } = await ask("/api/runs/first/samples.txt")
    expect(headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
    })
    for (const path of [
      "first/notes.txt",
      "first/.hidden",
      "first/lock.1",
      "none/config.json",
      "none",
      "wide",
    ])
      expect((await ask(`/api/runs/${path}`)).status, path).toBe(404)
  })
})

test("a file of a run is no page and no script of the lab, whatever its name", async () => {
  const lines = "alert(1)\nalert(2)\nalert(3)\n"
  const sha256 = await hashOf(parseLines(lines, { name: "things" }), [])
  for (const name of ["things.html", "things.js"]) {
    writeFileSync(at(name), lines)
    writeRun(runs("first"), {
      settings: { data: at(name) },
      loss: 2,
      config: { data: { lines: 3, sha256 } },
    })
    expect((await ask(`/api/runs/first/${name}`)).headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
  }
})

test("the list of a run is given away with its files, wherever it lies, and no other text in its place", async () => {
  const lines = "anna\nbob\nclara\n"
  writeFileSync(at("things.txt"), lines)
  const sha256 = await hashOf(parseLines(lines, { name: "things" }), [])
  const settings = { data: at("things.txt") }
  writeRun(runs("listed"), { settings, loss: 2, config: { data: { lines: 3, sha256 } } })
  expect((await json("/api/runs/listed")).files).toContain("things.txt")
  expect((await ask("/api/runs/listed/things.txt")).text).toBe(lines)
  expect((await ask("/api/runs/listed/secret.txt")).status).toBe(404)

  writeFileSync(runs("listed", "list.txt"), lines)
  renameSync(at("things.txt"), at("elsewhere.txt"))
  expect((await json("/api/runs/listed")).files).not.toContain("things.txt")
  expect((await ask("/api/runs/listed/things.txt")).status).toBe(404)
  rmSync(runs("listed", "list.txt"))

  writeFileSync(at("things.txt"), "something else\nthat the run did not see\n")
  expect((await json("/api/runs/listed")).files).not.toContain("things.txt")
  expect((await ask("/api/runs/listed/things.txt")).status).toBe(404)
})

test("so is a running text, in which blank lines count", async () => {
  const text = "The kettle hums,\n\n  the window fogs.\n"
  writeFileSync(at("poem.txt"), text)
  const sha256 = await sha256Of(new TextEncoder().encode(text))
  const settings = { data: at("poem.txt"), running: true }
  writeRun(runs("poem"), { settings, loss: 2, config: { data: { lines: text.length, sha256 } } })
  expect((await ask("/api/runs/poem/poem.txt")).text).toBe(text)
  writeFileSync(at("poem.txt"), text.replace("\n\n", "\n"))
  expect((await ask("/api/runs/poem/poem.txt")).status).toBe(404)
})

describe("what must not be read", () => {
  test.each([
    "../secret.txt",
    "..%2Fsecret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "first/../../secret.txt",
    "first/..%2F..%2Fsecret.txt",
    "first%2F..%2F../config.json",
    "first/config.json%00",
    "first%00/config.json",
    "first/%00",
    "first/config.json/",
    "%2Fetc/config.json",
    "..%5C..%5Cruns%5Cfirst/config.json",
    ".%2Ffirst/config.json",
    "first%2F/config.json",
    "wide%2F%2Fa1/config.json",
    "..%2Fruns%2Ffirst/config.json",
    "%ff/config.json",
    "%/config.json",
    "first/sample-..%2F..%2Fsecret.wav",
    "..%2Fmetrics/metrics",
    "..%2Fouter/metrics",
    "..%2Fouter",
  ])("/api/runs/%s is 404", async (path) => {
    cpSync(runs("first"), at("outer"), { recursive: true })
    const { status, text } = await ask(`/api/runs/${path}`)
    expect([status, text]).toEqual([404, "There is no such thing here.\n"])
  })

  test.each([
    "/../secret.txt",
    "/..%2Fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets",
    "/%00",
    "/index.html%00",
    "/%",
    "//etc/passwd",
    "/link.txt",
    "/assets/ort-wasm-none.wasm",
    "/assets/..%2f..%2fort-wasm-simd-threaded.wasm%00",
  ])("%s is 404", async (path) => {
    symlinkSync(at("secret.txt"), at("page", "link.txt"))
    expect((await ask(path)).status).toBe(404)
  })

  test("links out of the folder lead nowhere, and the list says so; those within it lead to their run", async () => {
    cpSync(runs("first"), at("outer"), { recursive: true })
    symlinkSync(at("outer"), runs("linked"))
    symlinkSync(at("secret.txt"), runs("first", "samples.txt"))
    symlinkSync(runs("first", "config.json"), runs("wide", "a1", "samples.txt"))
    for (const path of ["linked/config.json", "linked/metrics", "linked", "first/samples.txt"])
      expect((await ask(`/api/runs/${path}`)).status, path).toBe(404)
    expect((await ask("/api/runs/wide%2Fa1/samples.txt")).status).toBe(200)
    const { rows, broken } = await json("/api/runs")
    expect(rows.map(({ run }: { run: string }) => run).sort()).toEqual(["first", "wide/a1"])
    expect(broken).toMatchObject([{ run: "linked", problem: expect.stringContaining("a link out of") }])
  })

  test("a folder whose name begins as the runs' does is not within it", async () => {
    cpSync(runs("first"), at("runs-of-others"), { recursive: true })
    symlinkSync(at("runs-of-others"), runs("linked"))
    expect((await ask("/api/runs/linked/config.json")).status).toBe(404)
  })

  test("a pipe in place of a file is no file", async () => {
    const made = spawn("mkfifo", [runs("first", "samples.txt")])
    await once(made, "close")
    expect((await ask("/api/runs/first/samples.txt")).status).toBe(404)
  })
})

describe("who may ask", () => {
  test("a foreign Host is 403, also for the page", async () => {
    const foreign = ["example.com", "127.0.0.1.example.com", "localhost.example.com:1", "[::1]", "0.0.0.0"]
    for (const host of foreign)
      for (const path of ["/", "/api/runs", "/api/events"])
        expect((await ask(path, { headers: { host } })).status, host).toBe(403)
    for (const host of ["127.0.0.1", "localhost", `LOCALHOST:${lab.port}`, "localhost:9000"])
      expect((await ask("/", { headers: { host } })).status, host).toBe(200)
  })

  test("only reading is allowed", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
      for (const path of ["/", "/api/runs", "/api/runs/first/config.json", "/nothing"]) {
        const { status, headers } = await ask(path, { method })
        expect([status, headers.allow], method).toEqual([405, "GET, HEAD"])
      }
    for (const path of ["/", "/api/runs", "/api/events", "/api/runs/first/config.json"]) {
      const { status, text } = await ask(path, { method: "HEAD" })
      expect([status, text]).toEqual([200, ""])
    }
  })

  test("it listens at 127.0.0.1 alone", async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ address }) => address !== "127.0.0.1")
      .map(({ address, family, scopeid }) =>
        family === "IPv6" && scopeid ? `${address}%${scopeid}` : address,
      )
    for (const host of [...others, "127.0.0.2"]) {
      const asked = request({ host, port: lab.port, path: "/", timeout: 1000 })
      const reached = await new Promise((resolve) => {
        asked.on("response", () => resolve(true)).on("error", () => resolve(false))
        asked.on("timeout", () => resolve(false)).end()
      })
      asked.destroy()
      expect(reached, host).toBe(false)
    }
  })

  test("every answer has the policy and the headers that threads need", async () => {
    for (const path of [
      "/",
      "/api/runs",
      "/nothing",
      "/api/runs/x/config.json",
      "/assets/main-1a2B_c-4.js",
    ]) {
      const { headers } = await ask(path)
      expect(headers).toMatchObject({
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "x-content-type-options": "nosniff",
      })
      const policy = path.startsWith("/api/") ? "sandbox" : "script-src 'self' 'wasm-unsafe-eval'"
      expect(headers["content-security-policy"]).toContain(`default-src 'none'; ${policy};`)
      expect(headers["access-control-allow-origin"]).toBeUndefined()
    }
  })
})

describe("the page", () => {
  test("is marked as served, and only what has a hash is kept by the browser", async () => {
    for (const path of ["/", "/index.html"]) {
      const { text, headers } = await ask(path)
      expect(text).toContain('<title>lab</title><meta name="makewave-server" content="api/"></head>')
      expect(headers).toMatchObject({
        "cache-control": "no-cache",
        "content-type": "text/html; charset=UTF-8",
      })
    }
    const script = await ask("/assets/main-1a2B_c-4.js")
    expect(script.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": expect.stringContaining("text/javascript"),
    })
    expect((await ask("/sw.js")).headers["cache-control"]).toBe("no-cache")
    expect((await ask("/app.webmanifest")).headers["content-type"]).toContain("application/manifest+json")
  })

  test("the wasm comes from onnxruntime-web, unless the page has its own", async () => {
    const wasm = readFileSync("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm")
    for (const name of ["ort-wasm-simd-threaded", "ort-wasm-simd-threaded-Cx_2-bcA"]) {
      const { status, headers } = await ask(`/assets/${name}.wasm`, { method: "HEAD" })
      expect([status, headers["content-type"]]).toEqual([200, "application/wasm"])
      const answer = await fetch(`${lab.url}assets/${name}.wasm`)
      expect(wasm.equals(new Uint8Array(await answer.arrayBuffer()))).toBe(true)
    }
    writeFileSync(at("page/assets/ort-wasm-simd-threaded-Cx_2-bcA.wasm"), "own")
    expect((await ask("/assets/ort-wasm-simd-threaded-Cx_2-bcA.wasm")).text).toBe("own")
    expect((await ask("/assets/package.json")).status).toBe(404)
  })

  test("one that is not built is an error that says what builds it", async () => {
    await expect(openLab({ folder: runs(), page: at("nothing") })).rejects.toThrow(
      `${at("nothing")}: the lab's page is not built: run npm run build`,
    )
  })
})

describe("events", () => {
  const kinds: [string, Partial<LabOptions>][] = [
    ["as the system tells", {}],
    [
      "by looking, where the system does not tell",
      {
        watching: (() => {
          throw Object.assign(new Error("no more watches"), { code: "ENOSPC" })
        }) as never,
      },
    ],
  ]
  test.each(kinds)(
    "an appended line is told within 300 ms, and nothing that was there before: %s",
    async (_, options) => {
      await open(options)
      const { changes, next, stop, during } = await listen()
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect(changes).toEqual([])
      const late: number[] = []
      for (const [k, run] of ["first", "wide/a1", "first", "wide/a1", "first"].entries()) {
        const step = 2000 + k
        const { size } = statSync(metrics(run))
        during(() => appendFileSync(metrics(run), line({ step, loss: 1.5 })))
        const text = line({ step, loss: 1.5 })
        const { after, ...change } = await next((change) => change.run === run)
        expect(change).toMatchObject({ run, now: { run, taken: step + 1 }, metrics: { from: size, text } })
        late.push(after)
      }
      expect(late.sort((a, b) => a - b)[2]).toBeLessThan(300)
      stop()
    },
  )

  test("all runs are told at first, to each who listens", async () => {
    const both = [await listen(), await listen()]
    for (const { listing, stop } of both) {
      expect(listing).toEqual(await json("/api/runs"))
      expect(listing.rows).toHaveLength(2)
      stop()
    }
  })

  test("a line that is half written is told when it is whole", async () => {
    const { changes, next, stop } = await listen()
    appendFileSync(metrics("first"), '{"step":500,')
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(changes.filter((change) => change.now && change.metrics)).toEqual([])
    appendFileSync(metrics("first"), '"loss":1}\n')
    expect(await next((change) => change.now !== undefined && change.metrics !== undefined)).toMatchObject({
      metrics: { text: '{"step":500,"loss":1}\n' },
    })
    stop()
  })

  test("metrics that became shorter begin again", async () => {
    const { next, stop } = await listen()
    truncateSync(metrics("first"), readFileSync(metrics("first"), "utf8").indexOf("\n") + 1)
    expect(await next(({ run }) => run === "first")).toMatchObject({
      metrics: { from: 0, reset: true, text: line({ step: 0, loss: 2, mean: 2.05, rate: 0.1 }) },
    })
    stop()
  })

  test("runs that begin, move and go are told, also those of a sweep", async () => {
    const { next, stop } = await listen()
    writeRun(runs("second"), { settings: { seed: 3 }, loss: 1.9 })
    expect(
      await next(({ run, now }) => run === "second" && now !== undefined && "recipe" in now),
    ).toMatchObject({
      now: { recipe: { seed: 3 } },
    })
    mkdirSync(runs("new-sweep"))
    await new Promise((resolve) => setTimeout(resolve, 50))
    writeRun(runs("new-sweep", "b1"), { settings: { seed: 4 }, loss: 1.9 })
    await next(({ run }) => run === "new-sweep/b1")
    renameSync(runs("first"), runs("renamed"))
    await next(({ run }) => run === "renamed")
    await next(({ run, now }) => run === "first" && now === undefined)
    rmSync(runs("wide"), { recursive: true })
    await next(({ run, now }) => run === "wide/a1" && now === undefined)
    writeFileSync(runs("second", "config.json"), "{")
    await next(({ now }) => now !== undefined && "problem" in now)
    stop()
  })

  test("a run is training while a process has its lock, and stopped when that was killed", async () => {
    const { next, stop } = await listen()
    const holding = `
      import { lockFolder } from ${JSON.stringify(join(process.cwd(), "src/runs/lock.ts"))}
      await lockFolder(${JSON.stringify(runs("first"))})
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ["--input-type=module", "--eval", holding])
    const stateOf = (state: string) => (change: RunChange) =>
      change.run === "first" &&
      change.now !== undefined &&
      "state" in change.now &&
      change.now.state === state
    await next(stateOf("training"))
    child.kill("SIGKILL")
    await next(stateOf("stopped"))
    expect(readdirSync(runs("first")).some((name) => name.startsWith("lock."))).toBe(true)
    stop()
  })

  test("a folder of runs that is made later is noticed", async () => {
    await open({ folder: at("later") })
    const { next, stop } = await listen()
    cpSync(runs("first"), at("later/first"), { recursive: true })
    await next(({ run }) => run === "first")
    stop()
  })
})

test("who begins to listen while the only other stops is told what happens", async () => {
  const feed = new Feed(new RunsFolder(runs()))
  const only = await feed.listen(() => {})
  const told: string[] = []
  const beginning = feed.listen(({ run }) => told.push(run))
  only.stop()
  const { stop } = await beginning
  appendFileSync(metrics("first"), line({ step: 500, loss: 1 }))
  await expect.poll(() => told).toContain("first")
  stop()
})

test("nothing is written to the disk", async () => {
  const state = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .map((path) => [path, statSync(path).mtimeMs, readFileSync(path, "utf8")])
      .sort()
  const before = state()
  const { stop } = await listen()
  for (const path of [
    "/",
    "/api/runs",
    "/api/runs/first",
    "/api/runs/first/metrics",
    "/api/runs/first/config.json",
  ])
    await ask(path)
  for (const method of ["POST", "PUT", "DELETE"]) await ask("/api/runs/first/samples.txt", { method })
  await new Promise((resolve) => setTimeout(resolve, 100))
  stop()
  expect(state()).toEqual(before)
})

describe("the command", () => {
  const isBuilt = existsSync("dist/lab/index.html")

  test.skipIf(!isBuilt)("serves a folder until Ctrl-C", async () => {
    const { child, said, ended } = beginMakewave(
      ["lab", "runs", "--no-open", "--json", "--port", "0"],
      folder,
    )
    while (!said.stdout.includes("\n")) await once(child.stdout, "data")
    const [{ url, port, folder: of }] = objects(said.stdout)
    const address = `http://127.0.0.1:${port}/`
    expect([url, of]).toEqual([`${address}#view=runs`, "runs"])
    const { rows } = await (await fetch(`${address}api/runs`)).json()
    expect(rows).toHaveLength(2)
    const events = await fetch(`${address}api/events`)
    child.kill("SIGINT")
    expect((await ended).code).toBe(0)
    await expect(events.text()).rejects.toThrow()
  })

  test("a port that is taken is a sentence, or the next one where none was asked for", async () => {
    const both = [
      await openLab({ folder: runs(), page: at("page") }),
      await openLab({ folder: runs(), page: at("page") }),
    ]
    expect(both[1].port).toBeGreaterThan(both[0].port)
    const { port } = both[0]
    await expect(openLab({ folder: runs(), page: at("page"), port })).rejects.toThrow(
      `--port ${port}: another program has this port: name another, or leave the flag out`,
    )
    for (const each of both) await each.close()
  })

  test("a folder that is not there is an error", async () => {
    const { ended } = beginMakewave(["lab", "nowhere", "--no-open"], folder)
    expect(await ended).toMatchObject({
      code: 1,
      stderr: "error: nowhere: there is no such folder: give one that has runs, such as runs\n",
    })
  })
})
