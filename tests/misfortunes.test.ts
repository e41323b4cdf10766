/**
 * What goes wrong around a training, as a user meets it: each time one sentence, exit code 1, nothing lost, and the run goes on when
 * it is mended. Kills, Ctrl-C and two at once are in cli.test.ts and resume.test.ts.
 */
import { spawnSync } from "node:child_process"
import { hash } from "node:crypto"
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makewaveHere, objects, type Said, THINGS } from "./command-line.ts"

let folder = ""
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-misfortunes-"))
  writeFileSync(at("things.txt"), THINGS)
  const small = ["--model", "flat", "--context", "2", "--embedding", "20", "--hidden", "200"]
  const steps = ["--steps", "100", "--log-every", "1"]
  expect((await here("train", "things.txt", ...small, ...steps, "--out", "run")).code).toBe(0)
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: string[]) => join(folder, ...names)
const here = (...args: string[]) => makewaveHere(args, folder)

/** The command fails with a sentence, and leaves the run's files as they were. */
async function fails(command: () => Said | Promise<Said>, sentence: RegExp): Promise<void> {
  const before = filesOf("run")
  const { code, stderr } = await command()
  expect(stderr).toMatch(sentence)
  expect(stderr).toMatch(/^error: .*\n$/)
  expect(code).toBe(1)
  expect(filesOf("run")).toEqual(before)
}

const filesOf = (run: string) =>
  Object.fromEntries(readdirSync(at(run)).map((name) => [name, hash("sha256", readFileSync(at(run, name)))]))

/** Mended, the run goes on and has every step once. */
async function goesOn(): Promise<void> {
  const { code, stderr } = await here("train", "--resume", "run", "--steps", "120")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  const steps = objects(readFileSync(at("run", "metrics.jsonl"), "utf8")).filter(({ loss }) => loss)
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, k) => k))
}

const spawned = (command: readonly string[]): Said => {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    encoding: "utf8",
  })
  return { code: status, stdout, stderr }
}

const makewave = (args: readonly string[]) => [process.execPath, resolve("src/cli/main.ts"), ...args]

/** A command in a shell that first says what it may do. */
const limited = (limit: string, ...args: string[]): Said =>
  spawned(["bash", "-c", `${limit} && exec "$0" "$@"`, ...makewave(args)])

/** A command that permissions stop, as they stop all but root. */
const stoppable = (...args: string[]): Said => {
  const isRoot = process.getuid?.() === 0
  const asAll = isRoot ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : []
  return spawned([...asAll, ...makewave(args)])
}

test("a full disk: the metrics", async () => {
  // The device that is always full.
  renameSync(at("run", "metrics.jsonl"), at("metrics.jsonl"))
  symlinkSync("/dev/full", at("run", "metrics.jsonl"))
  const checkpoint = readFileSync(at("run", "checkpoint.safetensors"))
  const { code, stderr } = await here("train", "--resume", "run", "--steps", "120")
  expect(stderr).toMatch(
    /^run\/metrics\.jsonl: it has 0 of .*\nerror: run\/metrics\.jsonl: not written: the disk is full: make room, .*\n$/,
  )
  expect(code).toBe(1)
  expect(readFileSync(at("run", "checkpoint.safetensors"))).toEqual(checkpoint)
  rmSync(at("run", "metrics.jsonl"))
  renameSync(at("metrics.jsonl"), at("run", "metrics.jsonl"))
  await goesOn()
})

test("no room for the checkpoint: the one before stays", async () => {
  const checkpoint = readFileSync(at("run", "checkpoint.safetensors"))
  expect(checkpoint.length).toBeGreaterThan(20 * 1024)
  const { code, stderr } = limited("ulimit -f 20", "train", "--resume", "run", "--steps", "120")
  expect(stderr).toMatch(/^error: run\/checkpoint\.safetensors: not written: it is larger than .*\n$/)
  expect(code).toBe(1)
  expect(readFileSync(at("run", "checkpoint.safetensors"))).toEqual(checkpoint)
  expect(readdirSync(at("run")).join()).not.toMatch(/tmp|lock/)
  await goesOn()
})

