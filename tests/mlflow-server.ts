/**
 * A small MLflow server for tests: it keeps experiments and runs in memory, and refuses requests that are not as MLflow documents them. Its
 * answers are those of the server of mlflow 3.17.2.
 * Source: https://mlflow.org/docs/latest/rest-api.html, with its limits of a request
 */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import * as z from "zod"

const text = z.string()
const time = z.int().min(1e12) // milliseconds since 1970
const tags = z.array(z.strictObject({ key: text.max(250), value: text.max(5000) }))
const params = z.array(z.strictObject({ key: text.max(250), value: text.max(6000) }))
const metrics = z.array(
  z.strictObject({ key: text.max(250), value: z.number(), timestamp: time, step: z.int() }),
)

/** The documented requests of each path. */
const requests = {
  "experiments/get-by-name": z.strictObject({ experiment_name: text }),
  "experiments/create": z.strictObject({ name: text.min(1) }),
  "runs/create": z.strictObject({ experiment_id: text, run_name: text, start_time: time, tags }),
  "runs/search": z.strictObject({
    experiment_ids: z.array(text),
    max_results: z.int().max(50_000),
    page_token: text.optional(),
  }),
  "runs/log-batch": z
    .strictObject({
      run_id: text,
      metrics: metrics.max(1000).optional(),
      params: params.max(100).optional(),
      tags: tags.max(100).optional(),
    })
    .refine(
      ({ metrics = [], params = [], tags = [] }) => metrics.length + params.length + tags.length <= 1000,
    ),
  "runs/update": z.strictObject({
    run_id: text,
    status: z.enum(["RUNNING", "FINISHED", "KILLED"]),
    end_time: time.optional(),
  }),
  "runs/set-tag": z.strictObject({ run_id: text, key: text, value: text }),
}

export interface KeptRun {
  readonly experiment: string
  readonly name: string
  readonly tags: Record<string, string>
  readonly params: Record<string, string>
  readonly metrics: {
    readonly key: string
    readonly value: number
    readonly timestamp: number
    readonly step: number
  }[]
  readonly start: number
  status: string
  end?: number
}

class Refused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Runs of a page of a search. */
const PAGE = 2

export async function startMlflow({
  failAfter = Infinity,
  password,
}: {
  failAfter?: number
  password?: string
} = {}) {
  const experiments: string[] = []
  const runs: KeptRun[] = []
  const state = { failAfter, requests: 0 }
  const runOf = (id: string) => {
    const run = runs[Number(id)]
    if (!run) throw new Refused("RESOURCE_DOES_NOT_EXIST", `Run with id=${id} not found`)
    return run
  }
  const setParam = (run: KeptRun, { key, value }: { key: string; value: string }) => {
    if ((run.params[key] ?? value) !== value)
      throw new Refused("INVALID_PARAMETER_VALUE", `Changing param values is not allowed: ${key}`)
    run.params[key] = value
  }
  const answers: { [path in keyof typeof requests]: (request: z.output<(typeof requests)[path]>) => object } =
    {
      "experiments/get-by-name"({ experiment_name }) {
        const id = experiments.indexOf(experiment_name)
        if (id < 0)
          throw new Refused(
            "RESOURCE_DOES_NOT_EXIST",
            `Could not find experiment with name '${experiment_name}'`,
          )
        return { experiment: { experiment_id: String(id), name: experiment_name, lifecycle_stage: "active" } }
      },
      "experiments/create": ({ name }) => ({ experiment_id: String(experiments.push(name) - 1) }),
      "runs/create"({ experiment_id, run_name, start_time, tags }) {
        const kept = Object.fromEntries(tags.map(({ key, value }) => [key, value]))
        const experiment = experiments[Number(experiment_id)]
        runs.push({
          experiment,
          name: run_name,
          tags: kept,
          params: {},
          metrics: [],
          start: start_time,
          status: "RUNNING",
        })
        return { run: { info: { run_id: String(runs.length - 1) }, data: {} } }
      },
      "runs/search"({ experiment_ids, page_token = "0" }) {
        const found = runs.flatMap((run, id) =>
          experiment_ids.includes(String(experiments.indexOf(run.experiment))) ? [{ run, id }] : [],
        )
        const from = Number(page_token)
        const shown = found.slice(from, from + PAGE).map(({ run, id }) => ({
          info: { run_id: String(id) },
          data: { tags: Object.entries(run.tags).map(([key, value]) => ({ key, value })) },
        }))
        // As MLflow does, without empty fields.
        return {
          ...(shown.length > 0 && { runs: shown }),
          ...(from + PAGE < found.length && { next_page_token: String(from + PAGE) }),
        }
      },
      "runs/log-batch"({ run_id, metrics = [], params = [], tags = [] }) {
        const run = runOf(run_id)
        for (const param of params) setParam(run, param)
        for (const { key, value } of tags) run.tags[key] = value
        run.metrics.push(...metrics)
        return {}
      },
      "runs/update"({ run_id, status, end_time }) {
        Object.assign(runOf(run_id), { status, end: end_time })
        return {}
      },
      "runs/set-tag"({ run_id, key, value }) {
        runOf(run_id).tags[key] = value
        return {}
      },
    }
  const server = createServer(async (request, response) => {
    const send = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    const refuse = (code: string, message: string) =>
      send(code === "RESOURCE_DOES_NOT_EXIST" ? 404 : 400, { error_code: code, message })
    const given = Buffer.from(
      request.headers.authorization?.replace(/^Basic /, "") ?? "",
      "base64",
    ).toString()
    if (password !== undefined && given !== password)
      return response.writeHead(401).end("You are not authenticated.")
    if (++state.requests > state.failAfter) return request.socket.destroy()
    const url = new URL(request.url!, "http://here")
    const path = url.pathname.replace("/api/2.0/mlflow/", "") as keyof typeof requests
    const isGet = path === "experiments/get-by-name"
    if (!Object.hasOwn(requests, path) || (request.method === "GET") !== isGet)
      return response.writeHead(404).end("<html>Not Found</html>")
    const body = isGet ? Object.fromEntries(url.searchParams) : JSON.parse(await bodyOf(request))
    const parsed = requests[path].safeParse(body)
    if (!parsed.success) return refuse("INVALID_PARAMETER_VALUE", z.prettifyError(parsed.error))
    try {
      send(200, (answers[path] as (request: unknown) => object)(parsed.data))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refuse(error.code, error.message)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, experiments, runs, state, close: () => server.close() }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ""
  for await (const chunk of request) body += chunk
  return body
}
