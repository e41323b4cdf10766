/**
 * Models of one's own: a class in a file, added to the table of models for as long as the program runs. A run of such a model keeps the
 * path and the hash of the file, and never the code: what opens the run uses the class that was added, so that a run from somebody else
 * executes nothing.
 */
import { told, UserError } from "../errors.ts"
import { Model, type ModelClass } from "../models/model.ts"
import { trace } from "../nn/trace.ts"
import type { Value } from "../setting.ts"
import { show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { allModels, formerNames, groups, modelSettings, settings } from "./settings.ts"

/** What a run keeps of the file with its model. A program that adds a class need not say which file that is. */
export interface ModelFileRecord {
  /** From the folder in which the command ran. */
  readonly path?: string
  readonly sha256?: string
}

export interface OwnModel {
  readonly Class: ModelClass
  readonly record: ModelFileRecord
}

const added = new Map<string, OwnModel>()

/** The models that were added, by the name of their class. */
export const ownModels: ReadonlyMap<string, OwnModel> = added

/** Begins with a capital, unlike the names of the package's models. */
const className = /^[A-Z][A-Za-z0-9_]*$/

/** A flag is made of it. */
const settingName = /^[a-z][A-Za-z0-9]*$/

/** The flags of the commands that take a model's settings as flags, besides those of other settings. */
const flags = ["config", "help", "highest", "json", "lowest", "markdown", "onnx", "out", "resume", "svg"]

/**
 * Adds a model to the table, for as long as the program runs: the name of its class becomes a choice of the setting `model`, what it
 * declares becomes settings of a run, and runs of it can be opened. Returns the name. A UserError for a class that does not keep the
 * contract of docs/adding-a-model.md.
 */
export function addModel(Class: ModelClass, record: ModelFileRecord = {}): string {
  if (!isModelClass(Class))
    throw new UserError(`addModel: ${told(Class)} in place of a model: give a class that extends Model`)
  const { name, settings: own, description } = Class
  const refuse = refusing(record)
  if (!className.test(name))
    refuse(`the model's class is ${told(name)}`, "name it with a capital first, such as MyModel")
  if (typeof own !== "object" || own === null)
    refuse(
      `${name} declares no settings`,
      "add static readonly settings = { contextLength: windowLength(8) }",
    )
  for (const [key, setting] of Object.entries(own)) {
    if (!settingName.test(key))
      refuse(`${name} has a setting ${told(key)}`, "name it as in hiddenSize, with a small letter first")
    if (typeof setting?.accepts !== "function")
      refuse(
        `the setting ${key} of ${name} is ${told(setting)}`,
        'declare it, as in size(64, "hidden units")',
      )
  }
  if (!Object.hasOwn(own, "contextLength"))
    refuse(
      `the settings of ${name} lack contextLength`,
      "add windowLength(8), or sequenceLength for a model of sequences",
    )
  if (typeof description !== "string")
    refuse(`${name} has no description`, "add static readonly description, one sentence")
  const ofRuns = Object.keys(own).find((key) => isOfRuns(key))
  if (ofRuns !== undefined)
    refuse(`${name} has a setting ${ofRuns}, which is one of each run`, "name it otherwise")
  added.set(name, { Class, record })
  rebuild(name, Class)
  return name
}

/** Throws a sentence that begins with the file, if it is known. */
const refusing =
  ({ path }: ModelFileRecord) =>
  (what: string, remedy: string): never => {
    throw new UserError(`${path === undefined ? "" : `${path}: `}${what}: ${remedy}`)
  }

/** Whether this is the class of a model. */
export const isModelClass = (value: unknown): value is ModelClass =>
  typeof value === "function" && value.prototype instanceof Model

/** Names that a model cannot give to its settings. */
function isOfRuns(key: string): boolean {
  const free =
    key === "contextLength" || (key !== "model" && key !== "context" && Object.hasOwn(modelSettings(), key))
  const taken = Object.hasOwn(settings, key) || Object.hasOwn(formerNames, key)
  return !free && (taken || ["vocabularySize", "labels", "classes", ...flags].includes(key))
}

/** The table and the settings with a model more. Its own declarations come first where others have a setting of the same name. */
function rebuild(name: string, Class: ModelClass): void {
  const before = Object.keys(modelSettings())
  const others = { ...allModels }
  for (const key of Object.keys(others)) Reflect.deleteProperty(allModels, key)
  Object.assign(allModels, { [name]: Class }, others, { [name]: Class })
  const together = modelSettings()
  // A class that is added again, changed in its cell, may declare less than it did.
  for (const key of before.filter((key) => !Object.hasOwn(together, key)))
    for (const table of [groups.model, settings]) Reflect.deleteProperty(table, key)
  Object.assign(groups.model, together)
  Object.assign(settings, together)
}

/** A model of the class, tried once with symbols that stand for any. A UserError for one that breaks the contract. */
export function createOwn({ Class, record }: OwnModel, options: ConstructorParameters<ModelClass>[0]): Model {
  const model = new Class(options)
  const refuse = refusing(record)
  const { name } = Class
  const { reads, config } = model
  if (reads !== "windows" && reads !== "sequences")
    refuse(`${name} reads ${told(reads)}`, 'give readonly reads = "windows", or "sequences"')
  for (const key of ["vocabularySize", "contextLength"] as const)
    if (!Number.isSafeInteger(config?.[key]))
      refuse(`the config of ${name} lacks ${key}`, `set this.config = configOf(${name}, options)`)
  const [B, T, V] = [3, config.contextLength, config.vocabularySize]
  const ids = Tensor.input("ids", [B, T], "int32")
  const { result } = trace(model, "training", () => model.forward(ids, model.conditionInputs(B, T)))
  const wanted = reads === "windows" ? [B, V] : [B, T, V]
  const letters = reads === "windows" ? "(B, V)" : "(B, T, V)"
  const shape = result instanceof Tensor ? result.shape : undefined
  if (shape?.join() !== wanted.join())
    refuse(
      `${name} reads "${reads}", and its forward turns ids of ${show([B, T])} into ${shape ? show(shape) : told(result)}`,
      `return logits of ${letters}, which are ${show(wanted)} here`,
    )
  return model
}

/** For the settings of a run with a model of its own: those that only its class declares. */
export const takesOf =
  (record: unknown) =>
  (key: string, setting: unknown): boolean =>
    record !== undefined &&
    (key === "model"
      ? className.test(String(setting))
      : settingName.test(key) && !Object.hasOwn(settings, key) && isValue(setting))

/** A path of a config is printed, and may be written by somebody else: it has no control characters, which a terminal would obey. */
export const isPrintable = (path: string): boolean => !/\p{Cc}/u.test(path)

const isValue = (value: unknown): value is Value =>
  ["number", "boolean", "string"].includes(typeof value) ||
  (Array.isArray(value) && value.every((each) => typeof each === "number"))

/** Whether a run's model is of a file whose class was not added. */
export const isUnknown = (
  { model }: { readonly model?: string },
  record: ModelFileRecord | undefined,
): boolean => record !== undefined && !ownModels.has(model ?? "")

/**
 * Requires the class of a run's model, if it is one of somebody's own. Half a sentence if its file is not as it was when the run began.
 */
export function changedOwn(
  folder: string,
  {
    recipe: { model },
    modelFile,
  }: { readonly recipe: { readonly model: string }; readonly modelFile?: ModelFileRecord },
): string | undefined {
  if (modelFile === undefined) return undefined
  const { path, sha256 } = modelFile
  const own = ownModels.get(model)
  if (!own)
    throw new UserError(
      `${folder}: its model ${model} is code of a file${path === undefined ? "" : `, ${path}`}, and a run executes no code by itself: ` +
        `read the file, and give it, by addModel in a program, or at the command line by --model ${path ?? "FILE"}`,
    )
  const now = own.record.sha256
  if (now === undefined || sha256 === undefined || now === sha256) return undefined
  return `${own.record.path} has changed since ${folder} began`
}
