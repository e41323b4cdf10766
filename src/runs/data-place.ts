/**
 * Where the data of a run lies. A run keeps its path as it was given, and relative to its folder: a project can move, and a run can be
 * resumed from any folder. What is found is only taken if it has the hash that the run began with (open-data.ts).
 */
import { dataSets } from "../data/catalog.ts"
import { node, STANDARD_INPUT } from "../data/disk.ts"
import type { Settings } from "./settings.ts"

/** Data and how it is read. */
export type DataPlace = Pick<Settings, "data" | (typeof readingSettings)[number]>

/** The settings that say how data is read. */
export const readingSettings = ["column", "noHeader", "maximumLineLength"] as const

/** Data sets have no place, nor has standard input, nor data in a page. */
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
 * The places where a run's data lies or may lie, in the order in which they are tried: as it was given, from the run's folder, and by its
 * name in the run's folder, the two above it and the current one. Only those where something is.
 */
export function placesOf(folder: string, data: string, path: string | undefined): string[] {
  if (data === STANDARD_INPUT) return [] // read once, and not kept
  if (!isOnDisk(data)) return [data]
  const { resolve } = node().getBuiltinModule("node:path")
  const { realpathSync } = node().getBuiltinModule("node:fs")
  const name = data.replace(/^.*[/\\]/, "")
  const folders = [folder, ...(exists(folder) ? [realpathSync(folder)] : [])] // one may be a link to the other
  const others = [
    ...folders.flatMap((each) => [path ?? data, data, name].map((from) => resolve(each, from))),
    ...folders.flatMap((each) => [resolve(each, "..", name), resolve(each, "../..", name)]),
    resolve(name),
  ]
  return [data, ...new Set(others)].filter(
    (place, k) => exists(place) && (k === 0 || place !== resolve(data)),
  )
}

const exists = (path: string): boolean => node().getBuiltinModule("node:fs").existsSync(path)

/** Settings with data in another place. A file of the same kind is read in the same way, and so is what is piped in. */
export function movedTo<S extends Settings>(settings: S, { data = settings.data, ...given }: DataPlace): S {
  const kind = (name = "") => /\.\w+$/.exec(name)?.[0].toLowerCase()
  const places = [data, settings.data]
  const isSameKind = kind(data) === kind(settings.data) || places.includes(STANDARD_INPUT)
  const kept = isSameKind ? settings : { maximumLineLength: settings.maximumLineLength }
  const read = readingSettings.map((key) => [key, given[key] ?? kept[key as keyof typeof kept]])
  return { ...settings, data, ...Object.fromEntries(read) }
}
