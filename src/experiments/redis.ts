/**
 * Connects to the Redis or Valkey that holds a queue of trials and their runs. A connection that is lost is opened again for as long as it
 * takes, and what was asked meanwhile is asked then. The packages are no dependencies: they are loaded when a queue is asked for.
 */
import type { Redis } from "ioredis"
import { UserError } from "../errors.ts"

/** In milliseconds. */
const PATIENCE = 5000
const MOST_BETWEEN_TRIES = 2000

/** A UserError if there is no Redis, or it does not let this process in. `notice` is told when it goes away and when it is back. */
export async function openRedis(url: string, notice: (sentence: string) => void = () => {}): Promise<Redis> {
  const address = addressOf(url)
  const { Redis } = await import("ioredis").catch(notInstalled)
  let isOpen = false
  let problem: Error | undefined
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    maxRetriesPerRequest: null,
    retryStrategy: (tries) => (isOpen ? Math.min(100 * tries, MOST_BETWEEN_TRIES) : null),
  })
  client.on("error", (error) => {
    problem = error
  })
  const giveUp = setTimeout(() => {
    problem ??= new Error("ETIMEDOUT")
    client.disconnect()
  }, PATIENCE)
  try {
    await client.connect()
    await client.ping()
  } catch (error) {
    client.disconnect()
    throw new UserError(`--queue ${address}: ${reasonOf(problem ?? (error as Error))}`, { cause: error })
  } finally {
    clearTimeout(giveUp)
  }
  isOpen = true
  let isAway = false
  client.on("reconnecting", () => {
    if (!isAway) notice(`${address}: Redis is gone; waiting until it is back`)
    isAway = true
  })
  client.on("ready", () => {
    if (isAway) notice(`${address}: Redis is back`)
    isAway = false
  })
  return client
}

/** BullMQ, which makes a queue of Redis. */
export const loadBullMQ = (): Promise<typeof import("bullmq")> => import("bullmq").catch(notInstalled)

function notInstalled(error: NodeJS.ErrnoException): never {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error
  throw new UserError(
    "--queue: a queue needs two packages that are not installed: npm install bullmq ioredis",
    {
      cause: error,
    },
  )
}

const wanted = "give a URL such as redis://host:6379, redis://:PASSWORD@host:6379 or rediss://host:6379"

/** The URL without its password. A UserError for any other URL. */
export function addressOf(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !["redis:", "rediss:"].includes(parsed.protocol) || parsed.hostname === "")
    throw new UserError(
      `--queue ${parsed?.password ? `${parsed.protocol}//…` : url}: this is no address of a Redis: ${wanted}`,
    )
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}

/** Why there is no connection, by words of the error's code or message. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens there: start Redis, or give the address of one that runs"],
  [/ENOTFOUND|EAI_AGAIN/, "there is no host of this name: give the address of a Redis that runs"],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    `no Redis answered within ${PATIENCE / 1000} s: give the address of one that runs`,
  ],
  [/NOAUTH|WRONGPASS|invalid password/, "it asks for another password: give redis://:PASSWORD@host:6379"],
  [/Protocol error/, "what answers there is no Redis: give the address of one"],
  [
    /WRONG_VERSION_NUMBER|before secure TLS/,
    "it does not answer with TLS: give redis:// in place of rediss://",
  ],
  [
    /Connection is closed/,
    "it hung up: give another address, or, if it wants TLS, rediss:// in place of redis://",
  ],
]

function reasonOf({ message, code }: Error & { code?: string }): string {
  const said = `${code} ${message}`
  const [, sentence] = reasons.find(([words]) => words.test(said)) ?? []
  return sentence ?? `${message}: ${wanted}`
}
