/**
 * What is on the disk after a power cut: a write may be lost until its file is synced, a new name until its folder is. The calls of a run
 * to the file system are recorded in order, and at each moment what must have survived is enough to resume.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { decodeCheckpoint } from "../src/runs/checkpoint.ts"
import { readMetrics } from "../src/runs/metrics.ts"
import { Run } from "../src/runs/run.ts"
import { runTraining } from "../src/runs/run-training.ts"
import { THINGS } from "./command-line.ts"

let folder = ""
let run = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-power-"))
  run = join(folder, "run")
  writeFileSync(join(folder, "things.txt"), THINGS)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/**
 * Records the calls on the files of a run, such as "write config.json.tmp"; `renamed` sees each file that has just got its name. The
 * clock stands still, so that no second passes, after which metrics are written.
 */
function record(renamed: (name: string) => void = () => {}): string[] {
  vi.spyOn(performance, "now").mockReturnValue(0)
  const calls: string[] = []
  const { open, rename, appendFile, truncate } = fs
  const nameOf = (path: unknown) => basename(String(path)).replace(/^\.(.+)\.[\da-f-]{36}\.tmp$/, "$1.tmp")
  const isOurs = (path: unknown) => String(path).startsWith(run) && !nameOf(path).startsWith("lock.")
  vi.spyOn(fs, "open").mockImplementation(async (...given) => {
    const file = await open(...given)
    if (!isOurs(given[0])) return file
    const name = nameOf(given[0])
    const { writeFile, sync, close } = file
    file.writeFile = (...content) => {
      calls.push(`write ${name}`)
      return writeFile.apply(file, content)
    }
    file.sync = () => {
      calls.push(`sync ${name}`)
      return sync.call(file)
    }
    file.close = () => {
      calls.push(`close ${name}`)
      return close.call(file)
    }
    return file
  })
  vi.spyOn(fs, "rename").mockImplementation(async (from, to) => {
    await rename(from, to)
    calls.push(`rename ${nameOf(from)} to ${nameOf(to)}`)
    renamed(nameOf(to))
  })
  vi.spyOn(fs, "appendFile").mockImplementation(async (path, content, options) => {
    await appendFile(path, content, options)
    const isSynced = typeof options === "object" && options?.flush === true
    calls.push(`append ${nameOf(path)}`, ...(isSynced ? [`sync ${nameOf(path)}`] : []))
  })
  vi.spyOn(fs, "truncate").mockImplementation(async (path, length) => {
    await truncate(path, length)
    calls.push(`truncate ${nameOf(path)}`)
  })
  return calls
}

const replaced = (name: string) => [
  `write ${name}.tmp`,
  `sync ${name}.tmp`,
  `close ${name}.tmp`,
  `rename ${name}.tmp to ${name}`,
  "sync run",
  "close run",
]
const appended = ["append metrics.jsonl", "sync metrics.jsonl"]

const given = { model: "flat", context: 2, hidden: 3, steps: 20, logEvery: 5, checkpointEvery: 10 } as const
const takeAll = async (request: Parameters<typeof runTraining>[0]) => {
  for await (const _ of runTraining({ ...request, every: 1 }));
}

test("a file is synced before its name, metrics before the checkpoint that counts them, and a name at once", async () => {
  const data = join(folder, "things.txt")
  let flushed = 0
  const counted: Promise<void>[] = []
  const calls = record((name) => {
    if (name !== "checkpoint.safetensors") return
    const there = readFileSync(join(run, "metrics.jsonl")).length
    const bytes = new Uint8Array(readFileSync(join(run, name)))
    counted.push(
      decodeCheckpoint(bytes, name).then(({ metricsBytes }) => {
        expect(metricsBytes).toBe(there)
        flushed++
      }),
    )
  })
  await takeAll({ given: { ...given, data }, out: run })
  expect(calls).toEqual([
    ...replaced("config.json"),
    ...appended,
    ...replaced("checkpoint.safetensors"),
    ...appended,
    ...replaced("checkpoint.safetensors"),
    ...replaced("samples.txt"),
    ...appended, // the losses at the end
  ])
  await Promise.all(counted)
  expect(flushed).toBe(2)
})

test("a resumed run truncates its metrics before it appends, and replaces its config atomically", async () => {
  const data = join(folder, "things.txt")
  await takeAll({ given: { ...given, data }, out: run })
  const calls = record()
  await takeAll({ given: { steps: 25 }, resume: run })
  expect(calls).toEqual([
    "truncate metrics.jsonl",
    ...replaced("config.json"),
    ...appended,
    ...replaced("checkpoint.safetensors"),
    ...replaced("samples.txt"),
    ...appended,
  ])
})

test("logged losses reach the disk within about a second, without a checkpoint", async () => {
  const data = join(folder, "things.txt")
  await takeAll({ given: { ...given, data }, out: run })
  const resumed = await Run.resume(run)
  await resumed.goOn()
  const before = (await readMetrics(run)).length
  const begin = performance.now()
  const now = vi.spyOn(performance, "now").mockReturnValue(begin + 500)
  await resumed.log({ step: 20, loss: 1 })
  expect(await readMetrics(run)).toHaveLength(before)
  now.mockReturnValue(begin + 1500)
  await resumed.log({ step: 21, loss: 1 })
  expect(await readMetrics(run)).toHaveLength(before + 2)
  await resumed.close()
})
