/** An empty folder for a run without one, named by model, data and time: runs/wavenet-names-20261123-184530. */

import { failed } from "../data/atomic-file.ts"
import { node, STANDARD_INPUT } from "../data/disk.ts"
import { makeFolder } from "../data/make-folder.ts"
import type { Recipe } from "./recipe.ts"

/** Throws a UserError if no folder can be created here. */
export async function requireFreshFolder(): Promise<void> {
  const { access, constants } = node().getBuiltinModule("node:fs/promises")
  await makeFolder(RUNS)
  await access(RUNS, constants.W_OK).catch(failed(RUNS))
}

const RUNS = "runs"

export async function freshFolder({ model, data }: Recipe): Promise<string> {
  const { mkdir } = node().getBuiltinModule("node:fs/promises")
  const { basename, join, resolve } = node().getBuiltinModule("node:path")
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
  const time = local.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")
  const source = basename(data === STANDARD_INPUT ? "stdin" : resolve(data)) // a folder may be given as .
    .normalize("NFC") // otherwise a combining accent would become a dash
    .replace(/\.[^.]*$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
  const path = join(RUNS, [model, source, time].filter((part) => part !== "").join("-"))
  await makeFolder(RUNS)
  for (let copy = 1; ; copy++) {
    const folder = copy === 1 ? path : `${path}-${copy}`
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") failed(folder)(error)
    }
  }
}
