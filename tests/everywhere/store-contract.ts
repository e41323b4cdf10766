/** What holds for a run's store, wherever it keeps the files. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { UserError } from "../../src/errors.ts"
import { readMetrics } from "../../src/runs/metrics.ts"
import { openModel } from "../../src/runs/open-model.ts"
import { createModel, resolveRecipe } from "../../src/runs/recipe.ts"
import { Run, readRun } from "../../src/runs/run.ts"
import type { RunConfig } from "../../src/runs/run-config.ts"
import { runTraining } from "../../src/runs/run-training.ts"
import type { Store } from "../../src/runs/store.ts"

export interface Place {
  /** A store of this name, which is the same each time. */
  open(name: string): Promise<Store>
  clear(): Promise<void>
}

/** Tests of the stores of a place, which `find` makes for each. */
export function testStores(name: string, find: () => Promise<Place>): void {
  describe(`a store ${name}`, () => {
    let place: Place
    let store: Store
    beforeEach(async () => {
      place = await find()
      store = await place.open("run")
      await (await store.lock())() // makes the folder
    })
    afterEach(() => place.clear())

    const bytesOf = (text: string) => new TextEncoder().encode(text)
    const textOf = async (file: string) => new TextDecoder().decode(await store.read(file))

    test("a file that is not there, in a folder that is not there either", async () => {
      const { open } = place
      for (const each of [store, await open("other")]) {
        expect(await each.list()).toEqual([])
        expect(await each.read("a")).toBeUndefined()
        await each.truncate("a", 3)
        await each.remove("a")
        expect(await each.list()).toEqual([])
      }
    })

    test("what is written is read, text and bytes, and replaces what was there", async () => {
      await store.write("a", '{"a": "é"}')
      expect(await textOf("a")).toBe('{"a": "é"}')
      await store.write("a", Uint8Array.of(0, 1, 255))
      await store.write("b.json", "b")
      expect([...(await store.read("a"))!]).toEqual([0, 1, 255])
      expect((await store.list()).sort()).toEqual(["a", "b.json"])
      expect(await (await place.open("other")).list()).toEqual([])
    })

    test("of many that write at once, one has written the file", async () => {
      const contents = Array.from({ length: 10 }, (_, i) => String(i).repeat(100_000))
      await Promise.all(contents.map((content) => store.write("a", content)))
      expect(contents).toContain(await textOf("a"))
      expect(await store.list()).toEqual(["a"])
    })

    test("appending creates a file and extends it", async () => {
      for (const line of ["one\n", "zwölf\n", "three\n"]) await store.append("log", bytesOf(line))
      expect(await textOf("log")).toBe("one\nzwölf\nthree\n")
    })

    test("a file is cut to a length, and never made longer", async () => {
      await store.write("log", "one\ntwo\n")
      await store.truncate("log", 100)
      expect(await textOf("log")).toBe("one\ntwo\n")
      await store.truncate("log", 4)
      expect(await textOf("log")).toBe("one\n")
      await store.append("log", bytesOf("2\n"))
      expect(await textOf("log")).toBe("one\n2\n")
    })

    test("a file is removed, and the others stay", async () => {
      await store.write("a", "1")
      await store.write("b", "2")
      await store.remove("a")
      expect(await store.list()).toEqual(["b"])
      expect(await store.read("a")).toBeUndefined()
    })

    test("one training at a time, in each folder", async () => {
      const same = await place.open("run")
      const unlock = await store.lock()
      const refusal = await same.lock().catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(UserError)
      expect((refusal as Error).message).toContain(store.name)
      const other = await (await place.open("other")).lock()
      await unlock()
      await (await same.lock())()
      await other()
      expect(await store.list()).toEqual([])
    })

    test("a run is begun, kept, resumed and read", async () => {
      const recipe = resolveRecipe({ model: "flat", context: 2, embedding: 2, hidden: 3, tensorboard: true })
      const config: RunConfig = { recipe, data: { lines: 3, sha256: "" }, vocabulary: ["a", "b"] }
      const model = createModel(recipe, 3)
      const state = { steps: 7, generator: {}, batches: {}, moments: {} } as never

      const run = await Run.create(store, config)
      await run.log({ step: 0, loss: 2 })
      await run.save(model, state)
      await run.log({ step: 7, loss: 1 })
      await run.close()
      await expect(Run.create(store, config)).rejects.toThrow("there is a run in this folder (config.json)")
      expect(await readMetrics(store)).toHaveLength(2)

      const resumed = await Run.resume(await place.open("run"), { steps: 300_000 })
      await resumed.goOn()
      await resumed.close()
      expect(await readMetrics(store)).toEqual([{ step: 0, loss: 2 }])
      const { config: read, checkpoint } = await readRun(store)
      expect(read.recipe.steps).toBe(300_000)
      expect(checkpoint.training.steps).toBe(7)
      expect(checkpoint.model).toEqual(model.stateDict())
      expect(await store.list()).toContainEqual(expect.stringContaining(".tfevents."))
    })

    test("a whole training goes into it, and its model comes out again", { timeout: 60_000 }, async () => {
      const given = { data: "names", model: "bigram", steps: 20, ema: 0.9 } as const
      for await (const _ of runTraining({ given, out: store }));
      expect((await store.list()).sort()).toEqual([
        "checkpoint.safetensors",
        "config.json",
        "metrics.jsonl",
        "samples.txt",
      ])
      expect((await textOf("samples.txt")).trim().split("\n").length).toBeGreaterThan(10)
      expect((await openModel(store)).steps).toBe(20)
    })
  })
}
