/** A connection to Redis: what is said where there is none, and when it goes away for a while. */
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { type AddressInfo, createServer as createSocketServer } from "node:net"
import { describe, expect, onTestFinished, test } from "vitest"
import { openRedis } from "../src/experiments/redis.ts"
import { hasRedis, RedisServer } from "./redis.ts"

/** The sentence of a refusal. */
async function refusal(url: string): Promise<string> {
  const error = await openRedis(url).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: "UserError" })
  return (error as Error).message
}

async function urlOf(server: Pick<Server, "listen" | "address">): Promise<string> {
  const listening = server.listen(0, "127.0.0.1")
  await once(listening as Server, "listening")
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test("what is no URL of a Redis is refused, without its password", async () => {
  for (const url of ["", "localhost:6379", "http://localhost", "redis://"])
    expect(await refusal(url)).toContain(
      `--queue ${url}: this is no address of a Redis: give a URL such as redis://`,
    )
  expect(await refusal("https://me:secret@host")).not.toContain("secret")
})

test("where no Redis answers, a sentence says so within seconds", async () => {
  const closed = createSocketServer()
  const nothing = await urlOf(closed as unknown as Server)
  closed.close()
  await once(closed, "close")
  expect(await refusal(nothing)).toBe(
    `--queue ${nothing}: nothing listens there: start Redis, or give the address of one that runs`,
  )
  expect(await refusal("redis://no-such-host.invalid:6379")).toContain("there is no host of this name")

  const web = createServer((_, response) => response.end("hello"))
  expect(await refusal(await urlOf(web))).toContain("what answers there is no Redis")
  web.close()

  const silent = createSocketServer(() => {})
  const begin = performance.now()
  expect(await refusal(await urlOf(silent as unknown as Server))).toContain("no Redis answered within 5 s")
  expect(performance.now() - begin).toBeLessThan(10_000)
  silent.close()
})

describe.skipIf(!hasRedis)("with redis-server", () => {
  test("a password that is missing or wrong is asked for, and never shown", async () => {
    const server = await RedisServer.start("--requirepass", "open sesame")
    onTestFinished(() => server.remove())
    const withPassword = (password: string) => server.url.replace("//", `//:${encodeURIComponent(password)}@`)
    for (const url of [server.url, withPassword("open barley")])
      expect(await refusal(url)).toBe(
        `--queue ${server.url}: it asks for another password: give redis://:PASSWORD@host:6379`,
      )
    const client = await openRedis(withPassword("open sesame"))
    expect(await client.ping()).toBe("PONG")
    client.disconnect()
    expect(await refusal(server.url.replace("redis:", "rediss:"))).toContain(
      "give redis:// in place of rediss://",
    )
  })

  test("a Redis that goes away and comes back is waited for, and told of once", async () => {
    const server = await RedisServer.start()
    onTestFinished(() => server.remove())
    const notices: string[] = []
    const client = await openRedis(server.url, (sentence) => notices.push(sentence))
    await client.set("a", "1")
    await server.stop("SIGKILL")
    const asked = client.get("a")
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await server.start()
    expect(await asked).toBe("1")
    expect(notices).toEqual([
      `${server.url}: Redis is gone; waiting until it is back`,
      `${server.url}: Redis is back`,
    ])
    client.disconnect()
  })
})
