/**
 * Run folders as rows, for the table of `makewave runs`, for reports and for sweeps. Of each run it reads the config and the end of the
 * metrics and nothing else, so that a thousand runs take less than a second. A broken run is reported and hides no other.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
} from "node:fs"
import { basename, join } from "node:path"
import { UserError } from "../errors.ts"
import { codecOf } from "../runs/codec.ts"
import { isLocked } from "../runs/lock.ts"
import { isPackaged } from "../runs/packaged.ts"
import { identityOf, parseConfig, parseRecipe, type RunConfig } from "../runs/run-config.ts"
import { files } from "../runs/run-files.ts"
import { JOURNAL, trialPlaces } from "./journal.ts"
import {
  type BrokenRun,
  type Ending,
  endingOf,
  type Listing,
  newestFirst,
  type RowParts,
  type RunRow,
  rowOf,
  TAIL,
} from "./run-row.ts"

/**
 * The runs in a folder and in the folders in it, as a sweep has them, each once whatever links lead to it; or the one run that the folder
 * is. A UserError if there is no such folder.
 */
export async function listRuns(folder: string): Promise<Listing> {
  const rows: RunRow[] = []
  const broken: BrokenRun[] = []
  const parametersOf = parameterCounter()
  const read = async (run: string, names: readonly string[], trial?: number) => {
    try {
      rows.push({ ...rowOf(await partsOf(run, names, parametersOf)), trial })
    } catch (error) {
      broken.push({ run, problem: sentenceOf(run, error) })
    }
  }
  const visited = new Set<string>()
  const visit = async (place: string, depth: number, trial?: number): Promise<void> => {
    let names: string[] | undefined
    try {
      names = namesIn(place)
    } catch (error) {
      if (depth === 0) throw new UserError(sentenceOf(place, error))
      broken.push({ run: place, problem: sentenceOf(place, error) })
    }
    if (names === undefined && depth === 0)
      throw new UserError(`${place}: there is no such folder: give one that has runs, such as runs`)
    if (names === undefined) return
    const real = realpathSync.native(place)
    if (visited.has(real)) return
    visited.add(real)
    if (names.some((name) => ofRuns.has(name))) return read(place, names, trial)
    if (depth === DEPTH) return
    const trials = names.includes(JOURNAL) ? trialsIn(place) : undefined
    const places = names.filter((name) => !name.startsWith(".")).map((name) => join(place, name))
    const isLink = (each: string) => lstatSync(each, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
    // A link comes after what it may lead to.
    for (const isLater of [false, true])
      for (const each of places)
        if (isLink(each) === isLater) await visit(each, depth + 1, trials?.get(basename(each)))
  }
  await visit(folder, 0)
  return { rows: newestFirst(rows), broken }
}

/** The run in this folder, if its training is not finished. */
export async function unfinishedAt(folder: string): Promise<RunRow | undefined> {
  if (await isPackaged(folder)) return undefined
  const { rows } = await listRuns(folder)
  return rows.find(({ state }) => state !== "finished")
}

/** runs/SWEEP/TRIAL */
const DEPTH = 2

/** The files by which a folder is known to be of a run. */
const ofRuns = new Set([files.config, files.metrics, files.checkpoint, files.best])

/** The places of trials in the plan of this sweep; none if its journal cannot be read, which says nothing of its runs. */
function trialsIn(sweep: string): Map<string, number> {
  try {
    return trialPlaces(readFileSync(join(sweep, JOURNAL), "utf8"))
  } catch {
    return new Map()
  }
}

/** The names in a folder; undefined for what is none. */
function namesIn(place: string): string[] | undefined {
  try {
    return readdirSync(place)
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined
    throw error
  }
}

async function partsOf(
  run: string,
  names: readonly string[],
  parametersOf: (config: RunConfig) => Promise<number | undefined>,
): Promise<RowParts> {
  if (!names.includes(files.config))
    throw new UserError(
      `${run}: it has no ${files.config}: put it back, or delete the folder if nobody needs it`,
    )
  const path = join(run, files.config)
  const text = readFileSync(path, "utf8")
  const config = parseRecipe(text, path)
  const parameters = config.parameters ?? (await parametersOf(parseConfig(text, path)))
  const ending = names.includes(files.metrics) ? endOf(join(run, files.metrics)) : undefined
  return {
    run,
    config: { ...config, parameters },
    ending,
    locked: await isLocked(run, names),
    time: ending?.time ?? timeOf(path),
  }
}

/** They are read into the same place for each run. */
const tail = Buffer.allocUnsafe(TAIL)

/** What the end of the metrics says, and when they were written, in milliseconds. */
function endOf(path: string): Ending & { time: number } {
  const file = openSync(path, "r")
  try {
    const { size, mtimeMs: time } = fstatSync(file)
    const bytes = tail.subarray(0, readSync(file, tail, 0, TAIL, Math.max(0, size - TAIL)))
    return { ...endingOf(bytes.toString(), { isCut: size > TAIL, path }), time }
  } finally {
    closeSync(file)
  }
}

function timeOf(path: string): number {
  const file = openSync(path, "r")
  try {
    return fstatSync(file).mtimeMs
  } finally {
    closeSync(file)
  }
}

/** Counts the parameters of networks whose config does not tell them. Equal models, as those of a sweep, are made once. */
function parameterCounter(): (config: RunConfig) => Promise<number | undefined> {
  const counted = new Map<string, number>()
  return async (config) => {
    const { learnerOf } = await import("../runs/learners/index.ts") // which is most of the code, and rarely needed
    const learner = learnerOf(config.recipe)
    if (learner.hasCounts) return undefined
    const identity = identityOf(config)
    const count = counted.get(identity) ?? learner.create(config.recipe, codecOf(config)).parameterCount
    counted.set(identity, count)
    return count
  }
}

function sentenceOf(path: string, error: unknown): string {
  if (error instanceof UserError) return error.message
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return `${path}: it cannot be read (${code}): change its permissions, or delete it if nobody needs it`
}
