/**
 * Tells in which folders files change: the system says so (`fs.watch`), and where it does not, as with more folders than it watches, their
 * times are looked at ten times a second.
 */
import { type FSWatcher, watch } from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { files } from "../runs/run-files.ts"

const POLL_MILLISECONDS = 100

export class WatchedFolders {
  private readonly watchers = new Map<string, FSWatcher>()
  /** The times of the folders that the system does not watch. */
  private readonly polled = new Map<string, string>()
  private readonly onChange: (folder: string) => void
  private readonly watch: typeof watch
  private readonly timer: NodeJS.Timeout

  /** `watch` is another for tests. */
  constructor(onChange: (folder: string) => void, watching: typeof watch = watch) {
    this.onChange = onChange
    this.watch = watching
    this.timer = setInterval(() => this.poll(), POLL_MILLISECONDS).unref()
  }

  /** From now on these and no others. */
  set(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const folder of [...this.watchers.keys(), ...this.polled.keys()])
      if (!wanted.has(folder)) this.forget(folder)
    for (const folder of folders)
      if (!this.watchers.has(folder) && !this.polled.has(folder)) this.begin(folder)
  }

  close(): void {
    clearInterval(this.timer)
    this.set([])
  }

  private begin(folder: string): void {
    try {
      const watcher = this.watch(folder, { persistent: false }, () => this.onChange(folder))
      watcher.on("error", () => {
        this.forget(folder)
        this.polled.set(folder, "")
      })
      this.watchers.set(folder, watcher)
    } catch {
      this.polled.set(folder, "")
    }
  }

  private forget(folder: string): void {
    this.watchers.get(folder)?.close()
    this.watchers.delete(folder)
    this.polled.delete(folder)
  }

  private async poll(): Promise<void> {
    for (const [folder, before] of this.polled) {
      const now = await timesOf(folder)
      if (now === before || !this.polled.has(folder)) continue
      this.polled.set(folder, now)
      this.onChange(folder)
    }
  }
}

/** What changes with a folder's names, and with the metrics in it. */
async function timesOf(folder: string): Promise<string> {
  const found = await Promise.all(
    [folder, join(folder, files.metrics)].map((path) => stat(path).catch(() => undefined)),
  )
  return found.map((each) => `${each?.mtimeMs} ${each?.size}`).join()
}
