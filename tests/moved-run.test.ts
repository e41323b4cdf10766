/** A run finds its data after either was moved, and takes it from any place that is given. Only the hash counts. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { makewaveHere, objects } from "./command-line.ts"

const fixtures = resolve("tests/fixtures/version-0.1")

const wave = "--layers 1 --stacks 1 --residual-channels 2 --dilation-channels 2 --skip-channels 2".split(" ")
const flat = ["--model", "flat", "--context", "2", "--hidden", "3"]

/** Data of each kind, and how it is trained on. */
const kinds: Readonly<Record<string, { data: string; column?: string; flags: readonly string[] }>> = {
  lines: { data: "words.txt", flags: flat },
  "a column": { data: "people.csv", column: "name", flags: flat },
  sounds: { data: "tones", flags: [...wave, "--sample-rate", "2000", "--context", "8"] },
}

describe.each(Object.entries(kinds))("%s", (_, { data, column, flags }) => {
  let folder = ""
  let project = ""
  const at = (...names: string[]) => join(folder, ...names)
  const asColumn = column === undefined ? [] : ["--column", column]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "makewave-moved-"))
    mkdirSync(at("begun"))
    cpSync(join(fixtures, data), at("begun", data), { recursive: true })
    const steps = ["--steps", "4", "--batch-size", "2", "--out", "runs/a"]
    const { code, stderr } = await makewaveHere(["train", data, ...asColumn, ...flags, ...steps], at("begun"))
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    project = at("project")
    rmSync(project, { recursive: true, force: true })
    cpSync(at("begun"), project, { recursive: true })
  })

  /** Every command that reads the data works in a folder, without a notice. */
  async function works(run: string, cwd: string, place: readonly string[] = []): Promise<void> {
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await makewaveHere([...args, ...place, "--json"], cwd)
      expect({ args, code, stderr }).toMatchObject({ code: 0 })
      expect(stderr).not.toMatch(/cannot tell|changed|no activations|no such/)
      return objects(stdout)
    }
    expect((await said("evaluate", run))[0]).toMatchObject({ train: expect.any(Number) })
    expect((await said("inspect", run))[0]).toHaveProperty("diagnosis")
    if (data !== "tones") expect((await said("sample", run, "--count", "1"))[0]).toHaveProperty("found")
    expect((await said("train", "--resume", run, "--steps", "6")).at(-1)).toMatchObject({ steps: 6 })
  }

  test("the config holds no path of the machine", () => {
    expect(readFileSync(join(project, "runs", "a", "config.json"), "utf8")).not.toContain(folder)
  })

  test("moved together", () => works("runs/a", project))

  test("from another folder", () => works("project/runs/a", folder))

  test("the run moved beside its data", async () => {
    mkdirSync(join(project, "elsewhere"))
    for (const name of [data, "runs/a"])
      renameSync(join(project, name), join(project, "elsewhere", name.replace("runs/", "")))
    await works("elsewhere/a", project)
  })

  test("an absolute path of version 0.1", async () => {
    const path = join(project, "runs", "a", "config.json")
    const config = JSON.parse(readFileSync(path, "utf8"))
    config.recipe.data = `/home/somebody/${data}`
    config.data.path = undefined
    writeFileSync(path, JSON.stringify(config))
    await works("project/runs/a", folder)
  })

  test("another name, given by --data, which a resumed run keeps", async () => {
    const other = `other${/\.\w+$/.exec(data)?.[0] ?? ""}`
    const gone = await makewaveHere(["evaluate", "runs/a"], project)
    expect(gone.code).toBe(0)
    renameSync(join(project, data), join(project, other))
    const missing = await makewaveHere(["train", "--resume", "runs/a"], project)
    expect(missing).toMatchObject({
      code: 1,
      stderr: `error: ${data}: no such file or folder, here or beside runs/a: put it back, or say with --data where it is\n`,
    })
    expect((await makewaveHere(["inspect", "runs/a"], project)).stderr).toMatch(/^no activations .* --data/)
    await works("runs/a", project, ["--data", other, ...asColumn])
    await works("runs/a", project)
  })

  test("without its data a run makes samples, and says that it cannot tell which are new", async () => {
    if (data === "tones") return // sounds are not compared
    const sample = () => makewaveHere(["sample", "runs/a", "--count", "3"], project)
    renameSync(join(project, data), join(project, "gone"))
    expect(await sample()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^(.*\n){3}$/),
      stderr: expect.stringMatching(
        /^cannot tell which samples are new: .* --data .*\n3 samples from runs\/a\n/,
      ),
    })
    renameSync(join(project, "gone"), join(project, data))
    appendFileSync(join(project, data), data === "words.txt" ? "more\n" : "more,f,x\n")
    expect((await sample()).stderr).toMatch(
      /^cannot tell which samples are new:.* has changed since the training of /,
    )
  })

  test("a link to the run", async () => {
    mkdirSync(join(folder, "links"), { recursive: true })
    rmSync(join(folder, "links", "a"), { force: true })
    symlinkSync(join(project, "runs", "a"), join(folder, "links", "a"))
    await works("links/a", folder)
  })

  test("other data is refused, and the run stays as it was", async () => {
    const config = readFileSync(join(project, "runs", "a", "config.json"))
    cpSync(join(project, data), join(project, `other-${data}`), { recursive: true })
    if (data === "tones")
      renameSync(join(project, "other-tones", "low"), join(project, "other-tones", "lower"))
    else appendFileSync(join(project, `other-${data}`), data === "words.txt" ? "more\n" : "more,f,x\n")
    for (const command of [["train", "--resume"], ["inspect"]]) {
      const { stderr } = await makewaveHere([...command, "runs/a", "--data", `other-${data}`], project)
      expect(stderr).toContain(
        `other-${data}: this is not the ${data === "tones" ? "folder of sounds" : "list"} that runs/a was trained on: give that\n`,
      )
    }
    expect(readFileSync(join(project, "runs", "a", "config.json"))).toEqual(config)
  })

  test("data that changed has no validation part of the run: it is measured as other data only", async () => {
    const was = data === "tones" ? data : `was-${data}`
    if (data === "tones") renameSync(join(project, "tones", "low"), join(project, "tones", "lower"))
    else {
      cpSync(join(project, data), join(project, was))
      appendFileSync(join(project, data), data === "words.txt" ? "more\n" : "more,f,x\n")
    }
    for (const command of ["evaluate", "compare"]) {
      const { code, stdout, stderr } = await makewaveHere([command, "runs/a", "runs/a"], project)
      expect([code, stdout]).toEqual([1, ""])
      expect(stderr).toContain(`error: ${data} has changed since the training of runs/a: `)
    }
    const evaluated = async (place: string) => {
      const args = ["evaluate", "runs/a", "--data", place, ...asColumn, "--json"]
      const { stdout, stderr } = await makewaveHere(args, project)
      return { parts: Object.keys(objects(stdout)[0].reports as object), stderr }
    }
    const other = await evaluated(data)
    expect(other.parts).toEqual(["data"])
    if (data === "tones") return
    expect(other.stderr).toContain("cannot tell which lines are in the training part")
    // The run's own data, which was moved.
    expect((await evaluated(was)).parts).toEqual(["train", "validation"])
  })
})
