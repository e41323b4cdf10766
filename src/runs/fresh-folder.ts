/** An empty folder for a run without one, of the name in run-name.ts. */

import { failed } from "../data/atomic-file.ts"
import { node, STANDARD_INPUT } from "../data/disk.ts"
import { makeFolder } from "../data/make-folder.ts"
import type { Recipe } from "./recipe.ts"
import { runName } from "./run-name.ts"

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
  const source = basename(data === STANDARD_INPUT ? "stdin" : resolve(data)) // a folder may be given as .
  const path = join(RUNS, runName(model, source))
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
