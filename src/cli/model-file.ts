/**
 * Models of one's own at the command line: a file in place of the model's name, as in --model my-model/model.ts. Only what the command
 * line itself names is executed: no run, no config file and no plan can name code.
 */

import { existsSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { InvalidArgumentError, Option } from "commander"
import { nameOfPath, readBytes } from "../data/disk.ts"
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"

/** The names of the models that were loaded, with their files. */
const loaded = new Map<string, string>()

/** The file beside a model that has the settings it is trained with. */
const RECIPE = "recipe.yaml"

const isModelFile = (word: string | undefined): word is string =>
  word !== undefined && /\.[cm]?[jt]s$/.test(word)

/** The commands that open runs, whose models may be of files. */
const opening = ["sample", "evaluate", "inspect", "export", "compare"]

/** The commands that train. */
const training = ["train", "lr-find"]

/** The flag of these commands. The files are loaded before the command is defined. */
export const modelFile = (): Option =>
  new Option("--model <file>", "the file with the run's model, if it is one of your own").argParser(() => {
    throw new InvalidArgumentError(
      "give the file of a model of your own, such as my-model/model.ts, or leave it out",
    )
  })

/**
 * The arguments of a command, with the files of models loaded and their names in place of them. A training also reads the recipe beside
 * its model, unless it has another config or resumes.
 */
export async function withModelFiles(args: readonly string[]): Promise<readonly string[]> {
  const [command] = args
  if (![...opening, ...training].includes(command)) return args
  const words: string[] = []
  const files = new Map<string, string>()
  let file: string | undefined
  for (const [k, word] of args.entries()) {
    const [, before = "", path = word] = /^(--model=|model=)(.*)$/s.exec(word) ?? []
    const isFlag = before !== "" || args[k - 1] === "--model"
    if (isFlag && existsSync(join(path, "model.ts")))
      throw new UserError(`${path}: this is a folder: give the file in it, ${join(path, "model.ts")}`)
    const isArgument = command === "inspect" && !word.startsWith("-") && args[k - 1] !== "--data"
    if (!isModelFile(path) || !(isFlag || isArgument)) {
      words.push(word)
      continue
    }
    file = path
    const name = await loadModelFile(path)
    const other = files.get(name) ?? path
    if (resolve(other) !== resolve(path))
      throw new UserError(
        `${path}: its class is ${name}, as that of ${other} is: give one of the two another name`,
      )
    files.set(name, path)
    if (training.includes(command) || !isFlag) words.push(before + name)
    else if (before === "") words.pop() // the class is known now, and the command needs no flag
  }
  if (file === undefined || !training.includes(command)) return words
  const recipe = join(dirname(file), RECIPE)
  const isFree = !words.some((word) => /^--(config|resume)(=|$)/.test(word))
  return isFree && existsSync(recipe) ? [...words, `--config=${recipe}`] : words
}

/** The words of a command with the files in place of the names of models, so that it can be repeated. */
export function withFilesNamed(words: readonly string[]): string[] {
  const named = words.map((word, k) => (words[k - 1] === "--model" && loaded.get(word)) || word)
  if (![...opening, ...training].includes(words[0]) || named.includes("--model")) return named
  return [...named, ...[...loaded.values()].flatMap((path) => ["--model", path])]
}

/** The error as the sentence of the line where it came about, if that is in the file of a model. */
export function withPlaceInFile(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  for (const path of loaded.values()) {
    const line = placeIn(path, error)
    if (line !== undefined) return new UserError(`${path}:${line}: ${error.message}`, { cause: error })
  }
  return error
}

async function loadModelFile(given: string): Promise<string> {
  const path = relative("", given) || given
  const bytes = await readBytes(path)
  if (!bytes)
    throw new UserError(
      `${nameOfPath(given)}: there is no such file: give that of a model, such as my-model/model.ts`,
    )
  const { addModel, isModelClass } = await import("../runs/own-models.ts")
  registerOnce()
  const exported = await import(pathToFileURL(resolve(path)).href).catch((error) => {
    throw asSentence(path, error)
  })
  const classes = [...new Set(Object.values(exported))].filter(isModelClass)
  if (classes.length === 0)
    throw new UserError(
      `${path}: it exports no model: export one, as in export class MyModel extends Model, with Model from "makewave"`,
    )
  if (classes.length > 1)
    throw new UserError(
      `${path}: it exports ${classes.map(({ name }) => name).join(" and ")}: export one model of a file`,
    )
  const name = addModel(classes[0], { path, sha256: await sha256Of(bytes) })
  loaded.set(name, path)
  return name
}

/** The file imports this makewave, whichever others are installed beside it: its classes are those of the command. */
let isRegistered = false
function registerOnce(): void {
  if (isRegistered) return
  isRegistered = true
  const ofSource = import.meta.url.endsWith(".ts") ? ["makewave-source"] : []
  registerHooks({
    resolve: (specifier, context, next) =>
      /^makewave(\/|$)/.test(specifier)
        ? next(specifier, {
            ...context,
            parentURL: import.meta.url,
            conditions: [...context.conditions, ...ofSource],
          })
        : next(specifier, context),
  })
}

/** What is wrong with a file that cannot be loaded. */
function asSentence(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error
  if (!(error instanceof Error)) return new UserError(`${path}: it throws ${String(error)} as it is loaded`)
  const { message, stack = "" } = error
  // Node puts the file and the line of a syntax error before the rest.
  const [, file, line] = /^(\S.*):(\d+)\n/.exec(stack) ?? []
  if (file !== undefined) {
    const its = file.startsWith("file:") ? fileURLToPath(file) : file
    return new UserError(`${relative("", its)}:${line}: ${message}`, { cause: error })
  }
  const at = placeIn(path, error)
  return new UserError(`${path}${at === undefined ? "" : `:${at}`}: ${message}`, { cause: error })
}

/** The line of a file where an error came about. */
function placeIn(path: string, { stack = "" }: Error): string | undefined {
  const start = `${pathToFileURL(resolve(path)).href}:`
  const at = stack.indexOf(start)
  return at === -1 ? undefined : /^\d+/.exec(stack.slice(at + start.length))?.[0]
}
