/** A model of one's own: `makewave new` writes it, and the command line takes its file in place of a model's name. */
import { execFile } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { keptList } from "../lab/src/trainer/list-of-run.ts"
import { diskStore } from "../src/runs/disk-store.ts"
import { readConfig } from "../src/runs/run-config.ts"
import { beginMakewave, makewaveHere, objects, type Said, THINGS } from "./command-line.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const execute = promisify(execFile)

/** A project without a "type", as npm makes it, in which the checkout is installed. */
let project = ""
const at = (...path: string[]) => join(project, ...path)
/** A process of its own: it loads files as Node does. */
const makewave = (...args: string[]): Promise<Said> => beginMakewave(args, project).ended
/** Several commands in one such process, which is faster. */
async function makewaves(commands: readonly (readonly string[])[]): Promise<Said[]> {
  writeFileSync(
    at("several.mjs"),
    `import { runCommandLine } from ${JSON.stringify(resolve("src/cli/commands.ts"))}
    const write = process.stdout.write.bind(process.stdout)
    const all = []
    for (const args of JSON.parse(process.argv[2])) {
      const said = { stdout: "", stderr: "" }
      for (const name of ["stdout", "stderr"]) process[name].write = (text) => Boolean((said[name] += text))
      await runCommandLine(args)
      all.push({ code: process.exitCode, ...said })
      process.exitCode = 0
    }
    write(JSON.stringify(all))`,
  )
  const { stdout } = await execute(process.execPath, ["several.mjs", JSON.stringify(commands)], {
    cwd: project,
  })
  return JSON.parse(stdout)
}
/** On the code in src, as the commands are. */
const environment = {
  ...process.env,
  PATH: `${resolve("node_modules/.bin")}:${process.env.PATH}`,
  NODE_OPTIONS: "--conditions=makewave-source",
}
const shell = async (line: string): Promise<string> =>
  (await execute("bash", ["-c", line], { cwd: project, env: environment })).stdout
const MODEL = "my-model/model.ts"

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "makewave-new-"))
  mkdirSync(at("node_modules"))
  symlinkSync(resolve("."), at("node_modules/makewave"))
  writeFileSync(at("package.json"), '{ "dependencies": { "makewave": "*" } }')
  writeFileSync(at("things.txt"), THINGS)
  expect((await makewave("new", "my-model")).code).toBe(0)
  const trained = await makewave(
    "train",
    "things.txt",
    "--model",
    MODEL,
    "--steps",
    "30",
    "--out",
    "runs/own",
  )
  expect(trained).toMatchObject({ code: 0, stderr: "" })
})
afterAll(() => rmSync(project, { recursive: true }))

/** Writes the model that `new` wrote, changed, beside it. */
function changed(name: string, ...changes: [RegExp | string, string][]): string {
  const text = changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(at(MODEL), "utf8"))
  expect(text).not.toBe(readFileSync(at(MODEL), "utf8"))
  writeFileSync(at("my-model", name), text)
  return `my-model/${name}`
}

