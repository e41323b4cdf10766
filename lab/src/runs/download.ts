/** A run as a file to keep: a zip archive of its folder, with which `makewave train --resume` goes on once it is unpacked. */
import { writeZip } from "../../../src/interchange/zip.ts"
import { saveFile } from "../save-file.ts"
import type { RunSource } from "./store.ts"

async function zippedRun(source: RunSource, run: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = folderName(run)
  const names = (await source.files(run)).toSorted()
  const found = await Promise.all(names.map((name) => source.file(run, name)))
  return writeZip(
    Object.fromEntries(names.flatMap((name, k) => (found[k] ? [[`${folder}/${name}`, found[k]]] : []))),
  )
}

/** The name of a run's folder: of a trial, without that of its sweep. */
const folderName = (run: string): string => run.replace(/^.*\//, "")

/** Has the browser save a run. */
export async function downloadRun(source: RunSource, run: string): Promise<void> {
  saveFile(`${folderName(run)}.zip`, await zippedRun(source, run))
}
