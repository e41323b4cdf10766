/**
 * Writes files atomically: a reader, and the next start after a kill at any moment, finds the old file or the complete new one,
 * never a part. The content goes into a temporary file in the same folder, which is then renamed.
 * Source: POSIX rename, https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html
 */
import { UserError } from "../errors.ts"
import { node } from "./disk.ts"

/**
 * The folder must exist. A kill may leave a hidden `.NAME.*.tmp` beside the file, which nothing reads. If the disk is full or
 * read-only, the old file stays and a UserError says so.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const { rename, rm } = node().getBuiltinModule("node:fs/promises")
  const { basename, dirname, join } = node().getBuiltinModule("node:path")
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`)
  try {
    await writeSynced(temporary, content)
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    return failed(path)(error)
  }
}

/** Synced before it is renamed: after a power cut the name must not refer to bytes that never reached the disk. */
async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await node().getBuiltinModule("node:fs/promises").open(path, "wx")
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Syncs the new name. Some systems cannot open a folder; the file is complete there too. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = node().getBuiltinModule("node:fs/promises")
  const handle = await open(folder, "r").catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** A handler that throws a UserError for an error that the user can resolve, any other error as it is. */
export const failed =
  (path: string) =>
  (error: unknown): never => {
    const sentence = sentences[(error as NodeJS.ErrnoException).code ?? ""]
    throw sentence ? new UserError(`${path}: not written: ${sentence}`, { cause: error }) : error
  }

const full = "the disk is full: make room, or name a folder on another disk"
const forbidden = "this folder may not be written to: give yourself permission, or name another folder"

const sentences: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG:
    "it is larger than the limit on file sizes: raise the limit (ulimit -f), or name a folder on another disk",
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: "this file system is read-only: name a folder elsewhere",
  ENOENT: "its folder does not exist: make it first, or name another",
  ENOTDIR: "its folder is a file: name another folder",
  EISDIR: "there is a folder of this name: name another file",
  ENAMETOOLONG: "its name is too long: give a shorter one",
}
