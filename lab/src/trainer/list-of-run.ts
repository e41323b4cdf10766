/** The list of a run in the page, or its sounds: as it is given, as the run keeps it in its folder, and as it is found there again. */
import { dataSets } from "../../../src/data/catalog.ts"
import { lastNameOf } from "../../../src/data/disk.ts"
import type { LoadOptions } from "../../../src/data/load-options.ts"
import { parseLines } from "../../../src/data/text.ts"
import { UserError } from "../../../src/errors.ts"
import { KEPT_LIST } from "../../../src/runs/data-place.ts"
import { changedOwn } from "../../../src/runs/own-models.ts"
import type { RunConfig } from "../../../src/runs/run-config.ts"
import { files } from "../../../src/runs/run-files.ts"
import type { Settings } from "../../../src/runs/settings.ts"
import type { Store } from "../../../src/runs/store.ts"
import { TONES } from "../tones.ts"
import type { List, Open, UserFile } from "./messages.ts"

/** The list to begin with, whose name is that of a file beside those of the run; undefined for a data set of the package. */
export async function givenList({ list, settings }: Open): Promise<List | undefined> {
  if (list) return { ...list, name: safeName(list.name) }
  if (settings.data !== TONES) return undefined
  const { makeTones } = await import("./make-tones.ts")
  return { name: TONES, bytes: new Uint8Array(), sounds: await makeTones() }
}

/** The list as `runTraining` takes it. */
export function atHand({ name, bytes, sounds }: List, { running }: Settings): LoadOptions {
  if (sounds) return { sounds }
  return name === KEPT_LIST && !running ? { text: parseLines(bytes, { name }) } : { bytes }
}

/** What a run keeps of its list. */
export const filesOf = ({ name: folder, bytes, sounds }: List): readonly UserFile[] =>
  sounds?.map(({ name, bytes }) => ({ name: `${folder}/${name}`, bytes })) ?? [{ name: folder, bytes }]

/** A list lies beside the files of its run, and is none of the data sets. */
function safeName(name: string): string {
  const taken = [...Object.values(files), ...Object.keys(dataSets), TONES]
  return taken.includes(name) ? `list-${name}` : name
}

/** The list in the folder of a run; undefined for a data set. A page has the models of the package, and refuses a run of another. */
export async function keptList(store: Store, config: RunConfig): Promise<List | undefined> {
  changedOwn(store.name, config)
  const { data } = config.recipe
  if (Object.hasOwn(dataSets, data)) return undefined
  const itself = lastNameOf(data)
  for (const name of [itself, KEPT_LIST]) {
    const bytes = await store.read(name)
    if (bytes) return { name, bytes }
  }
  const paths = (await store.list()).filter((path) => path.startsWith(`${itself}/`))
  const sounds = await Promise.all(
    paths.map(async (path) => ({ name: path.slice(itself.length + 1), bytes: (await store.read(path))! })),
  )
  if (sounds.length > 0) return { name: itself, bytes: new Uint8Array(), sounds }
  throw new UserError(
    `${store.name}: its list, ${data}, is not in its folder, and a page reads no other: put it there`,
  )
}
