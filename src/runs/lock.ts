/**
 * Allows one training at a time in a folder. A process that wants to train there creates a file that names it, then looks for other
 * such files: if two do this at once, at least one sees the other. The lock of a dead process is ignored. A process cannot ask whether
 * one of another machine or container is alive. So each touches its lock every few seconds, and may lose it if it does not, because it
 * is suspended or in a long call of the runtime. Before each write it makes sure that it still has the lock.
 * Source: Lamport 1974, "A new solution of Dijkstra's concurrent programming problem": announce yourself, then look.
 */

import { failed } from "../data/atomic-file.ts"
import { node } from "../data/disk.ts"
import { UserError } from "../errors.ts"

const ATTEMPTS = 5
const MILLISECONDS_BETWEEN = 100
const SECONDS_BETWEEN_TOUCHES = 5
const STALE_AFTER_SECONDS = 30

export interface Lock {
  /** A UserError if another process has taken the folder over. */
  requireHeld(): Promise<void>
  release(): Promise<void>
}

/** A UserError while another process trains into the folder. */
export async function lockFolder(folder: string): Promise<Lock> {
  const { open, rm, stat } = node().getBuiltinModule("node:fs/promises")
  const { join, resolve } = node().getBuiltinModule("node:path")
  const name = nameFor(process.pid)
  const path = join(resolve(folder), name)
  for (let attempt = 1; ; attempt++) {
    const file = await open(path, "wx").catch((error) => {
      throw error.code === "EEXIST" ? taken(folder, name) : failed(path)(error)
    })
    // A byte: writing nothing would leave the file's time as it is.
    const touch = () => file.write(".", 0)
    const unlock = async () => {
      await file.close()
      await rm(path, { force: true })
    }
    try {
      await touch()
      const { mtimeMs: now } = await file.stat() // by the clock of the file system, as for all its files
      const other = await otherHeld(folder, name, now)
      if (!other) {
        const timer = setInterval(() => touch().catch(() => {}), SECONDS_BETWEEN_TOUCHES * 1000).unref()
        return {
          async requireHeld() {
            await stat(path).catch((error) => {
              throw error.code === "ENOENT" ? takenOver(folder, name) : error
            })
          },
          async release() {
            clearInterval(timer)
            await unlock()
          },
        }
      }
      if (attempt === ATTEMPTS) throw other
    } catch (error) {
      await unlock()
      return failed(path)(error)
    }
    await unlock()
    // Two that began together wait for different times.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * MILLISECONDS_BETWEEN))
  }
}

/** Whether a training has the folder now. It only looks: no lock is taken, and none is removed. `names` are those of the folder's files. */
export async function isLocked(folder: string, names: readonly string[]): Promise<boolean> {
  const { stat } = node().getBuiltinModule("node:fs/promises")
  const { join } = node().getBuiltinModule("node:path")
  const locks = names.filter((name) => LOCK.test(name))
  if (locks.length === 0) return false
  const here = scopeOfProcesses()
  for (const name of locks) {
    const [, pid, start = "0", scope = here] = LOCK.exec(name)!
    if (scope !== here) {
      const found = await stat(join(folder, name)).catch(() => undefined) // it may just have been released
      if (found && Date.now() - found.mtimeMs < STALE_AFTER_SECONDS * 1000) return true
    } else if (name === nameFor(process.pid) || isAlive(Number(pid), start)) return true
  }
  return false
}

/** lock.PROCESS.START.SCOPE; the locks of version 0.1 end with the process, or its thread. */
const LOCK = /^lock\.(\d+)(?:-\d+)?(?:\.(\d+)\.([\da-f]+))?$/

/** The error that another lock is held, if one is; those of dead processes are removed. `now` in milliseconds. */
async function otherHeld(folder: string, own: string, now: number): Promise<UserError | undefined> {
  const { readdir, rm, stat } = node().getBuiltinModule("node:fs/promises")
  const { join } = node().getBuiltinModule("node:path")
  const here = scopeOfProcesses()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [, pid, start = "0", scope = here] = LOCK.exec(entry.name) ?? []
    if (entry.name === own || pid === undefined || !entry.isFile()) continue
    const path = join(folder, entry.name)
    if (scope === here) {
      if (isAlive(Number(pid), start)) return taken(folder, entry.name)
    } else {
      const found = await stat(path).catch(() => undefined) // it may just have been released
      const left = found ? STALE_AFTER_SECONDS - (now - found.mtimeMs) / 1000 : 0
      if (left > 0) return takenElsewhere(folder, entry.name, left)
    }
    await rm(path, { force: true })
  }
  return undefined
}

const nameFor = (pid: number): string => `lock.${pid}.${startOf(pid) ?? 0}.${scopeOfProcesses()}`

/** A hash of the scope in which process ids are unique: a machine since it booted, and on Linux its PID namespace. */
function scopeOfProcesses(): string {
  const { readFileSync, readlinkSync } = node().getBuiltinModule("node:fs")
  const { hostname } = node().getBuiltinModule("node:os")
  const { createHash } = node().getBuiltinModule("node:crypto")
  const boot = orUndefined(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))
  const namespace = orUndefined(() => readlinkSync("/proc/self/ns/pid"))
  return createHash("sha256")
    .update(JSON.stringify(boot === undefined ? [hostname()] : [boot, namespace]))
    .digest("hex")
    .slice(0, 12)
}

/** Whether the process is alive and started then: process ids are reused, that of this process too. */
function isAlive(pid: number, start: string): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false // EPERM: it lives, under another user
  }
  return start === "0" || [undefined, start].includes(startOf(pid))
}

/**
 * When a process started, in clock ticks since boot; "dead" for a zombie; undefined where /proc is missing or belongs to another PID
 * namespace. Source: proc(5), /proc/PID/stat.
 */
function startOf(pid: number): string | undefined {
  const { readFileSync, readlinkSync } = node().getBuiltinModule("node:fs")
  return orUndefined(() => {
    if (readlinkSync("/proc/self") !== String(process.pid)) return undefined
    const [state, ...others] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")
    return /[ZX]/.test(state) ? "dead" : others[18]
  })
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

const taken = (folder: string, name: string): UserError =>
  new UserError(
    `${folder}: process ${LOCK.exec(name)?.[1]} is training into this folder: wait for it, or name another folder ` +
      `(if that process is not a training, delete the file ${name} there)`,
  )

const takenElsewhere = (folder: string, name: string, secondsLeft: number): UserError =>
  new UserError(
    `${folder}: process ${LOCK.exec(name)?.[1]} of another machine or container is training into this folder: wait for it, or name another ` +
      `folder; if it was killed, its lock expires in ${Math.ceil(secondsLeft)} s`,
  )

const takenOver = (folder: string, name: string): UserError =>
  new UserError(
    `${folder}: the lock of this training, ${name}, is gone. Another process took the folder over, as it may when a lock was not touched ` +
      `for ${STALE_AFTER_SECONDS} s, or the folder was moved or deleted. This training stops and writes nothing more`,
  )