describe("what is written", () => {
  test("is a folder with five files, the class named after it, and the commands that come next", async () => {
    const { stdout, stderr } = await makewave("new", "the_gatedTree-2")
    expect(stderr).toBe("")
    const files = ["model.test.ts", "model.ts", "notebook.ipynb", "package.json", "recipe.yaml"]
    expect(readdirSync(at("the_gatedTree-2")).sort()).toEqual(files)
    expect(readFileSync(at("the_gatedTree-2/model.ts"), "utf8")).toContain(
      "export class TheGatedTree2 extends Model",
    )
    expect(
      files.filter((file) => readFileSync(at("the_gatedTree-2", file), "utf8").includes("MyModel")),
    ).toEqual([])
    for (const file of files) expect(stdout).toContain(`the_gatedTree-2/${file} `)
    expect(stdout).toContain("\n  node --test the_gatedTree-2/model.test.ts\n")
    expect(stdout).toMatch(/npx deno jupyter --install\n$/)
  })

  test("its commands work as they are printed, with --json too", async () => {
    const { stdout } = await makewave("new", "my-copy", "--json")
    const [{ folder, class: name, next }] = objects(stdout)
    expect([folder, name]).toEqual(["my-copy", "MyCopy"])
    const commands = (next as string[]).filter((line) => !line.startsWith("jupyter "))
    expect(commands).toHaveLength(3)
    const said = []
    for (const line of commands) said.push(await shell(line))
    expect(said[0]).toMatch(/^ℹ pass 2$|^# pass 2$/m)
    expect(said[1]).toContain("MyCopy, 7,209 parameters, on names")
    expect(said[1]).toContain("--model my-copy/model.ts\n")
    expect(said[2].split("\n")).toHaveLength(21)
  })

  test("its test notices a model that does not learn, and one of other shapes", async () => {
    const failing = async (...change: [string, string]) => {
      await makewave("new", "my-fault")
      writeFileSync(at("my-fault/model.ts"), readFileSync(at("my-fault/model.ts"), "utf8").replace(...change))
      const { stdout } = await shell("node --test my-fault/model.test.ts").catch((error) => error)
      rmSync(at("my-fault"), { recursive: true })
      return /^(?:ℹ|#) fail (\d)$/m.exec(stdout)?.[1]
    }
    expect(await failing("      new nn.Flatten(), // (B, T E)\n", "")).toBe("2")
    expect(await failing("new nn.Tanh()", "new nn.Dropout(0.99)")).toBe("1")
  })

  test("the notebook is one of nbformat 4.5 for the Deno kernel, without outputs", () => {
    const notebook = JSON.parse(readFileSync(at("my-model/notebook.ipynb"), "utf8"))
    expect(notebook).toMatchObject({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "deno" } },
    })
    const ids = notebook.cells.map(({ id }: { id: string }) => id)
    expect(new Set(ids).size).toBe(notebook.cells.length)
    const code = notebook.cells.filter((cell: { cell_type: string }) => cell.cell_type === "code")
    for (const cell of code) expect(cell).toMatchObject({ outputs: [], execution_count: null })
    expect(code[0].source.join("")).toContain('import { MyModel } from "./model.ts"')
  })

  test("a project of modules gets no package.json", async () => {
    mkdirSync(at("modules"))
    writeFileSync(at("modules/package.json"), '{ "type": "module" }')
    expect((await makewaveHere(["new", "my-model"], at("modules"))).code).toBe(0)
    expect(existsSync(at("modules/my-model/package.json"))).toBe(false)
  })

  test.each([
    ["my-model", /^error: my-model: there is such a folder or file: give another name, or delete it\n$/],
    ["things.txt", /"things.txt": the name of a class is made of it: give letters/],
    ["models/mine", /"models\/mine": the folder is made here, and this is a path: give a name alone/],
    ["../mine", /this is a path/],
    ["my model", /"my model": the name of a class is made of it/],
    ["1-model", /"1-model": the name of a class/],
    ["model", /^error: model: Model is a name that the files use already: give another, such as my-model\n$/],
    ["set", /Set is a name that the files use already/],
    ["e", /E is a name that the files use already/],
  ])("the name %s is refused", async (name, sentence) => {
    const before = readFileSync(at(MODEL), "utf8")
    const there = readdirSync(project)
    const { code, stdout, stderr } = await makewaveHere(["new", name], project)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(sentence)
    expect(readdirSync(project)).toEqual(there)
    expect(readFileSync(at(MODEL), "utf8")).toBe(before)
  })

  test("without a name, and where nothing can be written, a sentence says so", async () => {
    expect((await makewaveHere(["new"], project)).stderr).toMatch(/^error: <name> is missing: /)
    mkdirSync(at("sealed"))
    chmodSync(at("sealed"), 0o555)
    const place = process.getuid?.() === 0 ? "/proc" : at("sealed") // root may write anywhere else
    const { code, stderr } = await makewaveHere(["new", "my-model"], place)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: my-model: .*\n$/)
  })
})

