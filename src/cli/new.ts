/** `makewave new`: writes a folder with a model of one's own, its test, its recipe and a notebook that imports it. */
import { existsSync, readFileSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import type { Command } from "commander"
import { failed } from "../data/atomic-file.ts"
import { told, UserError } from "../errors.ts"
import { commandLine, print, printJson, shellWord } from "./output.ts"

const examples = `
The class begins with a capital: my-model is MyModel. Nothing that is there is overwritten.

Examples:
  makewave new my-model
  makewave train words.txt --model my-model/model.ts     the recipe beside the file is read too; flags take precedence
  makewave train --model my-model/model.ts --help        its settings are flags
  makewave inspect my-model/model.ts
  makewave sample runs/NAME --model my-model/model.ts    a run has the numbers of a model, and never its code`

export function define(command: Command): void {
  command
    .argument("<name>", "the name of the folder, which is made here")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(writeModel)
}

/** What the files of the model that is copied are about, from the package's folder. */
const TEMPLATE = { folder: "examples/my-model", name: "my-model", className: "MyModel" }

const files: Readonly<Record<string, string>> = {
  "model.ts": "the model: layers, settings, forward",
  "model.test.ts": "its test: shapes, and a tiny list by heart",
  "recipe.yaml": "how it is trained",
  "notebook.ipynb": "a notebook that imports it, for Jupyter with Deno's kernel",
  "package.json": "says that the files are modules",
}

const root = resolve(import.meta.dirname, "../..")

async function writeModel(name: string, { json }: { json?: true }): Promise<void> {
  const className = await classOf(name)
  await mkdir(name).catch((error) => {
    if (error.code !== "EEXIST") return failed(name)(error)
    throw new UserError(`${name}: there is such a folder or file: give another name, or delete it`)
  })
  const written = await contents(name, className)
  for (const [file, text] of Object.entries(written))
    await writeFile(join(name, file), text, { flag: "wx" }).catch(failed(join(name, file)))
  const next = commandsFor(name)
  if (json) return printJson({ folder: name, class: className, files: Object.keys(written), next })
  for (const file of Object.keys(written))
    print(`${join(name, file).padEnd(name.length + 18)} ${files[file]}`)
  print("\nTry next; the path of your own list can stand in place of names:")
  for (const line of next) print(`  ${line}`)
  print(
    "\nThe notebook needs Jupyter and Deno's kernel, once: pip install jupyterlab && npx deno jupyter --install",
  )
}

/** my-model is MyModel. A UserError for a name that gives no class, or one that something else has. */
async function classOf(name: string): Promise<string> {
  const remedy = "give letters, digits and dashes, a letter first, such as my-model"
  if (/[/\\]/.test(name))
    throw new UserError(
      `${told(name)}: the folder is made here, and this is a path: give a name alone, such as my-model`,
    )
  if (!/^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*$/.test(name))
    throw new UserError(`${told(name)}: the name of a class is made of it: ${remedy}`)
  const className = name
    .split(/[-_]/)
    .map((part) => part[0].toUpperCase() + part.slice(1))
    .join("")
  const known = await import("../index.ts")
  const templates = await contents(TEMPLATE.name, TEMPLATE.className)
  const isWritten = Object.values(templates).some((text) => new RegExp(`\\b${className}\\b`).test(text))
  const isTemplates = className === TEMPLATE.className
  if (className in known || className in globalThis || (isWritten && !isTemplates))
    throw new UserError(
      `${name}: ${className} is a name that the files use already: give another, such as my-${name}`,
    )
  return className
}

/** The files by name. */
async function contents(name: string, className: string): Promise<Record<string, string>> {
  const from = join(root, TEMPLATE.folder)
  const written: Record<string, string> = {}
  for (const file of Object.keys(files).filter((file) => existsSync(join(from, file)))) {
    const text = await readFile(join(from, file), "utf8").catch(failed(join(from, file)))
    written[file] = text.replaceAll(TEMPLATE.className, className).replaceAll(TEMPLATE.name, name)
  }
  if (!isModuleHere())
    written["package.json"] = `${JSON.stringify({ private: true, type: "module" }, null, 2)}\n`
  return written
}

/** Whether the nearest package.json says that files are modules. */
function isModuleHere(folder = process.cwd()): boolean {
  const path = join(folder, "package.json")
  if (existsSync(path)) {
    try {
      return JSON.parse(readFileSync(path, "utf8")).type === "module"
    } catch {
      return false
    }
  }
  return folder !== dirname(folder) && isModuleHere(dirname(folder))
}

function commandsFor(name: string): string[] {
  const model = `${name}/model.ts`
  const isInCheckout = import.meta.url.endsWith(".ts") && !relative(root, process.cwd()).startsWith("..")
  const node = isInCheckout ? "npx node --conditions=makewave-source" : "node"
  return [
    ...(isInCheckout || isFound(name) ? [] : [`npm install --ignore-scripts ${shellWord(root)}`]),
    `${node} --test ${name}/model.test.ts`,
    commandLine(["train", "names", "--model", model, "--out", `runs/${name}`]),
    commandLine(["sample", `runs/${name}`, "--model", model]),
    `jupyter lab ${name}/notebook.ipynb`,
  ]
}

/** Whether a file of the folder can import makewave. */
function isFound(name: string): boolean {
  try {
    return Boolean(createRequire(resolve(name, "model.ts")).resolve("makewave"))
  } catch {
    return false
  }
}
