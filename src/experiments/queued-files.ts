/** Puts the files that a sweep's data comes from into Redis, once each, for workers that do not have them. */
import type { Redis } from "ioredis"
import { dataSets } from "../data/catalog.ts"
import { isFolder, readBytes } from "../data/disk.ts"
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { isPackaged } from "../runs/packaged.ts"
import type { Settings } from "../runs/settings.ts"
import { fileKey } from "./queued-trial.ts"
import { KEPT } from "./redis-store.ts"

/** A UserError for settings that name what only this machine has, and cannot go through Redis. */
export async function requirePortable({ data, ...others }: Settings): Promise<void> {
  const refusal = (what: string) =>
    new UserError(`${what}: on this machine alone, and workers may be on others: sweep without --queue`)
  for (const name of ["from", "teacher"] as const)
    if (others[name] !== undefined && !(await isPackaged(others[name])))
      throw refusal(`${name}: ${others[name]}`)
  if (others.members !== undefined) throw refusal(`members: ${others.members}`)
  if (data !== undefined && !Object.hasOwn(dataSets, data) && (await isFolder(data)))
    throw refusal(`data: ${data}, a folder of sounds`)
}

/** A function that puts the file of a trial's data there, and returns its SHA-256; undefined for a data set, which workers have. */
export function filesIn(client: Redis, queue: string) {
  const read = new Map<string, Promise<{ readonly sha256: string; readonly bytes: Buffer }>>()
  return async ({ data }: Settings): Promise<string | undefined> => {
    if (data === undefined || Object.hasOwn(dataSets, data)) return undefined
    if (!read.has(data)) read.set(data, readFile(data))
    const { sha256, bytes } = await read.get(data)!
    const key = fileKey(queue, sha256)
    const isThere = await client.expire(key, KEPT)
    if (!isThere) await client.set(key, bytes, "EX", KEPT)
    return sha256
  }
}

async function readFile(path: string) {
  const bytes = await readBytes(path)
  if (!bytes) throw new UserError(`${path}: no such file`)
  return { sha256: await sha256Of(bytes), bytes: Buffer.from(bytes) }
}