describe("a run of a file's model", () => {
  test("is sampled, evaluated, inspected, exported, resumed and compared with the file beside it", async () => {
    const own = ["--model", MODEL]
    expect(
      objects((await makewave("sample", "runs/own", "--count", "3", "--json", ...own)).stdout),
    ).toHaveLength(3)
    expect(objects((await makewave("evaluate", "runs/own", "--json", ...own)).stdout)).toHaveLength(1)
    expect((await makewave("inspect", "runs/own", ...own)).stdout).toMatch(/^MyModel .*After 30 steps/ms)
    expect((await makewave("export", "runs/own", "--out", "own.js", ...own)).code).toBe(0)
    const { sample } = await import(at("own.js"))
    expect(typeof sample()).toBe("string")
    const resumed = await makewave("train", "--resume", "runs/own", "--steps", "40", ...own)
    expect(resumed.stdout).toContain("resumed after 30 steps")
    await makewave("train", "things.txt", ...own, "--hidden", "5", "--steps", "30", "--out", "runs/narrow")
    const [compared] = objects(
      (await makewave("compare", "runs/own", "runs/narrow", "--json", ...own)).stdout,
    )
    expect(compared).toMatchObject({ settings: { hidden: [64, 5] } })
    const tuned = await makewave("train", "things.txt", "--from", "runs/own", ...own, "--steps", "10")
    expect(tuned.stdout).toContain("started from runs/own after its 40 steps")
  })

  test("has the recipe beside the file and its settings; flags come first, and another config replaces it", async () => {
    const { recipe, modelFile } = JSON.parse(readFileSync(at("runs/own/config.json"), "utf8"))
    expect(recipe).toMatchObject({ model: "MyModel", hidden: 64, optimizer: "adamw", learningRate: 0.005 })
    expect(modelFile).toEqual({ path: MODEL, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    writeFileSync(at("other.yaml"), "steps: 5\nhidden: 7\n")
    const args = ["train", "things.txt", "--model", MODEL, "--config", "other.yaml", "--out", "runs/other"]
    expect((await makewave(...args)).code).toBe(0)
    const other = JSON.parse(readFileSync(at("runs/other/config.json"), "utf8")).recipe
    expect(other).toMatchObject({ steps: 5, hidden: 7, optimizer: "sgd" })
  })

  test("finds its learning rate with the recipe beside it", async () => {
    const { stdout } = await makewave("lr-find", "things.txt", "--model", MODEL, "--steps", "60")
    expect(stdout).toContain("Loss of MyModel with adamw")
    expect(stdout).toMatch(
      / train --model my-model\/model\.ts --data things\.txt --config my-model\/recipe\.yaml --learning-rate /,
    )
  })

  test("is refused by the page of the lab, before its list is looked for", async () => {
    const store = diskStore(at("runs/own"))
    await expect(keptList(store, await readConfig(store))).rejects.toThrow(
      /runs\/own: its model MyModel is code of a file/,
    )
  })

  test("is opened by a program that adds its class", async () => {
    const program = `import { addModel, openModel, runs } from "makewave"
      import { MyModel } from "./${MODEL}"
      const MyModelAgain = MyModel
      addModel(MyModel)
      const { model } = await openModel("runs/own")
      let begun
      for await (const event of runs.runTraining({ given: { model: "MyModel", data: "things.txt", steps: 3 }, out: "runs/program" }))
        if (event.kind === "begun") begun = event.run.config
      console.log(model instanceof MyModel, JSON.stringify(begun.modelFile), begun.recipe.hidden)
      addModel(class MyModel extends MyModelAgain { static settings = { ...super.settings, extra: super.settings.hidden } })
      addModel(MyModelAgain)
      addModel(class Other extends MyModelAgain { static settings = { ...super.settings, extra: super.settings.hidden } })
      try { addModel(Array) } catch (error) { console.log(error.message) }`
    writeFileSync(at("program.mjs"), program)
    expect(await shell("node program.mjs")).toBe(
      "true {} 64\naddModel: a function in place of a model: give a class that extends Model\n",
    )
    expect((await makewave("sample", "runs/program", "--model", MODEL, "--count", "1")).code).toBe(0)
    expect((await makewaveHere(["sample", "runs/program"], project)).stderr).toMatch(
      /at the command line by --model FILE\n$/,
    )
  })

  test("is no member of an ensemble", async () => {
    const { code, stderr } = await makewaveHere(["ensemble", "runs/own", "runs/own"], project)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: --members runs\/own: its model is of a file of your own, and an ensemble is of the package's/m,
    )
  })

  test("its own settings are flags with help, and are checked", async () => {
    const model = changed(
      "gated.ts",
      ["hidden: size(", 'gateBias: toggle(false, "biases in the gates"),\n hidden: size('],
      ["size, type", "size, toggle, type"],
    )
    expect((await makewave("train", "--model", model, "--help")).stdout).toMatch(
      /--gate-bias +MyModel: biases in the gates/,
    )
    const args = ["train", "things.txt", "--model", model, "--steps", "5"]
    expect((await makewave(...args, "--gate-bias", "--out", "runs/gated")).code).toBe(0)
    expect(JSON.parse(readFileSync(at("runs/gated/config.json"), "utf8")).recipe.gateBias).toBe(true)
    expect((await makewave(...args, "--hidden", "0")).stderr).toMatch(
      /^error: --hidden 0: give a whole number from 1/,
    )
    expect((await makewave(...args, "--dropout", "0.1")).stderr).toMatch(
      /the model MyModel has no such setting/,
    )
    // A run with a setting that nobody here declares is listed, plotted and reported as any other.
    const [row] = objects((await makewave("runs", "runs/gated", "--json")).stdout)
    expect(row).toMatchObject({ model: "MyModel" })
    expect((await makewave("plot", "runs/gated")).code).toBe(0)
    expect((await makewave("report", "runs", "--out", "report.html")).code).toBe(0)
  })

  test.each([
    ["sample", "runs/own"],
    ["evaluate", "runs/own"],
    ["inspect", "runs/own"],
    ["export", "runs/own", "--format", "onnx"],
    ["compare", "runs/own", "runs/own"],
    ["train", "--resume", "runs/own"],
    ["train", "things.txt", "--from", "runs/own"],
  ])("%s %s executes nothing without the file", async (...words) => {
    const { code, stdout, stderr } = await makewaveHere(words, project)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(
      /^error: (?:--from )?runs\/own: its model MyModel is code of a file, my-model\/model\.ts, and a run executes no code by itself: .* --model my-model\/model\.ts\n$/,
    )
  })

  test("from somebody else brings no code, wherever its config points and whatever lies in it", async () => {
    mkdirSync(at("theirs"))
    const mark = at("was-executed")
    const hostile = `import { writeFileSync } from "node:fs"\nwriteFileSync(${JSON.stringify(mark)}, "")\nexport * from "../${MODEL}"\n`
    for (const file of ["theirs/model.ts", "theirs/MyModel.ts", "theirs/MyModel"])
      writeFileSync(at(file), hostile)
    writeFileSync(at("theirs/checkpoint.safetensors"), readFileSync(at("runs/own/checkpoint.safetensors")))
    const config = JSON.parse(readFileSync(at("runs/own/config.json"), "utf8"))
    for (const path of [
      at("theirs/model.ts"),
      "theirs/model.ts",
      "model.ts",
      `file://${at("theirs/model.ts")}`,
    ])
      for (const model of ["MyModel", path, "__proto__", "constructor"]) {
        const edited = {
          ...config,
          recipe: { ...config.recipe, model },
          modelFile: { ...config.modelFile, path },
        }
        writeFileSync(at("theirs/config.json"), JSON.stringify(edited))
        for (const words of [
          ["sample"],
          ["inspect"],
          ["train", "--resume"],
          ["runs"],
          ["plot"],
          ["evaluate"],
        ]) {
          const { code, stderr } = await makewaveHere([...words, "theirs"], project)
          expect(stderr).not.toContain("give the file in it")
          expect(code, `${words} ${model}`).toBeLessThan(2)
        }
      }
    writeFileSync(at("theirs.yaml"), `model: ${at("theirs/model.ts")}\n`)
    expect((await makewave("train", "things.txt", "--config", "theirs.yaml")).code).toBe(1)
    expect(existsSync(mark)).toBe(false)
    for (const words of [
      ["sample", "theirs"],
      ["train", "--resume", "theirs"],
    ])
      expect((await makewave(...words, "--model", MODEL)).code).toBeLessThan(2)
    expect(existsSync(mark)).toBe(false)
    // The mark works: who gives the file executes it.
    expect((await makewave("inspect", "--json", "theirs/model.ts")).code).toBe(0)
    expect(existsSync(mark)).toBe(true)
  })

  test("whose config was edited is refused by a sentence, and prints nothing that a terminal would obey", async () => {
    const config = JSON.parse(readFileSync(at("runs/own/config.json"), "utf8"))
    mkdirSync(at("edited"))
    writeFileSync(at("edited/checkpoint.safetensors"), readFileSync(at("runs/own/checkpoint.safetensors")))
    const { data, ...lacking } = config.recipe
    for (const [change, sentence] of [
      [{ recipe: lacking }, /its recipe lacks data/],
      [{ recipe: { ...config.recipe, "<b>": 1 } }, /<b>/],
      [{ recipe: { ...config.recipe, "\u001b[31m": 1 } }, /no such setting|no setting|unknown/i],
      [{ modelFile: { path: "\u001b[31m" } }, /not a valid config/],
    ] as const) {
      writeFileSync(at("edited/config.json"), JSON.stringify({ ...config, ...change }))
      const { code, stderr } = await makewaveHere(["inspect", "edited"], project)
      expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)])
      const { parameters, ...old } = { ...config, ...change }
      for (const written of [old, { ...old, parameters }]) {
        writeFileSync(at("edited/config.json"), JSON.stringify(written))
        expect((await makewaveHere(["plot", "edited"], project)).code).toBeLessThan(2)
      }
    }
  })

  test("and another of the same name are not both loaded", async () => {
    const comment = changed("same.ts", ["/**", "/** the same"])
    expect(
      (await makewave("compare", "runs/own", "runs/own", "--model", MODEL, "--model", comment)).stderr,
    ).toBe(
      `error: ${comment}: its class is MyModel, as that of ${MODEL} is: give one of the two another name\n`,
    )
  })

  test("whose file has changed is opened with a warning, and refused where numbers do not fit or training goes on", async () => {
    const comment = changed("comment.ts", ["/**", "/** changed"])
    const warned = await makewave("sample", "runs/own", "--count", "1", "--model", comment)
    expect(warned.code).toBe(0)
    expect(warned.stderr).toMatch(
      /^my-model\/comment\.ts has changed since runs\/own began: the numbers of the run are put/,
    )
    const resumed = await makewave("train", "--resume", "runs/own", "--steps", "90", "--model", comment)
    expect(resumed).toMatchObject({ code: 1, stdout: "" })
    expect(resumed.stderr).toMatch(
      /^error: my-model\/comment\.ts has changed since runs\/own began, so it is not the same training/,
    )
    const wider = changed("wider.ts", ["const E = 10", "const E = 11"])
    const refused = await makewave("sample", "runs/own", "--model", wider)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /has changed since runs\/own began, and its numbers do not fit: .*\(4, 11\).*: put it back/,
    )
  })
})

