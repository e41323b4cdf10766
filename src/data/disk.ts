/**
 * Data files on the disk: read with a sentence for everything that can be in the way, and kept in the user's cache.
 * Node's modules are loaded when one of these is called, so that a page may import what imports this.
 */

import { UserError } from "../errors.ts"

const MAXIMUM_BYTES = 256 * 2 ** 20

/** A file's bytes; undefined where there is no such file. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { readFile, stat } = await import("node:fs/promises")
  try {
    const found = await stat(path)
    if (found.isDirectory()) throw new UserError(`${path}: this is a folder: give a text file in it`)
    if (!found.isFile() && !found.isFIFO())
      throw new UserError(`${path}: this is a device or a socket: give a text file`)
    if (found.size > MAXIMUM_BYTES)
      throw new UserError(
        `${path}: the file has ${Math.round(found.size / 2 ** 20)} MiB, more than the limit of ${MAXIMUM_BYTES / 2 ** 20}: give part of it`,
      )
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof UserError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    if (code === "EACCES" || code === "EPERM")
      throw new UserError(`${path}: no permission to read it: change its permissions, or give another file`)
    throw new UserError(`${path}: cannot be read (${(error as Error).message}): give another file`)
  }
}

/** Writes a file whole or not at all, so that no other process ever reads a part. */
export async function keepBytes(path: string, bytes: Uint8Array): Promise<void> {
  const { mkdir, rename, rm, writeFile } = await import("node:fs/promises")
  const { dirname } = await import("node:path")
  const partial = `${path}.${process.pid}.tmp`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(partial, bytes)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
