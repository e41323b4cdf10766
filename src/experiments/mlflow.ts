/**
 * Runs as runs of an MLflow server: the recipe as parameters, the metrics with their steps, tags. A run that is there already gets only the
 * lines of its metrics that are missing.
 * Source: https://mlflow.org/docs/latest/rest-api.html
 */
import * as z from "zod"
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { type Metrics, readMetrics } from "../runs/metrics.ts"
import { changeable } from "../runs/run-config.ts"
import { nameIn } from "./report.ts"
import type { RunRow } from "./run-row.ts"

export interface ExportOptions {
  /** The name of MLflow's experiment, which is created if there is none. */
  readonly experiment: string
  /** The folder of the runs. */
  readonly folder: string
  /** Receives how many runs are done. */
  readonly onProgress?: (done: number) => void
}

export interface Exported {
  /** Runs that were not there before. */
  readonly created: number
  /** Runs that were there and went on. */
  readonly continued: number
  /** Runs that were there as they are. */
  readonly unchanged: number
}

/** Tags by which an exported run is found again: what it is, how many lines of its metrics are there, a hash of the last, and its state. */
const tags = {
  identity: "makewave.run",
  lines: "makewave.lines",
  last: "makewave.last",
  state: "makewave.state",
}

/** The most that `log-batch` takes at once, of metrics, parameters and tags together. */
const MOST = 1000
/** Requests at once. */
const AT_ONCE = 4

/** Exports runs to the server at this URL. Everything that goes wrong there is a UserError. */
export async function exportToMlflow(
  server: string,
  rows: readonly RunRow[],
  { experiment, folder, onProgress = () => {} }: ExportOptions,
): Promise<Exported> {
  const ask = clientOf(server)
  const experimentId = await experimentOf(ask, experiment)
  const there = await runsThere(ask, experimentId)
  const counts = { created: 0, continued: 0, unchanged: 0 }
  const waiting = [...rows]
  let done = 0
  const work = async () => {
    try {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        counts[await exportRun(ask, row, { experimentId, there, folder })]++
        onProgress(++done)
      }
    } finally {
      waiting.length = 0 // after a failure the others end, too
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  for (const each of ended) if (each.status === "rejected") throw each.reason
  return counts
}

type Ask = <T extends z.ZodType>(what: string, schema: T, request: Request) => Promise<z.output<T>>
type Request = { readonly query: Record<string, string> } | { readonly body: object }

/** A run that was exported before. */
interface Known {
  readonly id: string
  readonly lines: number
  /** The hash of the last of these lines. */
  readonly last?: string
  readonly state: string
}

async function exportRun(
  ask: Ask,
  row: RunRow,
  {
    experimentId,
    there,
    folder,
  }: { experimentId: string; there: ReadonlyMap<string, Known>; folder: string },
): Promise<keyof Exported> {
  const name = nameIn(folder, row.run)
  const identity = `${name} ${await hashOf(row)}`
  const metrics = await readMetrics(row.run)
  const known = there.get(identity)
  const exported = await linesThere(metrics, known)
  if (known && exported >= metrics.length && known.state === row.state) return "unchanged"
  const end = Date.parse(row.when)
  const begin = end - Math.round(1000 * (row.seconds ?? 0))
  const tag = (key: string, value: string | number) => ({ key, value: String(value) })
  const id =
    known?.id ??
    (
      await ask("runs/create", z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) }), {
        body: {
          experiment_id: experimentId,
          run_name: name,
          start_time: begin,
          tags: [
            tag(tags.identity, identity),
            tag("mlflow.source.name", "makewave"),
            tag("makewave.folder", row.run),
            tag("makewave.model", row.model),
            tag("makewave.data", row.data),
          ],
        },
      })
    ).run.info.run_id
  if (!known || known.lines === 0) {
    const recipe = Object.entries(row.recipe).filter(([, value]) => value !== undefined)
    const parameters = [...recipe, ["parameters", row.parameters ?? ""]].map(([key, value]) =>
      tag(String(key), String(value)),
    )
    for (const params of parts(parameters, 100))
      await ask("runs/log-batch", z.unknown(), { body: { run_id: id, params } })
  }
  // The count of lines is written together with them, so that a run whose export was cut short goes on behind them.
  let lines = exported
  const timeOf = (step: number) =>
    Math.round(begin + (end - begin) * Math.min(1, step / Math.max(1, row.taken)))
  for (const batch of batchesOf(metrics.slice(lines))) {
    lines += batch.length
    const points = batch.flatMap(({ step, ...values }) =>
      Object.entries(values).flatMap(([key, value]) =>
        typeof value === "number" ? [{ key, value, timestamp: timeOf(step), step }] : [],
      ),
    )
    await ask("runs/log-batch", z.unknown(), {
      body: {
        run_id: id,
        metrics: points,
        tags: [tag(tags.lines, lines), tag(tags.last, await hashOfJson(metrics[lines - 1]))],
      },
    })
  }
  const status = { finished: "FINISHED", training: "RUNNING", stopped: "KILLED" }[row.state]
  const ended = row.state === "training" ? {} : { end_time: end }
  await ask("runs/update", z.unknown(), { body: { run_id: id, status, ...ended } })
  await ask("runs/set-tag", z.unknown(), { body: { run_id: id, ...tag(tags.state, row.state) } })
  return known ? "continued" : "created"
}

