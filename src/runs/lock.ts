/**
 * Allows one training at a time in a folder. A process that wants to train there writes the file `lock.` with its process id, then
 * looks for other such files: if two do this at once, at least one sees the other. The lock of a dead process is ignored.
 * Source: Lamport 1974, "A new solution of Dijkstra's concurrent programming problem": announce yourself, then look.
 */

import { failed } from "../data/atomic-file.ts"
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"

const ATTEMPTS = 5
const MILLISECONDS_BETWEEN = 100

/** The locks that this process holds. Another one with its id was left by an earlier process. */
const held = new Set<string>()

/** Resolves to the function that releases the lock. A UserError while another process trains into the folder. */
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
      // Two that began together wait for different times.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MILLISECONDS_BETWEEN))
    }
  } catch (error) {
    await unlock()
    return failed(path)(error)
  }
}

/** The live process of another lock, if any; the locks of dead ones are removed. */
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
    return (error as NodeJS.ErrnoException).code === "EPERM" // it lives, under another user
  }
}

const taken = (folder: string, pid: number): UserError =>
  new UserError(
    `${folder}: process ${pid} is training into this folder: wait for it, or name another folder ` +
      `(if that process is not a training, delete the file lock.${pid} there)`,
  )
