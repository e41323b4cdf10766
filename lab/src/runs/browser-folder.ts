/**
 * The folder of this browser's runs, in the page's private file system: trainers write to it, and opfs.ts reads it.
 * Source: https://fs.spec.whatwg.org
 */
import { directoryStore } from "../../../src/runs/directory-store.ts"
import type { Store } from "../../../src/runs/store.ts"

export const BROWSER_FOLDER = "runs"

export const browserFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(BROWSER_FOLDER, { create: true })

/** The files of a run, a folder that is made if there is none. */
export const browserRun = async (run: string): Promise<Store> =>
  directoryStore(await (await browserFolder()).getDirectoryHandle(run, { create: true }))
