/**
 * Runs as event files for TensorBoard, a folder each, with their curves and recipes; and one file beside them that makes one table of all, in
 * the order of the settings that differ.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { EventWriter, eventFileName } from "../interchange/tensorboard.ts"
import { curves, logMetrics } from "../runs/event-log.ts"
import { readMetrics } from "../runs/metrics.ts"
import { settings } from "../runs/settings.ts"
import { nameIn } from "./report.ts"
import type { RunRow } from "./run-row.ts"

/** Writes into a folder, in place of what an earlier call wrote there. `from` is the folder of the runs. `onProgress` receives how many are done. */
export async function writeEvents(
  out: string,
  from: string,
  rows: readonly RunRow[],
  onProgress: (done: number) => void = () => {},
): Promise<void> {
  for (const [k, row] of rows.entries()) {
    onProgress(k)
    const metrics = await readMetrics(row.run)
    const end = Date.parse(row.when) / 1000
    const begin = end - (row.seconds ?? 0)
    const last = Math.max(1, row.taken)
    let step = 0
    const clock = () => begin + (end - begin) * Math.min(1, step / last)
    await writeFile(join(out, nameIn(from, row.run)), end, clock, (writer) => {
      writer.hyperParameters(row.recipe)
      for (const line of metrics) {
        step = line.step
        logMetrics(writer, line)
      }
      step = last
      if (row.state === "finished") writer.ended()
    })
  }
  onProgress(rows.length)
  const names = Object.keys(settings).filter((name) => rows.some(({ recipe }) => name in recipe))
  const values = names.map(
    (name) => [name, rows.map(({ recipe }) => recipe[name as keyof typeof recipe])] as const,
  )
  const newest = rows.reduce((time, { when }) => Math.max(time, Date.parse(when) / 1000), 0)
  await writeFile(
    out,
    newest,
    () => newest,
    (writer) => writer.experiment(Object.fromEntries(values), [curves.validation, curves.train]),
  )
}

/** An event file of this time, in place of earlier ones in the folder. */
async function writeFile(
  folder: string,
  time: number,
  clock: () => number,
  write: (writer: EventWriter) => void,
): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  write(new EventWriter((bytes) => parts.push(bytes), { clock }))
  mkdirSync(folder, { recursive: true })
  const name = eventFileName(time)
  for (const other of readdirSync(folder))
    if (other !== name && /^events\.out\.tfevents\.\d+\.makewave$/.test(other)) rmSync(join(folder, other))
  await writeFileAtomic(join(folder, name), Buffer.concat(parts))
}
