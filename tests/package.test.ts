/** The package as it is published: packed, unpacked into a project of one's own, and used there. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { chromium } from "playwright"
import { publint } from "publint"
import { afterAll, beforeAll, expect, test } from "vitest"
import { chromium as executablePath } from "./requirements.ts"

const run = promisify(execFile)

/** The project. Its dependencies are those of the checkout, so that nothing is downloaded. */
let project = ""
const at = (...path: string[]) => join(project, ...path)

const { name, version, dependencies, engines } = JSON.parse(readFileSync("package.json", "utf8"))
const tarball = `${name}-${version}.tgz`
const entries = globSync("src/*/index.ts").map((file) => basename(dirname(file)))
/** What an import can name. */
const specifiers = [name, ...entries.map((entry) => `${name}/${entry}`), `${name}/sound`]
/** The package in the project. */
const inPackage = (...path: string[]) => at("node_modules", name, ...path)

/** Trains, samples and exports by names from several entries. */
const program = `
import { parseLines, Vocabulary, windows } from "makewave/data"
import { toJavaScript, toOnnx, toPyTorch, writeSafetensors } from "makewave/interchange"
import { WaveNet } from "makewave/models"
import { Generator } from "makewave/random"
import { openSampler } from "makewave/sampling"
import { train } from "makewave/training"

const { lines } = parseLines("anna\\nbo\\nclara\\ndan\\n")
const vocabulary = Vocabulary.from(lines)
const generator = new Generator(42)
const model = new WaveNet({ vocabularySize: vocabulary.size }).initialize(generator)
const losses: number[] = []
for await (const { loss } of train(model, windows(lines, vocabulary, 8), { steps: 10, every: 1, rate: 0.1, generator }))
  losses.push(loss)
const names: string[] = []
const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 5, generator })) names.push(vocabulary.decode(ids))
const script = toJavaScript(model, { symbols: vocabulary.symbols })
const bytes = [toOnnx(model), writeSafetensors(toPyTorch(model)), script].map((file) => file.length)
console.log(JSON.stringify({ losses, names, bytes }))
`

/** Another Node, from npm, which keeps it in its cache; undefined where it cannot be had. */
async function otherNode(release: string): Promise<string | undefined> {
  const args = ["exec", "--yes", "--prefer-offline", `--package=node@${release}`, "--", "node", "--print"]
  const asked = await run("npm", [...args, "[process.version, process.execPath].join()"], {
    cwd: tmpdir(),
    timeout: 60_000,
  }).catch(() => ({ stdout: "" }))
  const [is, path] = asked.stdout.trim().split(",")
  if (is.startsWith(`v${release}.`)) return path
  console.warn(`skipped: no Node ${release} from npm, so the package is not tried on it`)
}
const [oldest] = engines.node.match(/\d+\.\d+/)
const [supported, tooOld] = [await otherNode(oldest), await otherNode("20")]

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "makewave-package-threads-"))
  await run("npm", ["pack", "--pack-destination", project])
  mkdirSync(inPackage(), { recursive: true })
  await run("tar", ["xzf", at(tarball), "--strip-components", "1", "-C", inPackage()])
  for (const dependency of [...Object.keys(dependencies), "@types/node"]) {
    mkdirSync(dirname(at("node_modules", dependency)), { recursive: true })
    symlinkSync(resolve("node_modules", dependency), at("node_modules", dependency))
  }
  writeFileSync(at("package.json"), '{ "type": "module", "private": true }')
}, 120_000)
afterAll(() => rmSync(project, { recursive: true }))

test("publint and Are The Types Wrong find nothing", async () => {
  const { messages } = await publint({ pkgDir: inPackage(), pack: false, strict: true })
  expect(messages).toEqual([])
  const checked = await checkPackage(createPackageFromTarballData(readFileSync(at(tarball))))
  // It is ESM: neither required from CommonJS nor found by a Node before 12.
  const problems = checked.types ? checked.problems : [checked]
  const ofESM = problems.filter(
    (each) => !("resolutionKind" in each && ["node10", "node16-cjs"].includes(each.resolutionKind)),
  )
  expect(ofESM).toEqual([])
})

