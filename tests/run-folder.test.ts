/** Which run a command takes. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { findRun, resumeOrOut } from "../src/cli/run-folder.ts"
import { freshFolder } from "../src/runs/fresh-folder.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { files } from "../src/runs/run-files.ts"

let folder = ""
const before = process.cwd()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-folder-"))
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

/** A run begun at this time, with these files beside its config. */
function begin(name: string, time: number, ...others: string[]): void {
  mkdirSync(join("runs", name), { recursive: true })
  for (const file of [files.config, ...others]) writeFileSync(join("runs", name, file), "")
  utimesSync(join("runs", name, files.config), time, time)
}

test("by default the newest run that has what the command needs", () => {
  expect(() => findRun(undefined)).toThrow("there are no runs in ./runs: train first")
  begin("broken-off", 3)
  expect(() => findRun(undefined)).toThrow(
    "no run in ./runs has a checkpoint.safetensors yet: wait for it, or resume the newest: train --resume runs/broken-off",
  )
  begin("b", 2, files.metrics, files.checkpoint)
  begin("c", 1, files.metrics, files.best)
  begin("a", 0, files.metrics, files.checkpoint)
  writeFileSync(join("runs", "a-file"), "")
  mkdirSync(join("runs", "no-run"))
  expect(findRun(undefined)).toBe(join("runs", "b"))
  expect(findRun(undefined, [files.metrics])).toBe(join("runs", "b"))
  expect(findRun(undefined, [files.best])).toBe(join("runs", "c"))
  expect(resumeOrOut({ resume: true })).toEqual({ resume: join("runs", "broken-off") })
  rmSync(join("runs", "b"), { recursive: true })
  expect(findRun(undefined)).toBe(join("runs", "c"))
})

test("a run without a folder is named by that of its data, which may be given as .", async () => {
  const { model } = resolveRecipe({})
  for (const data of [".", process.cwd(), "../" + basename(process.cwd())])
    expect(await freshFolder({ ...resolveRecipe({}), data })).toMatch(
      new RegExp(`^runs.${model}-${basename(process.cwd())}-\\d{8}-\\d{6}`),
    )
  expect(await freshFolder({ ...resolveRecipe({}), data: "/" })).toMatch(/^runs.wavenet-\d{8}-\d{6}/)
})
