/** A run's files in a folder on Node's disk. */

import { failed, writeFileAtomic } from "../data/atomic-file.ts"
import { node } from "../data/disk.ts"
import { makeFolder } from "../data/make-folder.ts"
import { UserError } from "../errors.ts"
import { lockFolder } from "./lock.ts"
import type { Store } from "./store.ts"

export function diskStore(folder: string): Store {
  const { appendFile, readdir, readFile, rm, stat, truncate } = node().getBuiltinModule("node:fs/promises")
  const { join } = node().getBuiltinModule("node:path")
  return {
    name: folder,

    list: async () => (await readdir(folder).catch(noneIfMissing)) ?? [],

    async read(file) {
      const path = join(folder, file)
      try {
        // A device may have no end.
        if ((await stat(path)).isFile()) return await readFile(path)
      } catch (error) {
        if (isMissing(error)) return undefined
        throw new UserError(`${path}: it cannot be read (${(error as Error).message}): use a copy that can`)
      }
    },

    write: (file, content) => writeFileAtomic(join(folder, file), content),

    async append(file, content) {
      const path = join(folder, file)
      await appendFile(path, content, { flush: true }).catch(failed(path))
    },

    async truncate(file, length) {
      const path = join(folder, file)
      const { size = 0 } = (await stat(path).catch(noneIfMissing)) ?? {}
      if (size > length) await truncate(path, length).catch(failed(path))
    },

    remove: (file) => rm(join(folder, file), { force: true }),

    async lock() {
      await makeFolder(folder)
      return lockFolder(folder)
    },
  }
}

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")

function noneIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

/** A store, or the path of a folder on the disk. */
export const storeOf = (place: Store | string): Store =>
  typeof place === "string" ? diskStore(place) : place
