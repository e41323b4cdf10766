/** A run's files in Redis: the contract of all stores, and whose changes count when a worker was away. */

import type { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { redisStore } from "../src/experiments/redis-store.ts"
import { testStores } from "./everywhere/store-contract.ts"
import { hasRedis, RedisServer } from "./redis.ts"

describe.skipIf(!hasRedis)("Redis", () => {
  let server: RedisServer
  let client: Redis
  beforeAll(async () => {
    server = await RedisServer.start()
    client = server.connect()
  })
  afterAll(async () => {
    client.disconnect()
    await server.remove()
  })

  testStores("in Redis", async () => ({
    open: async (name) => redisStore(client, name),
    clear: async () => {
      await client.flushall()
    },
  }))

  test("a dead holder's lock expires, and from then on its changes are refused", async () => {
    const [dead, next] = [redisStore(client, "run"), redisStore(client, "run")]
    const unlock = await dead.lock()
    await dead.write("a", "1")
    await client.del("run:lock") // as if it had expired
    await next.lock()
    await expect(dead.write("a", "2")).rejects.toThrow("run: another worker took this run over")
    await unlock()
    await next.write("a", "3")
    expect(new TextDecoder().decode(await dead.read("a"))).toBe("3")
  })

  test("a holder that was away goes on if nobody took the run over", async () => {
    const store = redisStore(client, "away")
    const unlock = await store.lock()
    await client.del("away:lock")
    await store.write("a", "1")
    await expect.poll(() => client.get("away:lock"), { timeout: 3000 }).not.toBeNull()
    await unlock()
    expect(await client.get("away:lock")).toBeNull()
  })

  test("nothing stays for longer than a week", async () => {
    const store = redisStore(client, "kept")
    await (await store.lock())()
    await store.write("a", "1")
    for (const key of await client.keys("kept:*")) expect(await client.ttl(key)).toBeGreaterThan(604_000)
  })
})
