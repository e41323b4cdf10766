/** Export to MLflow: which requests are made, and that a run which is there already is not there twice. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makewaveHere, objects } from "./command-line.ts"
import { startMlflow } from "./mlflow-server.ts"
import { STEPS, writeRun } from "./written-runs.ts"

let folder = ""
const at = (...names: string[]) => join(folder, ...names)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-mlflow-"))
  writeRun(at("wide/a"), { settings: { hidden: 64, milestones: [1, 2] }, loss: 2.25 })
  writeRun(at("wide/b"), { settings: { hidden: 32 }, loss: 2.5, taken: 500 })
  writeRun(at("wide/deeper/c"), { settings: { model: "ngram", order: 3 }, loss: 2 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const makewave = (out: string, ...args: string[]) =>
  makewaveHere(["report", "wide", "--out", out, ...args], folder)
const counts = async (out: string) => objects((await makewave(out, "--json")).stdout)[0]

test("a run has its recipe as parameters, its curves as metrics with their steps and times, and its state", async () => {
  const server = await startMlflow()
  expect(await makewave(server.url)).toMatchObject({
    code: 0,
    stdout: "experiment wide: 3 runs new, 0 continued, 0 unchanged\n",
  })
  expect(server.experiments).toEqual(["wide"])
  const runs = Object.fromEntries(server.runs.map((run) => [run.name, run]))
  expect(Object.keys(runs).sort()).toEqual(["a", "b", "deeper/c"])
  expect(runs.a).toMatchObject({
    params: { model: "flat", hidden: "64", milestones: "1,2", parameters: "100", seed: "42" },
    tags: { "makewave.model": "flat", "makewave.data": "things.txt", "makewave.folder": "wide/a" },
    status: "FINISHED",
    start: 1.7e12 - 12_500,
    end: 1.7e12,
  })
  const curve = (key: string) => runs.a.metrics.filter((point) => point.key === key)
  expect(curve("validation")).toEqual([
    { key: "validation", value: 2.45, step: 500, timestamp: 1.7e12 - 6250 },
    { key: "validation", value: 2.25, step: 1000, timestamp: 1.7e12 },
  ])
  expect(curve("loss").map(({ step }) => step)).toEqual(Array.from({ length: 10 }, (_, k) => 100 * k))
  expect([runs.b.status, runs["deeper/c"].status]).toEqual(["KILLED", "FINISHED"])
  server.close()
})

test("a run that is resumed with more steps is the same run", async () => {
  const server = await startMlflow()
  await counts(server.url)
  const config = at("wide/b/config.json")
  writeFileSync(config, readFileSync(config, "utf8").replace('"steps": 1000', '"steps": 2000'))
  appendFileSync(at("wide/b/metrics.jsonl"), `${JSON.stringify({ step: 600, validation: 2.375 })}\n`)
  expect(await counts(server.url)).toMatchObject({ created: 0, continued: 1, unchanged: 2 })
  server.close()
})

test("a run that had ended and is resumed has other lines from its last one on, and all of them arrive", async () => {
  const server = await startMlflow()
  await counts(server.url)
  const [config, metrics] = [at("wide/a/config.json"), at("wide/a/metrics.jsonl")]
  writeFileSync(config, readFileSync(config, "utf8").replace('"steps": 1000', '"steps": 2000'))
  const kept = readFileSync(metrics, "utf8").trimEnd().split("\n").slice(0, -1) // as resuming does
  const exported = async (...lines: object[]) => {
    writeFileSync(metrics, [...kept, ...lines.map((line) => JSON.stringify(line)), ""].join("\n"))
    return counts(server.url)
  }
  await exported()
  const [loss, further] = [1000, 1100].map((step) => ({ step, loss: 0.75, mean: 0.75, rate: 0.1 }))
  expect(await exported(loss)).toMatchObject({ created: 0, continued: 1, unchanged: 2 })
  expect(await exported(loss)).toMatchObject({ created: 0, continued: 0, unchanged: 3 })
  expect(await exported(loss, further)).toMatchObject({ created: 0, continued: 1, unchanged: 2 })
  const { metrics: points } = server.runs.find(({ name }) => name === "a")!
  const steps = (key: string) => points.filter((point) => point.key === key).map(({ step }) => step)
  expect(steps("loss")).toEqual([...Array.from({ length: 10 }, (_, k) => 100 * k), 1000, 1100])
  expect(steps("validation")).toEqual([500, 1000])
  server.close()
})

test("the members of an ensemble are no metric, which is a number", async () => {
  const server = await startMlflow()
  writeRun(at("wide/e"), { settings: { model: "ensemble", members: "a" }, loss: 1.9 })
  expect((await makewave(server.url)).code).toBe(0)
  const { metrics } = server.runs.find(({ name }) => name === "e")!
  expect(metrics.map(({ key }) => key).sort()).toEqual(["seconds", "train", "validation"])
  server.close()
})

test("exported again, nothing is there twice; a run that went on gets the rest, and another run of the same name is a new one", async () => {
  const server = await startMlflow()
  expect(await counts(server.url)).toMatchObject({ created: 3, continued: 0, unchanged: 0 })
  const before = structuredClone(server.runs)
  expect(await counts(server.url)).toMatchObject({ created: 0, continued: 0, unchanged: 3 })
  expect(server.runs).toEqual(before)
  appendFileSync(
    at("wide/b/metrics.jsonl"),
    `${JSON.stringify({ step: STEPS, validation: 2.375, seconds: 9 })}\n`,
  )
  expect(await counts(server.url)).toMatchObject({ created: 0, continued: 1, unchanged: 2 })
  const b = server.runs.find(({ name }) => name === "b")!
  expect(b.status).toBe("FINISHED")
  expect(b.metrics.filter(({ key }) => key === "validation").map(({ value }) => value)).toEqual([
    2.7, 2.5, 2.375,
  ])
  writeRun(at("wide/a"), { settings: { hidden: 48 }, loss: 2 })
  expect(await counts(server.url)).toMatchObject({ created: 1, continued: 0, unchanged: 2 })
  server.close()
})

test("an export that was cut short goes on, at whatever request that was", async () => {
  const whole = await startMlflow()
  await makewave(whole.url)
  const shown = ({ runs }: typeof whole) =>
    runs.map(({ name, params, metrics, status }) => JSON.stringify({ name, params, metrics, status })).sort()
  for (let failAfter = 1; failAfter < whole.state.requests; failAfter++) {
    const server = await startMlflow({ failAfter })
    expect((await makewave(server.url)).code).toBe(1)
    server.state.failAfter = Infinity
    expect((await makewave(server.url)).code).toBe(0)
    expect(shown(server), `cut after ${failAfter} requests`).toEqual(shown(whole))
    server.close()
  }
  whole.close()
})

test("long metrics are sent in parts that the server takes", async () => {
  const text = readFileSync(at("wide/a/metrics.jsonl"), "utf8")
  const more = Array.from({ length: 1500 }, (_, k) =>
    JSON.stringify({ step: k, loss: 1 + k, mean: 2, rate: 0.1 }),
  )
  writeFileSync(at("wide/a/metrics.jsonl"), `${more.join("\n")}\n${text}`)
  const server = await startMlflow()
  expect(await makewave(server.url)).toMatchObject({ code: 0 })
  const { metrics, tags } = server.runs.find(({ name }) => name === "a")!
  expect(metrics.filter(({ key }) => key === "loss")).toHaveLength(1510)
  expect(tags["makewave.lines"]).toBe("1512")
  server.close()
})

test("a name and password in the address are sent, and not shown", async () => {
  const server = await startMlflow({ password: "me:p@ss" })
  expect((await makewave(server.url)).stderr).toBe(
    `error: ${server.url}: it wants a name and password (401): give them as in http://NAME:PASSWORD@${new URL(server.url).host}\n`,
  )
  expect((await makewave(server.url.replace("//", "//me:p%40ss@"))).code).toBe(0)
  const wrong = await makewave(server.url.replace("//", "//me:guess@"))
  expect(wrong.stderr).not.toContain("guess")
  server.close()
})

test("what is no MLflow server, and one that refuses, is told in a sentence", async () => {
  const other = createServer((_, response) => response.writeHead(200).end("<html>Hello</html>"))
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  expect((await makewave(url)).stderr).toBe(
    `error: ${url}: it does not answer as an MLflow server does (experiments/get-by-name: 200): give the address of one, such as http://127.0.0.1:5000\n`,
  )
  await new Promise((resolve) => other.close(resolve))
  expect((await makewave(url)).stderr).toBe(
    `error: ${url}: no server answers there (ECONNREFUSED): start one with mlflow server, or give its address\n`,
  )
  const server = await startMlflow()
  writeRun(at("wide/a"), { settings: { data: "x".repeat(7000) }, loss: 2 })
  expect((await makewave(server.url)).stderr).toMatch(
    /^error: http:\S+: MLflow refuses runs\/create: .* \(INVALID_PARAMETER_VALUE\)\n$/,
  )
  server.close()
})
