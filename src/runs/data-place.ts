/**
 * Finds the data of a run. A run keeps the path as it was given, and relative to its folder: a project can move, and a run can be
 * resumed from any folder. Data is used only if it has the hash that the run began with (open-data.ts).
 */
import { dataSets } from "../data/catalog.ts"
import { lastNameOf, node, STANDARD_INPUT } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { flag } from "../setting.ts"
import type { Settings } from "./settings.ts"

/** Data and how it is read. */
export type DataPlace = Pick<Settings, "data" | (typeof readingSettings)[number]>

/** The settings that say how data is read. */
export const readingSettings = ["column", "noHeader", "maximumLineLength"] as const

/** The lines of a run that keeps them, in its folder. */
export const KEPT_LIST = "list.txt"

/** Whether a place is the list that a run keeps: lines, even if they came from a table. */
export const isKeptList = (folder: string, place: string): boolean =>
  isOnDisk(place) && place === node().getBuiltinModule("node:path").resolve(folder, KEPT_LIST)

/** A UserError if it is said how to read data, but not which. */
export function requireDataToRead({ data, ...others }: DataPlace): void {
  const key = readingSettings.find((key) => others[key] !== undefined)
  if (data === undefined && key !== undefined)
    throw new UserError(
      `${flag(key)}: it says how to read --data, and the run's own data is read as trained: give --data too, or leave it out`,
    )
}

/** Data sets, standard input and data in a page have no path. */
const isOnDisk = (data: string): boolean =>
  data !== STANDARD_INPUT &&
  !Object.hasOwn(dataSets, data) &&
  globalThis.process?.versions?.node !== undefined

/** The path of data on the disk from a run's folder, with slashes on every system; undefined for any other data. */
export function pathFrom(folder: string, data: string): string | undefined {
  if (!isOnDisk(data) || !exists(data)) return undefined
  const { relative, resolve, sep } = node().getBuiltinModule("node:path")
  return relative(resolve(folder), resolve(data)).replaceAll(sep, "/")
}

/**
 * The places to look for a run's data, in order: the path as it was given, the path from the run's folder, then its name in the run's
 * folder, in the two above it and in the current one, then the list that the run keeps. Places where nothing is are left out.
 */
export function placesOf(folder: string, data: string, path: string | undefined): string[] {
  if (data !== STANDARD_INPUT && !isOnDisk(data)) return [data]
  const { resolve } = node().getBuiltinModule("node:path")
  if (data === STANDARD_INPUT) return [resolve(folder, KEPT_LIST)].filter(exists) // it cannot be read again
  const { realpathSync } = node().getBuiltinModule("node:fs")
  const name = lastNameOf(data)
  const folders = [folder, ...(exists(folder) ? [realpathSync(folder)] : [])] // one may be a link to the other
  const others = [
    ...folders.flatMap((each) => [path ?? data, data, name].map((from) => resolve(each, from))),
    ...folders.flatMap((each) => [resolve(each, "..", name), resolve(each, "../..", name)]),
    resolve(name),
    resolve(folder, KEPT_LIST),
  ]
  return [data, ...new Set(others)].filter(
    (place, k) => exists(place) && (k === 0 || place !== resolve(data)),
  )
}

const exists = (path: string): boolean => node().getBuiltinModule("node:fs").existsSync(path)

/** The settings for data in another place. A file of the same kind, and standard input, is read in the same way. */
export function movedTo<S extends Settings>(settings: S, { data = settings.data, ...given }: DataPlace): S {
  const kind = (name = "") => /\.\w+$/.exec(name)?.[0].toLowerCase()
  const places = [data, settings.data]
  const isSameKind = kind(data) === kind(settings.data) || places.includes(STANDARD_INPUT)
  const kept = isSameKind ? settings : { maximumLineLength: settings.maximumLineLength }
  const read = readingSettings.map((key) => [key, given[key] ?? kept[key as keyof typeof kept]])
  return { ...settings, data, ...Object.fromEntries(read) }
}
