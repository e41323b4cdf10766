/**
 * The base: a small network, trained on many names, places and words, that comes with the package for trainings to start from. It is the
 * folder `base/`: the parameters as 16-bit floats, and a config with the model's settings and symbols.
 */
import * as z from "zod"
import { node, unreadable } from "../data/disk.ts"
import { makeFolder } from "../data/make-folder.ts"
import { Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import { fromFloat16, toFloat16 } from "../interchange/float16.ts"
import { readSafetensors, writeSafetensors } from "../interchange/safetensors.ts"
import type { Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import { storeOf } from "./disk-store.ts"
import { openModel } from "./open-model.ts"
import { createModel, resolveRecipe } from "./recipe.ts"
import { modelSettingsOf } from "./run-config.ts"
import { parseSettings, type Settings } from "./settings.ts"
import type { Store } from "./store.ts"

const files = { config: "config.json", model: "model.safetensors" }

const configSchema = z.looseObject({
  vocabulary: z.unknown(),
  trained: z.looseObject({ steps: z.int().min(1) }),
})

export interface Base {
  readonly model: Model
  readonly vocabulary: Vocabulary
  /** The settings of its model. */
  readonly settings: Settings
  /** The number of steps it was trained for. */
  readonly steps: number
  /** What it was trained on. */
  readonly trained: Readonly<Record<string, unknown>>
}

/** The package's base, or that of another folder, by its URL. */
export async function openBase(folder?: URL): Promise<Base> {
  // A bundler finds the files by these very expressions.
  const config = folder ? new URL(files.config, folder) : new URL("../../base/config.json", import.meta.url)
  const parameters = folder
    ? new URL(files.model, folder)
    : new URL("../../base/model.safetensors", import.meta.url)
  const [text, bytes] = await Promise.all([bytesAt(config), bytesAt(parameters)])
  const { vocabulary: symbols, trained, ...others } = configIn(text, config)
  const { steps, ...facts } = trained
  const settings = parseSettings(others, "base")
  const vocabulary = Vocabulary.fromJSON(symbols, { name: "base" })
  const model = createModel(resolveRecipe(settings), vocabulary.size)
  const { tensors } = readSafetensors(bytes, "base")
  const state: StateDict = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
      name,
      { shape, data: dtype === "F16" ? fromFloat16(data) : (data as Float32Array | Int32Array) },
    ]),
  )
  return { model: model.loadStateDict(state), vocabulary, settings, steps, trained: facts }
}

/** A UserError for a file that is no config of a base. */
function configIn(bytes: Uint8Array, url: URL): z.infer<typeof configSchema> {
  try {
    return configSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new UserError(`base: ${url}: this is no config of a base: give a folder that writeBase wrote`, {
      cause,
    })
  }
}

/** Writes the network of a run as a base into a folder on the disk. `facts` say what it was trained on. Labels are not kept: a run with some is a UserError. */
export async function writeBase(
  run: Store | string,
  out: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { model, config, folder, vocabulary, steps } = await openModel(run)
  if (config.condition || config.classes)
    throw new UserError(`${folder}: its model has labels, which a base has not: train one without`)
  const tensors = Object.entries(model.stateDict()).map(([name, { shape, data }]) => [
    name,
    data instanceof Int32Array
      ? { dtype: "I32", shape, data }
      : { dtype: "F16", shape, data: toFloat16(data, `${folder}: '${name}'`) },
  ])
  const settings = modelSettingsOf(config.recipe)
  const base = { ...settings, trained: { ...facts, steps }, vocabulary: vocabulary.toJSON() }
  await makeFolder(out)
  const store = storeOf(out)
  await store.write(files.model, writeSafetensors(Object.fromEntries(tensors)))
  await store.write(files.config, `${JSON.stringify(base, null, 2)}\n`)
}

/** A packaged file: from the disk in Node, whose `fetch` knows no files, and by `fetch` in a page. */
async function bytesAt(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = node().getBuiltinModule("node:fs/promises")
    return new Uint8Array(await readFile(url).catch(unreadable(url.pathname)))
  }
  const response = await fetch(url)
  if (!response.ok)
    throw new UserError(`base: ${url}: the server answered ${response.status}: serve the file there`)
  return new Uint8Array(await response.arrayBuffer())
}