/** Equal for a run that was resumed, with more steps or other settings that may change then. */
async function hashOf({ data, recipe }: RunRow): Promise<string> {
  const others: readonly string[] = changeable
  const fixed = Object.entries(recipe).filter(([name]) => !others.includes(name))
  return hashOfJson([data, fixed])
}

const hashOfJson = async (value: unknown): Promise<string> =>
  (await sha256Of(new TextEncoder().encode(JSON.stringify(value)))).slice(0, 12)

/**
 * How many lines of the metrics are on the server. A run that is resumed loses those after its checkpoint and writes them again, all but the
 * last of a training that had ended: in its place is another.
 */
async function linesThere(
  metrics: readonly Metrics[],
  { lines, last }: Partial<Known> = {},
): Promise<number> {
  if (lines === undefined) return 0
  const isOther =
    last !== undefined && lines <= metrics.length && last !== (await hashOfJson(metrics[lines - 1]))
  return isOther ? lines - 1 : lines
}

/** Lines of metrics in parts that a request takes, with two tags. */
function batchesOf(metrics: readonly Metrics[]): Metrics[][] {
  const widest = metrics.reduce((most, line) => Math.max(most, Object.keys(line).length - 1), 1)
  return parts(metrics, Math.floor((MOST - 2) / widest))
}

const parts = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, k) => all.slice(k * size, (k + 1) * size))

/** The id of the experiment of this name. */
async function experimentOf(ask: Ask, name: string): Promise<string> {
  const found = await ask(
    "experiments/get-by-name",
    z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) }),
    { query: { experiment_name: name } },
  ).catch((error) => {
    if (!(error instanceof MissingError)) throw error
  })
  if (!found) {
    const made = z.object({ experiment_id: z.string() })
    return (await ask("experiments/create", made, { body: { name } })).experiment_id
  }
  const { experiment_id, lifecycle_stage } = found.experiment
  if (lifecycle_stage === "deleted")
    throw new UserError(
      `the experiment ${name} was deleted on the MLflow server: restore it there (its id is ${experiment_id}), or give a folder of another name`,
    )
  return experiment_id
}

const page = z.object({
  runs: z
    .array(
      z.object({
        info: z.object({ run_id: z.string() }),
        data: z.object({ tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]) }),
      }),
    )
    .default([]),
  next_page_token: z.string().default(""),
})

/** The exported runs of an experiment, by their identity. */
async function runsThere(ask: Ask, experimentId: string): Promise<Map<string, Known>> {
  const there = new Map<string, Known>()
  for (let token = ""; ; ) {
    const body = {
      experiment_ids: [experimentId],
      max_results: 1000,
      ...(token !== "" && { page_token: token }),
    }
    const { runs, next_page_token } = await ask("runs/search", page, { body })
    for (const { info, data } of runs) {
      const own = Object.fromEntries(data.tags.map(({ key, value }) => [key, value]))
      const {
        [tags.identity]: identity,
        [tags.lines]: lines = "0",
        [tags.last]: last,
        [tags.state]: state = "",
      } = own
      if (identity !== undefined) there.set(identity, { id: info.run_id, lines: Number(lines), last, state })
    }
    token = next_page_token
    if (token === "") return there
  }
}

/** What was asked for does not exist. */
class MissingError extends UserError {}

/** Milliseconds without an answer after which a server is given up. */
const PATIENCE = 60_000

/** A function that asks the server. A name and password in the URL are sent as HTTP's basic authentication. */
function clientOf(server: string): Ask {
  const url = new URL(server)
  const { username, password } = url
  const account = [username, password].map(decodeURIComponent).join(":")
  const authorization: Record<string, string> =
    username === "" ? {} : { authorization: `Basic ${Buffer.from(account).toString("base64")}` }
  ;[url.username, url.password] = ["", ""]
  const shown = url.href.replace(/\/$/, "")
  return async (what, schema, request) => {
    const place = new URL(`${url.pathname.replace(/\/$/, "")}/api/2.0/mlflow/${what}`, url)
    const init: RequestInit = { headers: { ...authorization }, signal: AbortSignal.timeout(PATIENCE) }
    if ("query" in request) place.search = String(new URLSearchParams(request.query))
    else
      Object.assign(init, {
        method: "POST",
        body: JSON.stringify(request.body),
        headers: { ...authorization, "content-type": "application/json" },
      })
    const response = await fetch(place, init).catch((error) => {
      const { cause = error } = error as { cause?: { code?: string; message?: string } }
      throw new UserError(
        `${shown}: no server answers there (${cause.code ?? cause.message}): start one with mlflow server, or give its address`,
      )
    })
    const text = await response.text()
    const answer = parsed(text)
    const told = z.object({ error_code: z.string(), message: z.string() }).safeParse(answer).data
    if (told?.error_code === "RESOURCE_DOES_NOT_EXIST")
      throw new MissingError(`${shown}: ${what}: ${told.message}`)
    if (told)
      throw new UserError(`${shown}: MLflow refuses ${what}: ${firstLine(told.message)} (${told.error_code})`)
    if (response.status === 401 || response.status === 403)
      throw new UserError(
        `${shown}: it wants a name and password (${response.status}): give them as in ${url.protocol}//NAME:PASSWORD@${url.host}`,
      )
    const result = schema.safeParse(answer)
    if (!response.ok || !result.success)
      throw new UserError(
        `${shown}: it does not answer as an MLflow server does (${what}: ${response.status}): give the address of one, such as http://127.0.0.1:5000`,
      )
    return result.data
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const firstLine = (text: string): string => text.split("\n")[0]
