/**
 * Reads files from the disk, standard input and pipes: whole, within a limit, and with a sentence for each way that can fail.
 * `atomic-file.ts` writes them.
 */
import { UserError } from "../errors.ts"

/** The largest file that is read, unless its reader sets another limit. */
const MAX_BYTES = 256 * 2 ** 20

/** How long to wait for a program to open a pipe for writing. */
const PATIENCE_SECONDS = 5

/** Stands for standard input in place of a path. */
export const STANDARD_INPUT = "-"

/** A path as messages show it: a blank one in quotes. */
export const nameOfPath = (path: string): string =>
  path === STANDARD_INPUT ? "standard input" : path.trim() === "" ? JSON.stringify(path) : path

/** The last name in a path, with slashes of either kind. */
export const lastNameOf = (path: string): string => path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/s, "")

/**
 * Node's modules, as in `node().getBuiltinModule("node:path")`, hidden from bundlers, so that a page may import code that uses them. In a
 * page the call throws a UserError.
 */
export function node(): NodeJS.Process {
  if (globalThis.process?.versions?.node) return process
  throw new UserError("a page has no disk: pass the text itself (parseLines), and a store for runs")
}

/** Whether the path is a folder. A page has none. */
export async function isFolder(path: string): Promise<boolean> {
  if (!globalThis.process?.versions?.node) return false
  const { stat } = node().getBuiltinModule("node:fs/promises")
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/** The bytes of a file, a pipe or, for "-", standard input; undefined if there is no such file. */
export async function readBytes(
  path: string,
  { maximumBytes = MAX_BYTES, patienceSeconds = PATIENCE_SECONDS } = {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { open, stat } = node().getBuiltinModule("node:fs/promises")
  const { O_NONBLOCK = 0, O_RDONLY } = node().getBuiltinModule("node:fs").constants
  const name = nameOfPath(path)
  const chunks: Uint8Array[] = []
  let length = 0
  const keep = (chunk: Uint8Array) => {
    length += chunk.length
    if (length > maximumBytes) throw tooLarge(name, maximumBytes)
    chunks.push(chunk)
  }
  try {
    if (path === STANDARD_INPUT) for await (const chunk of node().stdin) keep(chunk)
    else {
      const found = await stat(path)
      if (found.isDirectory()) throw new UserError(`${path}: this is a folder: give a file in it`)
      const isPipe = found.isFIFO()
      if (!found.isFile() && !isPipe)
        throw new UserError(`${path}: this is a device or a socket: give a file`)
      if (found.size > maximumBytes) throw tooLarge(path, maximumBytes)
      // Without O_NONBLOCK a pipe that no program writes to would not even open.
      const file = await open(path, isPipe ? O_RDONLY | O_NONBLOCK : O_RDONLY)
      try {
        if (isPipe) for await (const chunk of chunksOfPipe(file, path, patienceSeconds)) keep(chunk)
        else
          for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 2 ** 20 }))
            keep(chunk)
      } finally {
        await file.close()
      }
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ""
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    unreadable(name)(error)
  }
  const bytes = new Uint8Array(length)
  // From the end, so that each chunk can be freed as soon as it is copied.
  for (let end = length; chunks.length > 0; ) {
    const chunk = chunks.pop()!
    end -= chunk.length
    bytes.set(chunk, end)
  }
  return bytes
}

/** Reads a pipe to its end. An end before the first byte only means that no program has opened it for writing yet. */
async function* chunksOfPipe(
  file: { read(buffer: Uint8Array): Promise<{ bytesRead: number }> },
  path: string,
  patienceSeconds: number,
): AsyncGenerator<Uint8Array> {
  const begin = performance.now()
  const buffer = new Uint8Array(2 ** 16)
  for (let begun = false; ; ) {
    const bytesRead = await file.read(buffer).then(
      (read) => read.bytesRead,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EAGAIN") return undefined // a program has opened the pipe and will write later
        throw error
      },
    )
    if (bytesRead) yield buffer.slice(0, bytesRead)
    else if (begun && bytesRead === 0) return
    else if (bytesRead === 0 && performance.now() - begin > 1000 * patienceSeconds)
      throw new UserError(
        `${path}: this is a pipe, and for ${patienceSeconds} seconds no program has written to it: start the program that writes first, or give a file`,
      )
    else await new Promise((resolve) => setTimeout(resolve, 10))
    begun ||= bytesRead !== 0
  }
}

const sized = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes / 2 ** 10} KiB` : `${bytes / 2 ** 20} MiB`

const tooLarge = (name: string, maximumBytes: number): UserError =>
  new UserError(`${name}: it has more than the limit of ${sized(maximumBytes)}: give part of it`)

/** A handler that throws the error of a file that cannot be read as a UserError. */
export const unreadable =
  (name: string) =>
  (error: unknown): never => {
    if (error instanceof UserError) throw error
    const { code = "", message } = error as NodeJS.ErrnoException
    const sentence = sentences[code] ?? `cannot be read (${message}): give another file`
    throw new UserError(`${name}: ${sentence}`, { cause: error })
  }

const forbidden = "no permission to read it: change its permissions, or give another file"

const sentences: Readonly<Record<string, string>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  EISDIR: "this is a folder: give a file in it",
  ELOOP: "its links lead in a circle: mend them, or give another file",
  ENAMETOOLONG: "its name is too long: give a shorter one",
  EMFILE: "too many files are open: raise the limit (ulimit -n), or close some",
  ENFILE: "too many files are open on this machine: close some",
  EIO: "the disk cannot read it: copy it from elsewhere, or give another file",
  EBADF: "it is closed: give a file, or pipe the data in",
}
