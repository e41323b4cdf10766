/** The contract of what trains trials: processes of this machine, and workers that take them from a queue in Redis. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openPool } from "../src/experiments/pool.ts"
import { openQueue } from "../src/experiments/queue.ts"
import { PREFIX } from "../src/experiments/queued-trial.ts"
import { takeTrials } from "../src/experiments/take-trials.ts"
import { type Outcome, type Trial, trainTrial } from "../src/experiments/trial.ts"
import { WorkerLostError, type Workers } from "../src/experiments/workers.ts"
import { THINGS } from "./command-line.ts"
import { hasRedis, RedisServer } from "./redis.ts"

/** A tiny network, trained for long enough to be interrupted. */
const tiny = { model: "mlp", context: 4, embedding: 2, hidden: 4, steps: 60, checkpointEvery: 20 } as const
const long = { ...tiny, steps: 200_000, checkpointEvery: 100, logEvery: 1000, evaluateEvery: 0 }

interface Place {
  open(folderOf: (trial: Trial) => string): Promise<Workers>
  close(): Promise<void>
}

const inPool: Place = { open: async (folderOf) => openPool(folderOf, { count: 1 }), close: async () => {} }

/** A queue with one worker. */
async function inQueue(server: RedisServer): Promise<Place> {
  const stopping = new AbortController()
  const working = takeTrials(server.url, { count: 1, signal: stopping.signal })
  return {
    open: (folderOf) => openQueue(server.url, folderOf),
    async close() {
      stopping.abort()
      await working
      const client = server.connect()
      await client.flushall()
      client.disconnect()
    },
  }
}

let server: RedisServer
beforeAll(async () => {
  if (hasRedis) server = await RedisServer.start()
})
afterAll(() => server?.remove())

const places = { pool: async () => inPool, ...(hasRedis && { queue: () => inQueue(server) }) }

describe.each(Object.entries(places))("a %s", (_, find) => {
  let folder = ""
  let place: Place
  let workers: Workers
  const folderOf = ({ name }: Trial) => join(folder, "out", name)
  // For all tests: a process takes seconds to start.
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-workers-"))
    writeFileSync(join(folder, "things.txt"), THINGS)
    place = await find()
    workers = await place.open(folderOf)
  })
  afterAll(async () => {
    await workers.close()
    await place.close()
    rmSync(folder, { recursive: true })
  })

  let trials = 0
  const trialOf = (settings: object): Trial => ({
    name: `a1b2c${trials++}`,
    settings: { data: join(folder, "things.txt"), ...settings },
  })

  /** What a trial comes to in this process. */
  async function here(trial: Trial): Promise<{ outcome: Outcome; files: Record<string, string> }> {
    const own = join(folder, "here", trial.name)
    return { outcome: await trainTrial(trial, own), files: filesIn(own) }
  }

  /** The trial that was interrupted does not begin again, and is trained as one that was not. */
  async function goesOn(trial: Trial): Promise<void> {
    const { steps, taken } = (await workers.train(trial)) as Outcome & { kind: "trained" }
    expect(taken).toBeLessThan(steps)
    const { files } = await here({ ...trial, until: steps })
    expect(filesIn(folderOf(trial))["checkpoint.safetensors"]).toBe(files["checkpoint.safetensors"])
  }

  test("a trial has the same result and the same files as in this process", async () => {
    const trial = trialOf(tiny)
    const outcome = await workers.train(trial)
    const expected = await here(trial)
    expect(lasting(outcome)).toEqual(lasting(expected.outcome))
    expect(filesIn(folderOf(trial))).toEqual(expected.files)
  })

  test("a trial pauses at a rung, and goes on from there", async () => {
    const trial = trialOf(tiny)
    const first = await workers.train({ ...trial, until: 30 })
    expect(first).toMatchObject({ kind: "trained", steps: 30, taken: 30 })
    expect(await workers.train(trial)).toMatchObject({ kind: "trained", steps: 60, taken: 30 })
  })

  test("an abort leaves a checkpoint, from which the trial goes on as if nothing had been", async () => {
    const trial = trialOf(long)
    const stopping = new AbortController()
    let step = 0
    const outcome = await workers.train(trial, {
      signal: stopping.signal,
      onProgress(progress) {
        step = progress.step
        stopping.abort()
      },
    })
    expect(outcome).toEqual({ kind: "stopped" })
    expect(readdirSync(folderOf(trial))).toContain("checkpoint.safetensors")
    await goesOn({ ...trial, until: step + 500 })
  })

  test("a trial that is aborted before it begins is stopped", async () => {
    const stopping = new AbortController()
    const training = workers.train(trialOf(long), { signal: stopping.signal })
    stopping.abort()
    expect(await training).toEqual({ kind: "stopped" })
  })

  test("the trial of a process that was killed is lost, and given again it goes on from its checkpoint", async () => {
    const trial = trialOf(long)
    let step = 0
    const lost = workers.train(trial, {
      onProgress(progress) {
        if (step < 200 && progress.step >= 200) killPoolProcesses()
        step = progress.step
      },
    })
    await expect(lost).rejects.toBeInstanceOf(WorkerLostError)
    await goesOn({ ...trial, until: step + 500 })
  })

  test("a trial that cannot be trained has that as its outcome", async () => {
    expect(await workers.train({ ...trialOf(tiny), mostParameters: 10 })).toEqual({
      kind: "failed",
      problem: expect.stringContaining("more than the budget of 10"),
    })
    const diverging = trialOf({ ...tiny, learningRate: 1e30 })
    expect(await workers.train(diverging)).toMatchObject({ kind: "failed" })
  })
})

/** An outcome without its seconds. */
const lasting = (outcome: Outcome) => ({ ...outcome, seconds: 0 })

/** The contents of a run's files, without the seconds of its metrics; of a checkpoint the hash, which is of all but the seconds. */
const filesIn = (run: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(run).map((name) => {
      const content = readFileSync(join(run, name), "latin1")
      const isCheckpoint = name === "checkpoint.safetensors"
      const text = isCheckpoint ? /"sha256":"(\w+)"/.exec(content)![1] : content
      return [name, text.replace(/,"seconds":[\d.]+/g, "")]
    }),
  )

function killPoolProcesses(): void {
  const listed = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
  for (const line of listed.split("\n")) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    if (parent === process.pid && line.includes("tinypool")) process.kill(pid, "SIGKILL")
  }
}

test.skipIf(!hasRedis)("a trial that a worker has just begun is waited for by the next sweep", async () => {
  const { Worker } = await import("bullmq")
  const outcome: Outcome = { kind: "failed", problem: "as it was told to" }
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const work = async () => {
    begun.resolve()
    await finish.promise
    return outcome
  }
  const { hostname: host, port } = new URL(server.url)
  const connection = { host, port: Number(port), maxRetriesPerRequest: null }
  const worker = new Worker("one-job", work, { connection, prefix: PREFIX })
  const folder = mkdtempSync(join(tmpdir(), "makewave-workers-"))
  const open = () => openQueue(server.url, ({ name }) => join(folder, name), { name: "one-job" })
  const [first, next] = [await open(), await open()]
  try {
    const trial: Trial = { name: "d4e5f6", settings: { data: "names", ...tiny } }
    const outcomes = [first.train(trial)]
    await begun.promise
    outcomes.push(next.train(trial))
    setTimeout(finish.resolve, 500)
    expect(await Promise.all(outcomes)).toEqual([outcome, outcome])
  } finally {
    await Promise.all([first.close(), next.close(), worker.close()])
    rmSync(folder, { recursive: true })
  }
})
