/** A sweep through Redis with three workers: one of them dies in a trial, and Redis is restarted. Each trial is counted once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { JOURNAL } from "../src/experiments/journal.ts"
import type { Plan } from "../src/experiments/plan.ts"
import { openQueue } from "../src/experiments/queue.ts"
import { Study } from "../src/experiments/study.ts"
import { runSweep } from "../src/experiments/sweep.ts"
import { storeOf } from "../src/runs/disk-store.ts"
import { readRun } from "../src/runs/run.ts"
import { beginMakewave, objects, THINGS } from "./command-line.ts"
import { hasRedis, RedisServer } from "./redis.ts"

const TRIALS = 12
const STEPS = 400

describe.skipIf(!hasRedis)("with redis-server", () => {
  let folder = ""
  const before = process.cwd()
  let server: RedisServer
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-many-"))
    writeFileSync(join(folder, "things.txt"), THINGS)
    process.chdir(folder)
    server = await RedisServer.start()
  })
  afterEach(async () => {
    process.chdir(before)
    await server.remove()
    rmSync(folder, { recursive: true })
  })

  const plan = (): Plan => ({
    name: "plan.yaml",
    space: {
      recipe: {
        ...{ data: "things.txt", model: "mlp", context: 4, embedding: 2, hidden: 4 },
        ...{ steps: STEPS, checkpointEvery: 100 },
      },
      parameters: [],
    },
    method: "grid",
    seeds: Array.from({ length: TRIALS }, (_, seed) => seed),
    metric: { name: "validation", goal: "minimize" },
    budget: {},
  })

  test("a sweep ends with each of its trials counted once", async () => {
    const elsewhere = mkdtempSync(join(folder, "elsewhere-")) // without the list
    const beginWorker = () =>
      beginMakewave(["worker", "--queue", server.url, "--count", "1", "--json"], elsewhere, {
        main: join(before, "src/cli/main.ts"),
      })
    const workers = [beginWorker(), beginWorker(), beginWorker()]
    onTestFinished(() => {
      for (const { child } of workers) child.kill("SIGKILL")
    })
    const [dying, ...others] = workers
    const out = join(folder, "out")
    const study = await Study.open(plan(), storeOf(out))
    const notices: string[] = []
    const queue = await openQueue(server.url, ({ name }) => join(out, name), {
      notice: (sentence) => notices.push(sentence),
    })
    dying.child.stdout.once("data", () => dying.child.kill("SIGKILL")) // it has taken its first trial

    const ended: string[] = []
    let restart: Promise<void> | undefined
    for await (const event of runSweep(study, queue)) {
      if (event.kind !== "ended") continue
      expect(event.outcome).toMatchObject({ kind: "trained", steps: STEPS })
      ended.push(event.trial.name)
      if (ended.length === 3) restart = server.stop().then(() => server.start())
    }
    await restart
    await queue.close()
    await study.close()

    expect(ended.toSorted()).toEqual(study.results()[0].trials.toSorted())
    expect(study.results()[0].values).toHaveLength(TRIALS)
    const told = objects(readFileSync(join(out, JOURNAL), "utf8")).filter(({ outcome }) => outcome)
    expect(told.map(({ trial }) => trial).toSorted()).toEqual(ended.toSorted())
    for (const name of ended) expect((await readRun(join(out, name))).checkpoint.training.steps).toBe(STEPS)
    expect(notices).toContain(`${server.url}: Redis is back`)

    const [{ trial: abandoned }] = objects((await dying.ended).stdout)
    for (const { child } of others) child.kill("SIGINT")
    const said = await Promise.all(others.map(({ ended }) => ended))
    expect(said.map(({ code }) => code)).toEqual([0, 0])
    expect(said.flatMap(({ stdout }) => objects(stdout))).toContainEqual(
      expect.objectContaining({ trial: abandoned, kind: "trained" }),
    )
    const client = server.connect()
    expect(await client.keys("*:files")).toEqual([])
    client.disconnect()
  })
})