test("a read-only folder", async () => {
  chmodSync(at("run"), 0o555)
  try {
    await fails(
      () => stoppable("train", "--resume", "run", "--steps", "120"),
      /run\/lock.*: not written: .* may not be/,
    )
  } finally {
    chmodSync(at("run"), 0o755)
  }
  // A system's own folder, in which nobody makes one.
  const { code, stderr } = await here("train", "things.txt", "--out", "/sys/makewave")
  expect(stderr).toMatch(
    /^error: \/sys\/makewave: not written: (this folder may not|this file system is read-only)/,
  )
  expect(code).toBe(1)
  await goesOn()
})

test("a checkpoint that is truncated, edited, or of another run, to each command that reads it", async () => {
  const path = at("run", "checkpoint.safetensors")
  copyFileSync(path, at("whole"))
  const refused = async (sentence: RegExp) => {
    for (const [command, ...more] of [
      ["train", "--resume"],
      ["sample"],
      ["evaluate"],
      ["export", "--format", "npz"],
    ])
      await fails(() => here(command, ...more, "run"), sentence)
  }
  truncateSync(path, 1000)
  await refused(/run\/checkpoint\.safetensors: not an intact safetensors file/)
  const edited = readFileSync(at("whole"))
  edited[edited.length - 1] ^= 1
  writeFileSync(path, edited)
  await refused(/run\/checkpoint\.safetensors: it was damaged or edited/)

  writeFileSync(at("others.txt"), THINGS.replaceAll("c", "d"))
  const small = ["--model", "flat", "--context", "2", "--steps", "1"]
  for (const [data, what] of [
    ["things.txt", "model"],
    ["others.txt", "vocabulary"],
  ]) {
    await here("train", data, ...small, "--out", what)
    copyFileSync(at(what, "checkpoint.safetensors"), path)
    await refused(new RegExp(`run/checkpoint\\.safetensors: it is of another ${what} than config\\.json`))
  }
  copyFileSync(at("whole"), path)
  await goesOn()
})

test("a typo in a config file, and in the run's own", async () => {
  writeFileSync(at("mine.yaml"), "data: things.txt\nlearningrat: 0.1\n")
  await fails(
    () => here("train", "--config", "mine.yaml"),
    /mine\.yaml: there is no setting "learningrat": did you mean learningRate\?/,
  )
  const config = readFileSync(at("run", "config.json"), "utf8")
  writeFileSync(at("run", "config.json"), config.replace('"hidden"', '"hiden"'))
  for (const [command, ...more] of [["train", "--resume"], ["sample"], ["inspect"]])
    await fails(
      () => here(command, ...more, "run"),
      /run\/config\.json: there is no setting "hiden": did you mean hidden\?/,
    )
  writeFileSync(at("run", "config.json"), config)
  await goesOn()
})

test("a line of the metrics that was edited", async () => {
  const metrics = readFileSync(at("run", "metrics.jsonl"), "utf8")
  for (const line of ['{"step":0,"loss":', "null", '{"loss":1}', '{"step":0,"loss":"1"}']) {
    writeFileSync(at("run", "metrics.jsonl"), metrics.replace(/\n.*/, `\n${line}`))
    await fails(() => here("plot", "run"), /run\/metrics\.jsonl: line 2: this is not a valid line of metrics/)
  }
  writeFileSync(at("run", "metrics.jsonl"), metrics)
  await goesOn()
})

test("NaN in the data's column", async () => {
  writeFileSync(at("people.csv"), "id,name\n1,anna\n2,NaN\n3,bo\n")
  await fails(
    () => here("train", "people.csv", "--column", "name", "--out", "people"),
    /people\.csv: line 3: the column "name" is NaN: give it a text, or leave the row out/,
  )
  expect(readdirSync(folder)).not.toContain("people")
})

test("data that became other while the run lay still", async () => {
  writeFileSync(at("things.txt"), `${THINGS}more\n`)
  await fails(
    () => here("train", "--resume", "run", "--steps", "120"),
    /things\.txt has changed since the training of run: .* --data/,
  )
  writeFileSync(at("things.txt"), THINGS)
  await goesOn()
})
