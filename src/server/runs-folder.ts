/**
 * The folder of runs that the lab shows: its runs by their paths in it, and their files. Nothing else is read: a run has at most two names,
 * a file is one that runs have, or the list that the run was trained on, and links may not lead out of the folder.
 */
import { existsSync } from "node:fs"
import { open, readdir, readFile, realpath, stat } from "node:fs/promises"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import { listRuns } from "../experiments/listing.ts"
import { type Listing, TAIL } from "../experiments/run-row.ts"
import { KEPT_LIST } from "../runs/data-place.ts"
import { KEPT_MODEL } from "../runs/kept.ts"
import { type ListOfRun, listOfRun } from "../runs/list-of-run.ts"
import { type GrowingFile, LINE_FEED, type MetricsPart, metricsPart } from "../runs/metrics-part.ts"
import { files } from "../runs/run-files.ts"

export class RunsFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The runs, or the one run at `place`, by their paths from here. A run that a link leads out to is a broken one. */
  async list(place = this.path): Promise<Listing> {
    if (!existsSync(place)) return { rows: [], broken: [] }
    const { rows, broken } = await listRuns(place)
    const here = await realpath(this.path)
    const inside: Listing["rows"][number][] = []
    const outside: Listing["broken"][number][] = []
    for (const { run, ...row } of rows)
      if (isWithin(here, await realpath(run))) inside.push({ run: this.nameOf(run), ...row })
      else outside.push({ run: this.nameOf(run), problem: leadsOut(run, this.path) })
    const named = broken.map(({ run, problem }) => ({ run: this.nameOf(run), problem }))
    return { rows: inside, broken: [...named, ...outside] }
  }

  /** The path of a run's folder from here, with slashes on every system; its name where it is this folder itself. */
  nameOf(place: string): string {
    return relative(this.path, place).replaceAll(sep, "/") || basename(resolve(place))
  }

  /** The folder of a run; undefined for what cannot be the path of one. */
  placeOf(run: string): string | undefined {
    if (run === this.nameOf(this.path) && existsSync(join(this.path, files.config))) return this.path
    const names = run.split("/")
    return names.length <= 2 && names.every(isPlainName) ? join(this.path, ...names) : undefined
  }

  /** The names of a run's files, and of the list that it was trained on; undefined if there is no such run. */
  async filesOf(run: string): Promise<string[] | undefined> {
    const names = await readdir(this.placeOf(run) ?? "").catch(() => [])
    const found = await Promise.all(names.filter(isFileOfRun).map((name) => this.fileAt(run, name)))
    const present = names.filter(isFileOfRun).filter((_, k) => found[k] !== undefined)
    if (present.length === 0) return undefined
    const list = await this.listOf(run)
    return [...new Set([...present, ...(list ? [list.name] : [])])].sort()
  }

  /** The bytes of a run's file, or of its list; undefined if there is none. */
  async read(run: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const list = isFileOfRun(name) ? undefined : await this.listOf(run)
    const path = list?.name === name ? list.path : await this.fileAt(run, name)
    return path === undefined ? undefined : new Uint8Array(await readFile(path))
  }

  /** The whole lines of a run's metrics from a byte on; undefined if there is no such run. */
  async metrics(run: string, from: number): Promise<MetricsPart | undefined> {
    if (
      (await this.fileAt(run, files.metrics)) === undefined &&
      (await this.fileAt(run, files.config)) === undefined
    )
      return undefined
    return this.withMetrics(run, (file) => metricsPart(file, from))
  }

  /** The byte after the last whole line of a run's metrics. */
  async endOfMetrics(run: string): Promise<number> {
    return this.withMetrics(run, async (file) => {
      const begin = Math.max(0, file.size - TAIL)
      return begin + (await file.read(begin, file.size)).lastIndexOf(LINE_FEED) + 1
    })
  }

  /** A run that has no metrics yet has empty ones. */
  private async withMetrics<T>(run: string, use: (file: GrowingFile) => Promise<T>): Promise<T> {
    const path = await this.fileAt(run, files.metrics)
    if (path === undefined) return use({ size: 0, read: async () => new Uint8Array() })
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const read = async (begin: number, end: number) => {
        const { buffer, bytesRead } = await file.read(new Uint8Array(end - begin), 0, end - begin, begin)
        return buffer.subarray(0, bytesRead)
      }
      return await use({ size, read })
    } finally {
      await file.close()
    }
  }

  private async listOf(run: string): Promise<ListOfRun | undefined> {
    const config = await this.fileAt(run, files.config)
    return config === undefined ? undefined : listOfRun(dirname(config))
  }

  /** The real path of a run's file; undefined for any other file, and for one that lies elsewhere. */
  private async fileAt(run: string, name: string): Promise<string | undefined> {
    const place = this.placeOf(run)
    if (place === undefined || !isFileOfRun(name)) return undefined
    return fileWithin(this.path, join(place, name))
  }
}

/** The real path of a regular file; undefined if there is none, or if it lies outside of the folder. */
export async function fileWithin(folder: string, path: string): Promise<string | undefined> {
  try {
    const [here, real] = await Promise.all([realpath(folder), realpath(path)])
    return isWithin(here, real) && (await stat(real)).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

const isWithin = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/** A name of a file or a folder, and not of a hidden one or a path. */
const isPlainName = (name: string): boolean => /^[^./\\\0][^/\\\0]*$/.test(name)

const ofRuns: ReadonlySet<string> = new Set([...Object.values(files), KEPT_LIST, KEPT_MODEL])

/** Whether runs have files of this name; those of sounds have a sample and its picture for each voice. */
const isFileOfRun = (name: string): boolean =>
  ofRuns.has(name) || (isPlainName(name) && /^sample-.*\.(wav|svg)$/.test(name))

const leadsOut = (run: string, folder: string): string =>
  `${run}: this is a link out of ${folder}: start makewave lab with the folder that it leads to`
