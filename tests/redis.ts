/** A Redis of a test's own: Debian's redis-server on a free port of this machine, with its data in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redis } from "ioredis"

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0

export class RedisServer {
  readonly folder = mkdtempSync(join(tmpdir(), "makewave-redis-"))
  private readonly words: readonly string[]
  readonly port: number
  private process?: ChildProcess

  private constructor(port: number, words: readonly string[]) {
    this.port = port
    this.words = words
  }

  /** `words` are further settings of the server. */
  static async start(...words: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), words)
    await server.start()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again with the data that it had. */
  async start(): Promise<void> {
    const settings = ["--port", String(this.port), "--dir", this.folder, "--appendonly", "yes", "--save", ""]
    const server = spawn("redis-server", [...settings, "--bind", "127.0.0.1", ...this.words])
    this.process = server
    for await (const chunk of server.stdout) if (String(chunk).includes("Ready to accept connections")) break
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const server = this.process
    this.process = undefined
    if (!server) return
    const ended = once(server, "exit")
    server.kill(signal)
    await ended
  }

  /** A connection of the test. */
  connect(): Redis {
    return new Redis(this.url)
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, "close")
  return port
}
