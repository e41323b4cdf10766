/** A run's files in memory, for a run that need not outlast the program: in Node and in a page. */
import { UserError } from "../errors.ts"
import type { Store } from "./store.ts"

export function memoryStore(name = "a run in memory"): Store {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  let locked = false
  return {
    name,
    list: async () => [...files.keys()],
    read: async (file) => files.get(file)?.slice(),
    async write(file, content) {
      files.set(file, typeof content === "string" ? new TextEncoder().encode(content) : content.slice())
    },
    async append(file, content) {
      const before = files.get(file) ?? new Uint8Array()
      const all = new Uint8Array(before.length + content.length)
      all.set(before)
      all.set(content, before.length)
      files.set(file, all)
    },
    async truncate(file, length) {
      const bytes = files.get(file)
      if (bytes && bytes.length > length) files.set(file, bytes.slice(0, length))
    },
    async remove(file) {
      files.delete(file)
    },
    async lock() {
      if (locked) throw new UserError(`${name}: another training writes into it: wait for its end`)
      locked = true
      return async () => {
        locked = false
      }
    },
  }
}
