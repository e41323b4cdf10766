/**
 * One training at a time in a folder. Who wants it leaves a file `lock.` with its process id there and looks for others: of
 * two that do so at once at least one sees the other. The lock of a process that has died counts for nothing.
 * Source: Lamport 1974, "A new solution of Dijkstra's concurrent programming problem": first say what you want, then look.
 */
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { diskError } from "./atomic-file.ts"

const ATTEMPTS = 5
const MILLISECONDS_BETWEEN = 100

/** The locks of this process; what else bears its id is from a process before it. */
const held = new Set<string>()

/** Gives what takes the lock away again. A folder where another process is at work is a UserError. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const { rm, writeFile } = node().getBuiltinModule("node:fs/promises")
  const { join, resolve } = node().getBuiltinModule("node:path")
  const { threadId } = node().getBuiltinModule("node:worker_threads")
  const name = `lock.${process.pid}${threadId === 0 ? "" : `-${threadId}`}`
  const path = join(resolve(folder), name)
  if (held.has(path)) throw taken(folder, process.pid)
  held.add(path)
  const unlock = async () => {
    await rm(path, { force: true })
    held.delete(path)
  }
  try {
    for (let attempt = 1; ; attempt++) {
      await writeFile(path, "")
      const other = await otherAlive(folder, name)
      if (other === undefined) return unlock
      await rm(path)
      if (attempt === ATTEMPTS) throw taken(folder, other)
      // Two that came at the same time step back for unequally long.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MILLISECONDS_BETWEEN))
    }
  } catch (error) {
    await unlock()
    throw diskError(path, error)
  }
}

/** The process of another lock; locks of the dead are taken away. */
async function otherAlive(folder: string, own: string): Promise<number | undefined> {
  const { readdir, rm } = node().getBuiltinModule("node:fs/promises")
  const { join } = node().getBuiltinModule("node:path")
  for (const name of await readdir(folder)) {
    const pid = Number(/^lock\.(\d+)(-\d+)?$/.exec(name)?.[1])
    if (name === own || Number.isNaN(pid)) continue
    if (isAlive(pid)) return pid
    await rm(join(folder, name), { force: true })
  }
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" // there, and somebody else's
  }
}

const taken = (folder: string, pid: number): UserError =>
  new UserError(
    `${folder}: process ${pid} is training into this folder: wait for it, or name another folder ` +
      `(if that process is no training, delete the file lock.${pid} there)`,
  )