test("its types hold in a project as strict as can be", { timeout: 120_000 }, async () => {
  const imports = specifiers.map((entry, k) => `import * as part${k} from "${entry}"; part${k}`)
  writeFileSync(at("types.ts"), imports.join("\n"))
  writeFileSync(at("program.ts"), program)
  const strict = [
    "strict",
    "exactOptionalPropertyTypes",
    "noPropertyAccessFromIndexSignature",
    "noUncheckedIndexedAccess",
    "isolatedModules",
    "verbatimModuleSyntax",
  ]
  const options = ["--noEmit", "--target", "es2024", "--types", "node", "--skipLibCheck", "false"]
  const inNode = ["nodenext", "--lib", "es2024"] // without the types of a page
  for (const module of [inNode, ["esnext", "--moduleResolution", "bundler"]]) {
    const args = [
      "types.ts",
      "program.ts",
      "--module",
      ...module,
      ...options,
      ...strict.flatMap((key) => [`--${key}`]),
    ]
    const said = await run(resolve("node_modules/.bin/tsc"), args, { cwd: project }).catch(
      ({ stdout }) => stdout,
    )
    expect(said).toEqual({ stdout: "", stderr: "" })
  }
})

test("Deno finds each entry in the checkout, too", () => {
  const { imports } = JSON.parse(readFileSync("deno.json", "utf8"))
  expect(Object.keys(imports).sort()).toEqual(specifiers.toSorted())
  for (const file of Object.values<string>(imports)) expect(existsSync(file), file).toBe(true)
})

test("each group of names is a namespace, and an entry of its own", async () => {
  const groups = [...entries.filter((entry) => entry !== "models"), "sound"]
  const comparison = `import * as all from "${name}"
    const groups = Object.keys(all).filter((key) => all[key][Symbol.toStringTag] === "Module" && key !== "functional")
    for (const group of groups) if (all[group] !== (await import("${name}/" + group))) throw new Error(group)
    console.log(groups.join())`
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", comparison], {
    cwd: project,
  })
  expect(stdout.trim().split(",").sort()).toEqual(groups.sort())
})

