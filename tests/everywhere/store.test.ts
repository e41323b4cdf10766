/** The contract of a run's store: one in memory, and in Node a folder on the disk, in Chromium a directory in the page's file system. */
import { directoryStore } from "../../src/runs/directory-store.ts"
import { diskStore } from "../../src/runs/disk-store.ts"
import { memoryStore } from "../../src/runs/memory-store.ts"
import type { Store } from "../../src/runs/store.ts"
import { type Place, testStores } from "./store-contract.ts"

async function onDisk(): Promise<Place> {
  const { mkdtemp, rm } = process.getBuiltinModule("node:fs/promises")
  const { join } = process.getBuiltinModule("node:path")
  const folder = await mkdtemp(join(process.getBuiltinModule("node:os").tmpdir(), "makewave-store-"))
  return {
    open: async (name) => diskStore(join(folder, name)),
    clear: () => rm(folder, { recursive: true }),
  }
}

async function inPage(): Promise<Place> {
  const root = await navigator.storage.getDirectory()
  const made = new Set<string>()
  return {
    async open(name) {
      made.add(name)
      return directoryStore(await root.getDirectoryHandle(name, { create: true }))
    },
    async clear() {
      for (const name of made) await root.removeEntry(name, { recursive: true })
    },
  }
}

async function inMemory(): Promise<Place> {
  const stores = new Map<string, Store>()
  return {
    async open(name) {
      if (!stores.has(name)) stores.set(name, memoryStore(name))
      return stores.get(name)!
    },
    clear: async () => stores.clear(),
  }
}

testStores("kept", globalThis.window ? inPage : onDisk)
testStores("in memory", inMemory)
