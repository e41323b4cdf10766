/**
 * What happens in a folder of runs, as it happens: rows that changed, the new lines of metrics, runs that are gone. It looks only while
 * somebody listens.
 */
import type { watch } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { BrokenRun, Listing, RunChange, RunRow } from "../experiments/run-row.ts"
import { files } from "../runs/run-files.ts"
import type { RunsFolder } from "./runs-folder.ts"
import { WatchedFolders } from "./watched-folders.ts"

/** Changes within this time are told at once, so that a folder is not read for each of them. */
const GATHER_MILLISECONDS = 20

/** How often it looks although no change was noted: a training that was killed leaves its lock, and some disks of a network tell nothing. */
const PATIENCE_MILLISECONDS = 2000

interface Known {
  /** Its row or problem, as JSON. */
  readonly told: string
  readonly isTraining: boolean
  readonly trial?: number
  /** The byte after the last line that was told. */
  readonly next: number
}

export class Feed {
  private readonly folder: RunsFolder
  private readonly watching: typeof watch | undefined
  private readonly listeners = new Set<(change: RunChange) => void>()
  /** How many listen or are about to. */
  private wanted = 0
  private readonly known = new Map<string, Known>()
  /** Folders in which something changed. */
  private readonly noted = new Set<string>()
  private folders: readonly string[] = []
  private watched: WatchedFolders | undefined
  private gathering: NodeJS.Timeout | undefined
  private lookingAgain: NodeJS.Timeout | undefined
  /** It looks at one thing at a time. */
  private busy: Promise<void> = Promise.resolve()

  /** `watching` is another `fs.watch` for tests. */
  constructor(folder: RunsFolder, watching?: typeof watch) {
    this.folder = folder
    this.watching = watching
  }

  /** All runs as they are now; the listener hears of everything that happens from then on, until `stop` is called. */
  async listen(listener: (change: RunChange) => void): Promise<{ listing: Listing; stop: () => void }> {
    this.wanted++
    const stop = () => {
      this.listeners.delete(listener)
      if (--this.wanted === 0) this.close()
    }
    try {
      const listing = await this.look(async () => {
        const all = await (this.watched ? this.folder.list() : this.begin())
        this.listeners.add(listener)
        return all
      })
      return { listing, stop }
    } catch (error) {
      stop()
      throw error
    }
  }

  close(): void {
    this.watched?.close()
    this.watched = undefined
    this.noted.clear()
    clearTimeout(this.gathering)
    clearInterval(this.lookingAgain)
  }

  private note(place: string): void {
    if (this.noted.size === 0)
      this.gathering = setTimeout(() => this.lookLater(() => this.lookAtNoted()), GATHER_MILLISECONDS)
    this.noted.add(place)
  }

  /** After what is being looked at. */
  private look<T>(at: () => Promise<T>): Promise<T> {
    const found = this.busy.then(at)
    this.busy = found.then(noResult, noResult)
    return found
  }

  private lookLater(at: () => Promise<void>): void {
    void this.look(at).catch(noResult) // a folder that vanishes meanwhile is noted again
  }

  private async lookAtNoted(): Promise<void> {
    const runs = [...this.noted].map((place) => this.folder.nameOf(place))
    this.noted.clear()
    if (runs.every((run) => this.known.has(run))) for (const run of runs) await this.lookAt(run)
    else await this.scan()
  }

  private async lookAgain(): Promise<void> {
    for (const [run, { isTraining }] of this.known) if (isTraining) await this.lookAt(run)
    if (String(await foldersIn(this.folder.path)) !== String(this.folders)) await this.scan()
  }

  private async lookAt(run: string): Promise<void> {
    const { rows, broken } = await this.folder.list(this.folder.placeOf(run))
    const [now] = [...rows, ...broken]
    if (now === undefined) return this.scan()
    const trial = this.known.get(run)?.trial // which the sweep's folder tells
    await this.tell("recipe" in now && trial !== undefined ? { ...now, trial } : now)
  }

  /** What there is to begin with: it is known and not told. */
  private async begin(): Promise<Listing> {
    this.known.clear()
    this.watched = new WatchedFolders((place) => this.note(place), this.watching)
    this.lookingAgain = setInterval(
      () => this.lookLater(() => this.lookAgain()),
      PATIENCE_MILLISECONDS,
    ).unref()
    this.folders = await foldersIn(this.folder.path)
    this.watched.set(this.folders)
    const listing = await this.folder.list()
    const learn = async (now: RunRow | BrokenRun) => this.keep(now, await this.folder.endOfMetrics(now.run))
    await Promise.all([...listing.rows, ...listing.broken].map(learn))
    return listing
  }

  private async scan(): Promise<void> {
    this.folders = await foldersIn(this.folder.path)
    this.watched?.set(this.folders)
    const { rows, broken } = await this.folder.list()
    const all = [...rows, ...broken]
    for (const now of all) await this.tell(now)
    const found = new Set(all.map(({ run }) => run))
    for (const run of this.known.keys()) {
      if (found.has(run)) continue
      this.known.delete(run)
      this.send({ run })
    }
  }

  /** Tells what is different of a run. */
  private async tell(now: RunRow | BrokenRun): Promise<void> {
    const { run } = now
    const before = this.known.get(run)
    const part = await this.folder.metrics(run, before?.next ?? 0)
    const { told } = this.keep(now, part?.next ?? 0)
    const metrics = part?.reset || part?.text ? part : undefined
    if (told !== before?.told || metrics) this.send({ run, now, ...(metrics && { metrics }) })
  }

  private keep(now: RunRow | BrokenRun, next: number): Known {
    const isRow = "recipe" in now
    const known: Known = {
      ...{ told: JSON.stringify(now), isTraining: isRow && now.state === "training", next },
      ...(isRow && { trial: now.trial }),
    }
    this.known.set(now.run, known)
    return known
  }

  private send(change: RunChange): void {
    for (const listener of this.listeners) listener(change)
  }
}

const noResult = (): void => {}

/** The folder and those in it that may be of runs, to the depth of a sweep's trials; none if it does not exist. Links are not followed. */
async function foldersIn(root: string): Promise<string[]> {
  const inside = async (folder: string, depth: number): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) return []
    const isRun = entries.some(({ name }) => name === files.config)
    const below =
      isRun || depth === 2 ? [] : entries.filter((each) => each.isDirectory() && !/^\./.test(each.name))
    const found = await Promise.all(below.map(({ name }) => inside(join(folder, name), depth + 1)))
    return [folder, ...found.flat()]
  }
  return inside(root, 0)
}
