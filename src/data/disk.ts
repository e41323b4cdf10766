/** Reads files from the disk, with an error message for each way that can fail. `atomic-file.ts` writes them. */
import { UserError } from "../errors.ts"

const MAXIMUM_BYTES = 256 * 2 ** 20

/**
 * `node().getBuiltinModule("node:path")` is a module of Node that no bundler sees, so that a page may import the code that asks for
 * it. In a page the call throws a UserError.
 */
export function node(): NodeJS.Process {
  if (globalThis.process?.versions?.node) return process
  throw new UserError("a page has no disk: pass the text itself (parseLines), and a store for runs")
}

/** The bytes of a file; undefined if there is none. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { readFile, stat } = node().getBuiltinModule("node:fs/promises")
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
