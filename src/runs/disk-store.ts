/** A run's files in a folder on Node's disk. */

import { failed, writeFileAtomic } from "../data/atomic-file.ts"
import { node, unreadable } from "../data/disk.ts"
import { makeFolder } from "../data/make-folder.ts"
import type { Lock } from "./lock.ts"
import type { Store } from "./store.ts"

export function diskStore(folder: string): Store {
  const { appendFile, readdir, readFile, rm, stat, truncate } = node().getBuiltinModule("node:fs/promises")
  const { join } = node().getBuiltinModule("node:path")
  let lock: Lock | undefined
  /** The path of a file that may be changed. */
  const changeable = async (file: string) => {
    await lock?.requireHeld()
    return join(folder, file)
  }
  return {
    name: folder,

    list: async () => (await readdir(folder).catch(noneIfMissing).catch(unreadable(folder))) ?? [],

    async read(file) {
      const path = join(folder, file)
      // A device may have no end.
      const found = await stat(path).catch(noneIfMissing).catch(unreadable(path))
      return found?.isFile() ? readFile(path).catch(noneIfMissing).catch(unreadable(path)) : undefined
    },

    async write(file, content) {
      await writeFileAtomic(await changeable(file), content)
    },

    async append(file, content) {
      const path = await changeable(file)
      await appendFile(path, content, { flush: true }).catch(failed(path))
    },

    async truncate(file, length) {
      const path = await changeable(file)
      const { size = 0 } = (await stat(path).catch(noneIfMissing)) ?? {}
      if (size > length) await truncate(path, length).catch(failed(path))
    },

    async remove(file) {
      const path = await changeable(file)
      await rm(path, { force: true }).catch(failed(path))
    },

    async lock() {
      const { lockFolder } = await import("./lock.ts") // which a page has no use for
      await makeFolder(folder)
      const held = await lockFolder(folder)
      lock = held
      return async () => {
        lock = undefined
        await held.release()
      }
    },
  }
}

function noneIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error
}

/** A store, or the path of a folder on the disk. */
export const storeOf = (place: Store | string): Store =>
  typeof place === "string" ? diskStore(place) : place