test("what its pages link to is in it", () => {
  const pages = globSync("**/*.md", { cwd: inPackage() })
  expect(pages.length).toBeGreaterThan(10)
  const missing = pages.flatMap((page) =>
    Array.from(readFileSync(inPackage(page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g))
      .filter(([, link]) => !existsSync(inPackage(dirname(page), link)))
      .map(([, link]) => `${page}: ${link}`),
  )
  expect(missing).toEqual([])
})

test("the README's first lines run as they are pasted, in a checkout and in a project", {
  timeout: 120_000,
}, async () => {
  const [, lines] = /```ts\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))!
  const pasted = async (cwd: string) =>
    (await run(process.execPath, ["--input-type=module", "--eval", lines], { cwd })).stdout
  const [{ stdout }, ...printed] = await Promise.all([
    run(process.execPath, ["examples/01-first-lines.ts"]),
    pasted(process.cwd()),
    pasted(project),
  ])
  expect(stdout).toMatch(/^500 \d\.\d{4}\n/)
  expect(printed).toEqual([stdout, stdout])
})

test("the command runs, and an old Node gets a sentence that says which one to install", async () => {
  const command = inPackage(JSON.parse(readFileSync(inPackage("package.json"), "utf8")).bin[name])
  expect((await run(process.execPath, [command, "--version"])).stdout).toBe(`${version}\n`)
  // npm has nothing to say of its own, such as of a setting that it does not know.
  const inCheckout = await run("npm", ["run", "-s", "makewave", "--", "--version"])
  expect(inCheckout).toEqual({ stdout: `${version}\n`, stderr: "" })
  writeFileSync(at("old.cjs"), 'Object.defineProperty(process.versions, "node", { value: "22.17.9" })')
  const old = run(process.execPath, ["--require", at("old.cjs"), command, "train"])
  const sentence = `makewave needs Node ${oldest} or later, and this is Node 22.17.9: `
  await expect(old).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(new RegExp(`^error: ${sentence}.*\\n$`)),
  })
  await expect(
    run(process.execPath, ["--require", at("old.cjs"), "bin/makewave.cjs", "start"]),
  ).rejects.toMatchObject({ code: 1, stderr: `error: ${sentence}run npm ci, which installs one here\n` })
  const loaded = run(
    process.execPath,
    ["--require", at("old.cjs"), "--input-type=module", "--eval", `import "${name}"`],
    {
      cwd: project,
    },
  )
  await expect(loaded).rejects.toThrow(`Error: ${sentence}`)
})

test("a program trains, samples and exports, on the oldest Node as on this one", {
  timeout: 60_000,
}, async () => {
  writeFileSync(at("program.ts"), program)
  for (const node of [process.execPath, supported ?? process.execPath]) {
    const { stdout } = await run(node, ["--disable-warning=ExperimentalWarning", "program.ts"], {
      cwd: project,
    })
    const { losses, names, bytes } = JSON.parse(stdout)
    expect(losses).toHaveLength(10)
    expect(losses[9]).toBeLessThan(losses[0])
    expect(names).toHaveLength(5)
    for (const size of bytes) expect(size).toBeGreaterThan(100_000)
    expect((await run(node, [inPackage("bin/makewave.cjs"), "--version"])).stdout).toBe(`${version}\n`)
  }
})

if (tooOld)
  test("on Node 20 the command and each import say which Node to install", async () => {
    const sentence = new RegExp(`makewave needs Node ${oldest} or later, and this is Node 20\\.`)
    await expect(run(tooOld, [inPackage("bin/makewave.cjs")])).rejects.toThrow(sentence)
    const imported = (entry: string) =>
      run(tooOld, ["--input-type=module", "--eval", `import "${entry}"`], { cwd: project })
    await expect(imported(name)).rejects.toThrow(sentence)
    // A part that needs nothing later may load.
    const failures = (await Promise.allSettled(specifiers.map(imported))).flatMap((each) =>
      each.status === "rejected" ? [each.reason.stderr] : [],
    )
    for (const failure of failures) expect(failure).toMatch(sentence)
  })

test("its examples and lecture run from a copy, and it has the recipes", {
  timeout: 60_000,
}, async () => {
  cpSync(inPackage(), at(name), { recursive: true })
  const env = { ...process.env, npm_command: "exec" }
  const node = (...args: string[]) => run(process.execPath, args, { cwd: project, env })
  expect((await node(`${name}/examples/02-tensors-and-gradients.ts`)).stdout).toContain(
    "Tensor (2, 3) float32",
  )
  expect((await node(`${name}/lecture/04-wavenet-overview.ts`)).stdout).toContain("[.deandre]")
  const recipe = ["--recipe", "bigram", "--steps", "10", "--out", "runs/recipe"]
  const { stdout } = await node(inPackage("bin/makewave.cjs"), "train", "names", ...recipe)
  expect(stdout).toContain("bigram, 729 parameters")
  expect(stdout).toContain("\n  npx makewave sample runs/recipe ")
})

test("its models sample and are started from, and make finds its threads", {
  timeout: 90_000,
}, async () => {
  writeFileSync(at("list.txt"), "anna\nbo\nclara\ndan\nemil\nfay\ngus\nhal\nida\njo\nkai\n")
  const making = ["list.txt", "--seconds", "5", "--count", "3", "--json", "--out", "runs/made"]
  const made = await run(process.execPath, [inPackage("bin/makewave.cjs"), ...making], { cwd: project })
  expect(JSON.parse(made.stdout).samples).toHaveLength(3)
  const tuning = ["list.txt", "--from", "base", "--steps", "5", "--out", "runs/tuned"]
  const tuned = await run(process.execPath, [inPackage("bin/makewave.cjs"), "train", ...tuning], {
    cwd: project,
  })
  expect(tuned.stdout).toMatch(/^run: runs\/tuned, started from base after its [\d,]+ steps$/m)
  const sampling = ["sample", "challenge", "--count", "3"]
  const sampled = await run(process.execPath, [inPackage("bin/makewave.cjs"), ...sampling], { cwd: project })
  expect(sampled.stdout.trim().split("\n")).toHaveLength(3)
})

test("lab serves the page of the package, all files that it asks for, and the wasm that onnxruntime-web has", {
  timeout: 60_000,
}, async () => {
  const args = [inPackage("bin/makewave.cjs"), "lab", "--no-open", "--json", "--port", "0"]
  const child = spawn(process.execPath, args, { cwd: project })
  try {
    const [line] = await once(child.stdout.setEncoding("utf8"), "data")
    const { url } = JSON.parse(line)
    const ofPage = (await (await fetch(`${url}sw.js`)).text()).match(/assets\/[\w.-]+/g) ?? []
    expect(ofPage.length).toBeGreaterThan(5)
    const missing = ofPage.filter((file) => !existsSync(inPackage("dist/lab", file)))
    expect(missing).toEqual([expect.stringMatching(/ort-wasm.*\.wasm$/)])
    for (const file of ofPage)
      expect((await fetch(`${url}${file}`, { method: "HEAD" })).status, file).toBe(200)
  } finally {
    child.kill("SIGINT")
    await once(child, "close")
  }
})

test("nothing is left in the system's temporary folder, where others can write", {
  timeout: 60_000,
}, async () => {
  const shared = at("shared")
  mkdirSync(shared)
  writeFileSync(at("words.txt"), "anna\nbo\nclara\ndan\nemil\nfay\ngus\nhal\nida\njo\nkai\n")
  const elsewhere = { TMPDIR: shared, TEMP: shared, TMP: shared }
  // Undefined are those that would turn off what is looked for.
  const quiet = { CI: undefined, NODE_COMPILE_CACHE: undefined, ORT_DISABLE_TELEMETRY: undefined }
  const env = { ...process.env, ...elsewhere, ...quiet }
  const makewave = (main: string, ...args: string[]) =>
    run(process.execPath, [main, ...args], { cwd: project, env })
  const [built, source] = [inPackage("bin/makewave.cjs"), resolve("src/cli/main.ts")]
  const training = ["train", "words.txt", "--model", "bigram", "--steps", "10", "--out", "runs/words"]
  await makewave(built, ...training)
  const later = [["sample"], ["evaluate"], ["inspect"], ["plot"], ["export", "--out", at("words.onnx")]]
  await Promise.all([...later.map((args) => makewave(built, ...args)), makewave(source, "sample")])
  expect(readdirSync(shared)).toEqual([])
})

if (executablePath)
  test("Vite bundles it into a page without a warning, with one engine, and the page trains", {
    timeout: 120_000,
  }, async () => {
    writeFileSync(
      at("index.html"),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    )
    writeFileSync(
      at("page.js"),
      `import * as makewave from "makewave"
      ${specifiers.map((entry, k) => `import * as part${k} from "${entry}"`).join("\n")}
      globalThis.parts = [${specifiers.map((_, k) => `part${k}`)}].map((part) => Object.keys(part).length)
      const { Generator, parseLines, train, Vocabulary, WaveNet, windows } = makewave
      async function losses() {
        const { lines } = parseLines("anna\\nbo\\nclara\\ndan\\n")
        const vocabulary = Vocabulary.from(lines)
        const model = new WaveNet({ vocabularySize: vocabulary.size, contextLength: 8 }).initialize(new Generator(42))
        const rows = windows(lines, vocabulary, 8)
        const losses = []
        for await (const { loss } of train(model, rows, { steps: 20, every: 1 })) losses.push(loss)
        return losses
      }
      globalThis.losses = losses()
      globalThis.base = makewave.openModel("base").then(({ model }) => model.vocabularySize)
      globalThis.makewave = makewave`,
    )
    const { build, createLogger, preview } = await import("vite")
    const warnings: string[] = []
    const customLogger = createLogger("silent")
    customLogger.warn = customLogger.warnOnce = (message) => warnings.push(message)
    const options = { root: project, configFile: false as const, logLevel: "warn" as const, customLogger }
    // The lists of names are the largest chunk.
    const bundle = await build({ ...options, build: { chunkSizeWarningLimit: 800 } })
    expect(warnings).toEqual([])
    const files = "output" in bundle ? bundle.output.map(({ fileName }) => fileName) : []
    expect(files.filter((name) => name.endsWith(".wasm"))).toHaveLength(1)

    const server = await preview({ ...options, preview: { port: 0 } })
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
    try {
      const page = await browser.newPage()
      const said: string[] = []
      const fetched: string[] = []
      page.on("request", (request) => fetched.push(request.url()))
      page.on("console", (message) => said.push(message.text()))
      page.on("pageerror", (error) => said.push(error.message))
      await page.goto(server.resolvedUrls?.local[0] ?? "")
      const losses = (await page.evaluate("globalThis.losses")) as number[]
      expect(await page.evaluate("Math.min(...globalThis.parts)")).toBeGreaterThan(0)
      expect(losses).toHaveLength(20)
      expect(losses[19]).toBeLessThan(losses[0])
      expect(await page.evaluate("globalThis.base")).toBeGreaterThan(200)
      // Of the package's models only the one that is opened.
      expect(fetched.filter((url) => url.endsWith(".safetensors"))).toHaveLength(1)
      expect(said).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  })
