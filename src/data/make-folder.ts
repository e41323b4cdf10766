/** Creates a folder and those that contain it. */
import { UserError } from "../errors.ts"
import { failed } from "./atomic-file.ts"
import { node } from "./disk.ts"

/**
 * Throws a UserError if a file is in the way or the folder cannot be created. Node's own recursive mkdir never returns if the system
 * answers ENOENT although the parent exists, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  const { mkdir, stat } = node().getBuiltinModule("node:fs/promises")
  const { dirname, resolve } = node().getBuiltinModule("node:path")
  const missing: string[] = []
  let found = resolve(path)
  for (;;) {
    const there = await stat(found).catch(() => undefined)
    if (there?.isDirectory()) break
    if (there)
      throw new UserError(
        missing.length === 0
          ? `${path}: this is a file: name a folder`
          : `${path}: not created: ${found} is a file: name another folder`,
      )
    if (found === dirname(found)) break
    missing.unshift(found)
    found = dirname(found)
  }
  for (const folder of missing)
    await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process may have created it meanwhile.
      if (error.code === "EEXIST" && (await stat(folder).catch(() => undefined))?.isDirectory()) return
      if (error.code === "EEXIST")
        throw new UserError(
          `${path}: not created: ${folder} is a link to nothing: remove it, or name another`,
        )
      if (error.code === "ENOENT")
        throw new UserError(
          `${path}: not created: ${dirname(folder)} takes no new folders: name one elsewhere`,
        )
      failed(path)(error)
    })
}
