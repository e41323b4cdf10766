/**
 * How the files of a run reach the disk: a reader, and the next start after a kill at any moment, finds the old file or
 * the whole new one, never a part. What is written lies in a file beside it first, which takes the name at the end.
 * Source: POSIX rename, https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html
 */
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"

/**
 * The folder must be there. A kill in between may leave a hidden `.NAME.*.tmp` beside the file, which nothing reads.
 * A disk that is full or may not be written to is a UserError, and leaves the old file.
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
    throw diskError(path, error)
  }
}

/** On the disk itself before it gets its name: after a power cut a name must not stand for bytes that never arrived. */
async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await node().getBuiltinModule("node:fs/promises").open(path, "wx")
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The new name itself reaches the disk. Not every system lets a folder be opened, and there the file is whole as well. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = node().getBuiltinModule("node:fs/promises")
  const handle = await open(folder, "r").catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** The UserError in place of an error that is the disk's and not a bug's; else the error itself. */
export function diskError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  const sentence = code !== undefined && sentences[code]
  return sentence ? new UserError(`${path}: not written: ${sentence}`, { cause: error }) : error
}

const full = "the disk is full: make room, or name a folder on another disk"
const forbidden = "this folder may not be written to: give yourself permission, or name another folder"

const sentences: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG:
    "it is larger than files may be here: raise that limit (ulimit -f), or name a folder on another disk",
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: "this file system can only be read: name a folder elsewhere",
  ENOENT: "its folder is not there: make it first, or name another",
  ENOTDIR: "what should be its folder is a file: name another folder",
  EISDIR: "there is a folder of this name: name another file",
  ENAMETOOLONG: "its name is too long: give a shorter one",
}