describe("a file that is no model", () => {
  const forward = "return this.network.forward(ids)"
  const refused: [string, [RegExp | string, string], RegExp][] = [
    ["is broken TypeScript", ["const E = 10", "const E = = 10"], /^my-model\/x\.ts:10: Expression expected$/],
    [
      "has syntax that needs a compiler",
      ["const E = 10", "enum E { A }"],
      /^my-model\/x\.ts:10: .*enum is not supported/,
    ],
    [
      "imports what is not there",
      ["nn, size", "nn, sise"],
      /^my-model\/x\.ts:8: .*does not provide an export named 'sise'$/,
    ],
    [
      "imports a package that is not there",
      ["const E = 10", 'import "nowhere"'],
      /^my-model\/x\.ts: Cannot find package 'nowhere'/,
    ],
    [
      "throws as it is loaded",
      ["const E = 10", "const E = undefinedName"],
      /^my-model\/x\.ts:10: undefinedName is not defined$/,
    ],
    [
      "exports nothing",
      ["export class", "class"],
      /^my-model\/x\.ts: it exports no model: export one, as in export class MyModel/,
    ],
    ["exports something else", ["extends Model {", "extends nn.Module {"], /it exports no model/],
    [
      "exports two",
      [/$/, "\nexport class Other extends MyModel {}\n"],
      /it exports MyModel and Other: export one model of a file$/,
    ],
    [
      "has a class in small letters",
      [/MyModel/g, "myModel"],
      /^my-model\/x\.ts: the model's class is "myModel": name it with a capital first/,
    ],
    [
      "has no settings",
      [/static readonly settings/, "static readonly seddings"],
      /: MyModel declares no settings: add static/,
    ],
    [
      "has a setting that is a number",
      ["hidden: size(", "hidden: 64 as never, width: size("],
      /the setting hidden of MyModel is 64: declare it/,
    ],
    [
      "lacks the context",
      ["contextLength: windowLength(8)", "length: windowLength(8)"],
      /the settings of MyModel lack contextLength/,
    ],
    [
      "has no description",
      ["static readonly description", "static readonly title"],
      /MyModel has no description/,
    ],
    [
      "has a setting of runs",
      ["hidden: size(", 'steps: size(9, ""), hidden: size('],
      /MyModel has a setting steps, which is one of each run: name it otherwise$/,
    ],
    [
      "has a setting that is a flag of the command",
      ["hidden: size(", 'json: size(9, ""), hidden: size('],
      /MyModel has a setting json, which is one of each run: name it otherwise$/,
    ],
    [
      "has a setting that is no flag",
      ["hidden: size(", '"<b>": size(9, ""), hidden: size('],
      /MyModel has a setting "<b>": name it as in hiddenSize/,
    ],
    [
      "reads nothing known",
      ['reads = "windows"', 'reads = "lines"'],
      /MyModel reads "lines": give readonly reads = "windows"/,
    ],
    ["has a shape that does not fit", ["contextLength * E", "E"], /^my-model\/x\.ts:\d+: .*\(3, 80\).*/],
    [
      "returns logits of another shape",
      [forward, `return this.network.forward(ids).unsqueeze(1)`],
      /forward turns ids of \(3, 8\) into \(3, 1, \d+\): return logits of \(B, V\), which are \(3, \d+\) here$/,
    ],
    ["returns no tensor", [forward, "return 3 as never"], /into 3: return logits of/],
    [
      "throws as it is made",
      ["super()", 'super()\nthrow new Error("not yet")'],
      /^my-model\/x\.ts:\d+: not yet$/,
    ],
  ]

  let said: Said[]
  beforeAll(async () => {
    const commands = refused.map(([, change], k) => {
      const path = changed(`x${k}.ts`, change)
      return ["train", "things.txt", "--model", path, "--steps", "5", "--out", "runs/none"]
    })
    said = await makewaves(commands)
  })
  test.each(refused.map(([what, , sentence], k) => [what, sentence, k] as const))(
    "that %s is a sentence",
    (_, sentence, k) => {
      const { code, stdout, stderr } = said[k]
      expect([code, stdout]).toEqual([1, ""])
      expect(stderr.replace(`x${k}.ts`, "x.ts")).toMatch(/^error: [^\n]*\n$/)
      expect(stderr.replace(`x${k}.ts`, "x.ts").slice("error: ".length).trimEnd()).toMatch(sentence)
      expect(existsSync(at("runs/none"))).toBe(false)
    },
  )

  test("is not there, or is for no such flag", async () => {
    expect((await makewave("train", "--model", "nowhere/model.ts")).stderr).toBe(
      "error: nowhere/model.ts: there is no such file: give that of a model, such as my-model/model.ts\n",
    )
    expect((await makewaveHere(["train", "--model", "my-model"], project)).stderr).toBe(
      "error: my-model: this is a folder: give the file in it, my-model/model.ts\n",
    )
    expect((await makewave("sample", "runs/own", "--model", "gru")).stderr).toMatch(
      /^error: --model gru: give the file of a model/,
    )
    expect((await makewave("train", "--model", "MyModel")).stderr).toMatch(/^error: --model MyModel: give /)
  })
})
