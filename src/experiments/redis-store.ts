/**
 * A run's files in Redis, as the fields of one hash. A lock expires unless its holder renews it, so that the run of a dead worker can be
 * resumed by another. A holder that was away for longer may come back after that: holders are numbered, and Redis takes changes of the
 * latest alone.
 * Source of the numbers: fencing tokens, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
import { setTimeout as delay } from "node:timers/promises"
import type { Redis } from "ioredis"
import { UserError } from "../errors.ts"
import type { Store } from "../runs/store.ts"

/** In milliseconds. One who wants the lock of a dead holder waits until it has expired. */
const LOCK_EXPIRES = 3000
const BETWEEN_RENEWALS = 1000
const PATIENCE = 4000
const BETWEEN_TRIES = 100

/** In seconds: nothing stays in Redis for longer than it was last used. */
export const KEPT = 7 * 24 * 3600

/** KEYS: lock, holders. ARGV: milliseconds until it expires, seconds until the number does. Returns the holder's number, or 0. */
const LOCK = `
if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
local holder = redis.call("INCR", KEYS[2])
redis.call("EXPIRE", KEYS[2], ARGV[2])
redis.call("SET", KEYS[1], holder, "PX", ARGV[1])
return holder`

/** KEYS: the key to change, holders, files. ARGV: the holder or "", seconds, a command and what follows its key. Returns whether it may. */
const CHANGE = `
if ARGV[1] ~= "" and redis.call("GET", KEYS[2]) ~= ARGV[1] then return 0 end
redis.call(ARGV[3], KEYS[1], unpack(ARGV, 4))
redis.call("EXPIRE", KEYS[2], ARGV[2])
redis.call("EXPIRE", KEYS[3], ARGV[2])
return 1`

/** `key` begins the names of all of its keys. */
export function redisStore(client: Redis, key: string): Store {
  const [files, lock, holders] = [`${key}:files`, `${key}:lock`, `${key}:holders`]
  let holder = ""
  const change = async (changed: string, command: string, ...words: (string | number | Buffer)[]) => {
    const isAllowed = await client.eval(CHANGE, 3, changed, holders, files, holder, KEPT, command, ...words)
    if (!isAllowed)
      throw new UserError(
        `${key}: another worker took this run over, as it may when this one does not reach Redis for ${LOCK_EXPIRES / 1000} s, or Redis lost it. ` +
          "This training stops and writes nothing more",
      )
  }
  const read = async (file: string) => {
    const found = await client.hgetBuffer(files, file)
    return found === null ? undefined : new Uint8Array(found)
  }
  const write = (file: string, content: Uint8Array) => change(files, "HSET", file, Buffer.from(content))
  return {
    name: key,
    list: () => client.hkeys(files),
    read,
    write: (file, content) => write(file, typeof content === "string" ? Buffer.from(content) : content),
    // A command whose answer was lost is sent again, so no command may append.
    append: async (file, content) =>
      write(file, Buffer.concat([(await read(file)) ?? new Uint8Array(), content])),
    async truncate(file, length) {
      const found = await read(file)
      if (found && found.length > length) await write(file, found.subarray(0, length))
    },
    remove: (file) => change(files, "HDEL", file),
    async lock() {
      holder = await holderOf(client, lock, holders)
      const renew = () => change(lock, "SET", holder, "PX", LOCK_EXPIRES)
      const timer = setInterval(() => renew().catch(() => {}), BETWEEN_RENEWALS).unref()
      return async () => {
        clearInterval(timer)
        await change(lock, "DEL").catch(() => {}) // it is another's
        holder = ""
      }
    },
  }
}

/** Takes the lock as soon as it is free, and returns the number of its holder. */
async function holderOf(client: Redis, lock: string, holders: string): Promise<string> {
  for (const begin = performance.now(); performance.now() - begin < PATIENCE; await delay(BETWEEN_TRIES)) {
    const holder = await client.eval(LOCK, 2, lock, holders, LOCK_EXPIRES, KEPT)
    if (holder) return String(holder)
  }
  throw new UserError(`${lock.replace(/:lock$/, "")}: another worker trains this run: wait for its end`)
}
