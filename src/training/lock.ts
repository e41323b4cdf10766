/**
 * One training at a time in a folder: a file `lock` holds the process id of the one that is at work. The lock of a process
 * that has died is taken over. The system gives a file that must be new to one process alone, and moves a file for one alone.
 * Source: POSIX open with O_EXCL, https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html
 */
import { randomUUID } from "node:crypto"
import { link, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { UserError } from "../errors.ts"
import { diskError } from "./atomic-file.ts"

/** Gives what takes the lock away again. A folder where another process is at work is a UserError. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock")
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx" })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(path, error)
    }
    const holder = await readFile(path, "utf8").catch(() => undefined)
    if (holder === undefined) continue // gone in the meantime
    if (holder === "" && attempt < 20) {
      await setTimeout(50) // its process is about to write its id, or was killed before
      continue
    }
    if (isAlive(Number(holder)))
      throw new UserError(
        `${folder}: process ${holder} is training into this folder: wait for it, or name another folder ` +
          `(if that process is no training, delete ${path})`,
      )
    await takeAway(path, holder)
  }
  throw new UserError(`${path}: this lock comes and goes: see which processes train into the folder`)
}

/** Takes a dead process's lock away, and should it by now be another's, puts that back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return // another was faster
  }
  if ((await readFile(aside, "utf8")) !== dead) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" // there, and somebody else's
  }
}
