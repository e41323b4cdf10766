/**
 * A run's files in a directory of a page: in its private file system, which needs no permission, or picked by the user.
 * Source: https://fs.spec.whatwg.org and https://w3c.github.io/web-locks
 */
import { UserError } from "../errors.ts"
import type { Store } from "./store.ts"

/** Projects without the types of a page must not see the name. */
type Directory = typeof globalThis extends { FileSystemDirectoryHandle: { prototype: infer Handle } }
  ? Handle
  : never

/**
 * `directoryStore(await (await navigator.storage.getDirectory()).getDirectoryHandle("run", { create: true }))`. An empty file
 * counts as missing: a file that is being written for the first time is empty until all its content is there. A name with / is of a file
 * in a directory within it, where sounds lie.
 */
export function directoryStore(directory: Directory): Store {
  const { name } = directory

  /** The directory that the file lies in, and its name there. */
  async function placeOf(file: string, options: { create?: boolean } = {}) {
    const above = file.split("/")
    const last = above.pop()!
    let within = directory
    for (const each of above) within = await within.getDirectoryHandle(each, options)
    return { within, last }
  }

  async function find(file: string): Promise<File | undefined> {
    const found = await placeOf(file)
      .then(({ within, last }) => within.getFileHandle(last))
      .then((handle) => handle.getFile())
      .catch((error: DOMException) => {
        if (!["NotFoundError", "TypeMismatchError"].includes(error.name)) throw error
      })
    return found?.size ? found : undefined
  }

  /** The browser collects all changes in a copy, empty or of the file, which replaces the file when it is closed. */
  async function change(
    file: string,
    make: (stream: FileSystemWritableFileStream) => Promise<void>,
    keepExistingData: boolean,
  ): Promise<void> {
    try {
      const { within, last } = await placeOf(file, { create: true })
      const handle = await within.getFileHandle(last, { create: true })
      const stream = await handle.createWritable({ keepExistingData })
      try {
        await make(stream)
        await stream.close()
      } catch (error) {
        await stream.abort().catch(() => {})
        throw error
      }
    } catch (error) {
      if ((error as DOMException).name !== "QuotaExceededError") throw error
      throw new UserError(
        `${name}/${file}: not written: the browser gives this page no more room: remove a run`,
      )
    }
  }

  async function namesIn(within: Directory, before = ""): Promise<string[]> {
    const names: string[] = []
    for await (const [each, handle] of within.entries())
      if (handle.kind === "directory")
        names.push(...(await namesIn(handle as Directory, `${before}${each}/`)))
      else if (await find(before + each)) names.push(before + each)
    return names
  }

  return {
    name,

    list: () => namesIn(directory),

    async read(file) {
      const found = await find(file)
      return found && new Uint8Array(await found.arrayBuffer())
    },

    write: (file, content) => change(file, (stream) => stream.write(content), false),

    async append(file, content) {
      const position = (await find(file))?.size ?? 0
      await change(file, (stream) => stream.write({ type: "write", position, data: content }), true)
    },

    async truncate(file, length) {
      const size = (await find(file))?.size ?? 0
      if (size > length) await change(file, (stream) => stream.truncate(length), true)
    },

    async remove(file) {
      if (!(await find(file))) return
      const { within, last } = await placeOf(file)
      await within.removeEntry(last)
    },

    async lock() {
      const path = await (await navigator.storage.getDirectory()).resolve(directory)
      const reserved = Promise.withResolvers<() => Promise<void>>()
      const over = Promise.withResolvers<void>()
      const request = navigator.locks.request(
        `makewave ${path?.join("/") ?? name}`,
        { ifAvailable: true },
        (lock) => {
          if (!lock)
            throw new UserError(
              `${name}: a training into this directory is under way: wait for it, or name another`,
            )
          reserved.resolve(async () => {
            over.resolve()
            await request
          })
          return over.promise
        },
      )
      request.catch(reserved.reject)
      return reserved.promise
    },
  }
}
