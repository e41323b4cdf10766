/**
 * Writes files atomically: a reader, and the next start after a kill at any moment, finds the old file or the complete new one,
 * never a part. The content goes into a temporary file in the same folder, which is then renamed.
 * Source: POSIX rename, https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html
 */
import { UserError } from "../errors.ts"
import { node } from "./disk.ts"

/**
 * The folder must exist. A link is followed, and the file that it leads to is replaced and keeps its mode. A device, a FIFO or an output
 * of this process is written into. A kill may leave a hidden `.NAME.*.tmp` beside the file, which nothing reads. If the disk is full or
 * read-only, the old file stays and a UserError says so.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const { appendFile, rename, rm, stat } = node().getBuiltinModule("node:fs/promises")
  const { basename, dirname, join } = node().getBuiltinModule("node:path")
  if (await isWrittenInto(path)) return appendFile(path, content).catch(failed(path))
  const there = await stat(path).catch(() => undefined)
  const target = await targetOf(path).catch(failed(path))
  const folder = dirname(target)
  const temporary = join(folder, `.${basename(target)}.${crypto.randomUUID()}.tmp`)
  try {
    await writeSynced(temporary, content, there?.mode)
    await rename(temporary, target)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && (await stat(folder).catch(() => undefined)))
      throw new UserError(`${path}: not written: its folder takes no new files: name a file elsewhere`)
    return failed(path)(error)
  }
}

/** Whether a path is a device, a FIFO or an output of this process, which no file replaces. */
export async function isWrittenInto(path: string): Promise<boolean> {
  const { stat } = node().getBuiltinModule("node:fs/promises")
  const there = await stat(path).catch(() => undefined)
  return OUTPUT.test(path) || (there !== undefined && !there.isFile() && !there.isDirectory())
}

/** Throws early, before the content is computed, if a file could not be written into its folder. */
export async function requireFolderOf(path: string): Promise<void> {
  const { access, constants } = node().getBuiltinModule("node:fs/promises")
  const { dirname } = node().getBuiltinModule("node:path")
  await access(dirname(path), constants.W_OK).catch(failed(path))
}

/** The outputs of a process as paths. They may be redirected to a regular file. */
const OUTPUT = /^\/(dev\/(stdout|stderr|fd\/)|proc\/(self|\d+)\/fd\/)/

/** The file that a path leads to through links, whether it exists or not. */
async function targetOf(path: string): Promise<string> {
  const { readlink } = node().getBuiltinModule("node:fs/promises")
  const { dirname, resolve } = node().getBuiltinModule("node:path")
  let target = path
  for (let links = 0; ; links++) {
    const next = await readlink(target).catch(() => undefined)
    if (next === undefined) return target
    if (links === 40) throw Object.assign(new Error("links in a circle"), { code: "ELOOP" })
    target = resolve(dirname(target), next)
  }
}

/**
 * Synced before it is renamed: after a power cut the name must not refer to bytes that never reached the disk. The mode is that of the
 * file to be replaced.
 */
async function writeSynced(path: string, content: Uint8Array | string, mode?: number): Promise<void> {
  const file = await node().getBuiltinModule("node:fs/promises").open(path, "wx")
  try {
    if (mode !== undefined) await file.chmod(mode & 0o7777)
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
  ENXIO: "this is a socket: name a file",
  ELOOP: "its links lead in a circle: name another file",
  ENOENT: "its folder does not exist: make it first, or name another",
  ENOTDIR: "its folder is a file: name another folder",
  EMFILE: "too many files are open: raise the limit on them (ulimit -n)",
  ENFILE: "the system has too many files open: end other programs, or raise its limit",
  EISDIR: "there is a folder of this name: name another file",
  ENAMETOOLONG: "its name is too long: give a shorter one",
}
