/**
 * The models that come with the package, by name. Each is a folder of it with a kept model (kept.ts), which is read when it is asked for:
 * from the disk in Node, and by `fetch` in a page.
 */
import { node, unreadable } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { diskStore, storeOf } from "./disk-store.ts"
import type { Store } from "./store.ts"

/** A bundler finds the files by these very expressions. */
const packaged: Readonly<Record<string, Readonly<Record<string, () => URL>>>> = {
  base: {
    "config.json": () => new URL("../../base/config.json", import.meta.url),
    "model.safetensors": () => new URL("../../base/model.safetensors", import.meta.url),
  },
  challenge: {
    "config.json": () => new URL("../../challenge/config.json", import.meta.url),
    "model.safetensors": () => new URL("../../challenge/model.safetensors", import.meta.url),
  },
}

export const packagedNames: readonly string[] = Object.keys(packaged)

/** The files of the package's model of this name. Changing one is a UserError. */
export function packagedStore(name: string): Store {
  const refuse = async () => {
    throw new UserError(`${name}: this model comes with the package and stays as it is: name another folder`)
  }
  return {
    name,
    list: async () => Object.keys(packaged[name]),
    read: async (file) => (Object.hasOwn(packaged[name], file) ? bytesAt(packaged[name][file]()) : undefined),
    write: refuse,
    append: refuse,
    truncate: refuse,
    remove: refuse,
    lock: refuse,
  }
}

/** Whether this names a model of the package, and not a folder with a run. */
export async function isPackaged(place: Store | string): Promise<boolean> {
  if (typeof place !== "string" || !packagedNames.includes(place)) return false
  if (!globalThis.process?.versions?.node) return true
  const [here, its] = await Promise.all([diskStore(place), packagedStore(place)].map(configIn))
  return here === undefined || here === its // in a checkout the model lies there itself
}

const configIn = async (store: Store): Promise<string | undefined> => {
  const bytes = await store.read("config.json")
  return bytes && new TextDecoder().decode(bytes)
}

/** The store of a run's folder, or of a model of the package. */
export const storeToRead = async (place: Store | string): Promise<Store> =>
  (await isPackaged(place)) ? packagedStore(place as string) : storeOf(place)

/** In Node `fetch` knows no files. */
async function bytesAt(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = node().getBuiltinModule("node:fs/promises")
    return new Uint8Array(await readFile(url).catch(unreadable(url.pathname)))
  }
  const response = await fetch(url)
  if (!response.ok)
    throw new UserError(`${url}: the server answered ${response.status}: serve the package's file there`)
  return new Uint8Array(await response.arrayBuffer())
}
