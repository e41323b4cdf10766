/**
 * The runs of this browser: ordinary run folders in the page's private file system, which another tab may train into.
 * Source: https://fs.spec.whatwg.org and https://w3c.github.io/web-locks
 */
import { UserError } from "../../../src/errors.ts"
import {
  type BrokenRun,
  endingOf,
  newestFirst,
  type RowParts,
  type RunRow,
  rowOf,
  TAIL,
} from "../../../src/experiments/run-row.ts"
import { directoryStore } from "../../../src/runs/directory-store.ts"
import { LINE_FEED, metricsPart } from "../../../src/runs/metrics-part.ts"
import { files } from "../../../src/runs/run-files.ts"
import { BROWSER_FOLDER, browserFolder } from "./browser-folder.ts"
import type { RunSource } from "./store.ts"

/** How often the files are looked at while somebody watches: a page is told of no changes. */
const PATIENCE_MILLISECONDS = 250

interface Seen {
  readonly isLocked: boolean
  /** The byte after the last line of its metrics that was told. */
  readonly next: number
}

export function browserRuns(): RunSource {
  async function names(): Promise<string[]> {
    const found: string[] = []
    for await (const [name, { kind }] of (await browserFolder()).entries())
      if (kind === "directory") found.push(name)
    return found
  }

  /** A file; undefined if there is none, or an empty one, which is still being written for the first time. */
  async function find(run: string, name: string): Promise<File | undefined> {
    try {
      const folder = await (await browserFolder()).getDirectoryHandle(run)
      const file = await (await folder.getFileHandle(name)).getFile()
      return file.size > 0 ? file : undefined
    } catch (error) {
      if (error instanceof DOMException && ["NotFoundError", "TypeMismatchError"].includes(error.name))
        return undefined
      throw error
    }
  }

  /** A row, or what is broken; undefined for a run that is only beginning. */
  async function glance(run: string, locks: ReadonlySet<string>): Promise<RunRow | BrokenRun | undefined> {
    const [config, metrics] = [await find(run, files.config), await find(run, files.metrics)]
    if (!config) return undefined
    const text = await config.text()
    const tail = await metrics?.slice(-TAIL).text()
    try {
      const isCut = metrics !== undefined && metrics.size > TAIL
      return rowOf({
        ...{ run, config: writtenConfig(text, run), locked: locks.has(run) },
        time: (metrics ?? config).lastModified,
        ...(tail !== undefined && { ending: endingOf(tail, { isCut, path: `${run}/${files.metrics}` }) }),
      })
    } catch (error) {
      if (error instanceof UserError) return { run, problem: error.message }
      throw error
    }
  }

  async function list() {
    const locks = await lockedRuns()
    const found = await Promise.all((await names()).map((run) => glance(run, locks)))
    const rows = found.flatMap((each) => (each && "recipe" in each ? [each] : []))
    const broken = found.flatMap((each) => (each && "problem" in each ? [each] : []))
    return { rows: newestFirst(rows), broken }
  }

  async function metrics(run: string, from: number) {
    const file = await find(run, files.metrics)
    const read = async (begin: number, end: number) =>
      new Uint8Array(await (file?.slice(begin, end) ?? new Blob()).arrayBuffer())
    return metricsPart({ size: file?.size ?? 0, read }, from)
  }

  return {
    place: "browser",
    list,
    metrics,

    async files(run) {
      return directoryStore(await (await browserFolder()).getDirectoryHandle(run)).list()
    },

    async file(run, name) {
      const folder = await (await browserFolder()).getDirectoryHandle(run).catch(() => undefined)
      return folder && directoryStore(folder).read(name)
    },

    watch({ all, one, lost }) {
      const seen = new Map<string, Seen>()
      let timer: ReturnType<typeof setTimeout> | undefined
      let isOver = false
      const tell = async (run: string, locks: ReadonlySet<string>) => {
        const before = seen.get(run)
        const isLocked = locks.has(run)
        if (before && !before.isLocked && !isLocked) return // only a training changes a run
        const now = await glance(run, locks)
        if (now === undefined) return
        const part = await metrics(run, before?.next ?? 0)
        seen.set(run, { isLocked, next: part.next })
        const hasMore = part.text !== "" || part.reset
        if (hasMore || before?.isLocked !== isLocked) one({ run, now, ...(hasMore && { metrics: part }) })
      }
      const lookAtAll = async () => {
        const [present, locks] = [await names(), await lockedRuns()]
        for (const run of present) await tell(run, locks)
        for (const run of seen.keys())
          if (!present.includes(run)) {
            seen.delete(run)
            one({ run })
          }
      }
      /** After what could not be read, as a file that is replaced meanwhile, it begins again. */
      const again = (look: () => Promise<void>) => {
        if (isOver) return
        timer = setTimeout(() => follow(look), PATIENCE_MILLISECONDS)
      }
      const follow = (look: () => Promise<void>) =>
        look().then(
          () => again(lookAtAll),
          () => {
            lost()
            again(begin)
          },
        )
      const begin = async () => {
        const locks = await lockedRuns()
        for (const run of await names()) {
          const file = await find(run, files.metrics)
          const tail = await file?.slice(-TAIL).bytes()
          const next = file && tail ? file.size - tail.length + tail.lastIndexOf(LINE_FEED) + 1 : 0
          seen.set(run, { isLocked: locks.has(run), next })
        }
        all(await list())
      }
      void follow(begin)
      return () => {
        isOver = true
        clearTimeout(timer)
      }
    },

    async remove(run) {
      if ((await lockedRuns()).has(run))
        throw new UserError(`${run}: it is being trained: stop it first, then delete it`)
      await (await browserFolder()).removeEntry(run, { recursive: true })
    },
  }
}

/** A config that this page wrote, with every setting: it is checked when the run is opened, which takes all models. */
function writtenConfig(text: string, run: string): RowParts["config"] {
  try {
    const config = JSON.parse(text)
    if (typeof config.recipe.model === "string") return config
  } catch {
    // Told as any other that is none.
  }
  throw new UserError(`${run}/${files.config}: this is not a valid config of a run: delete the run`)
}

/** The runs that a training has now, in any tab, by the locks that a directory store takes. */
async function lockedRuns(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query()
  const prefix = `makewave ${BROWSER_FOLDER}/`
  return new Set(
    held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
  )
}
