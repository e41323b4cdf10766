/** Opens the lab on this computer, at 127.0.0.1 and nowhere else, and closes it again. */
import type { watch } from "node:fs"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { UserError } from "../errors.ts"
import { requireBuiltPage } from "./built-page.ts"
import { Feed } from "./feed.ts"
import { labApp } from "./lab-app.ts"
import { RunsFolder } from "./runs-folder.ts"

/** The first port that is tried where none is asked for, and how many. */
const PORT = 4747
const PORTS = 50

export interface LabOptions {
  /** The folder of runs. It may be made later. */
  readonly folder: string
  /** The one to take; 0 is any. By default the first free one from 4747 on. */
  readonly port?: number
  /** The folder of the built page; the package's by default. */
  readonly page?: string
  /** Another `fs.watch`, for tests. */
  readonly watching?: typeof watch
}

export interface Lab {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** A UserError if the page is not built, or the port is taken. */
export async function openLab({ folder, port, page, watching }: LabOptions): Promise<Lab> {
  const runs = new RunsFolder(folder)
  const feed = new Feed(runs, watching)
  const app = labApp({ page: requireBuiltPage(page), runs, feed })
  const server = createAdaptorServer({ fetch: app.fetch, hostname: HOST }) as Server
  await listen(server, port)
  const taken = (server.address() as AddressInfo).port
  return {
    url: `http://${HOST}:${taken}/`,
    port: taken,
    async close() {
      feed.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections() // those of events have no end
      await closed
    },
  }
}

const HOST = "127.0.0.1"

async function listen(server: Server, asked: number | undefined): Promise<void> {
  for (let port = asked ?? PORT; ; port++) {
    const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve)
      server.listen(port, HOST, () => {
        server.off("error", resolve)
        resolve(undefined)
      })
    })
    if (problem === undefined) return
    if (asked === undefined && problem.code === "EADDRINUSE" && port < PORT + PORTS) continue
    throw new UserError(`--port ${port}: ${sentences[problem.code ?? ""] ?? problem.message}`)
  }
}

const sentences: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has this port: name another, or leave the flag out",
  EACCES: "this port is for programs with more rights: name one above 1023, or leave the flag out",
}
