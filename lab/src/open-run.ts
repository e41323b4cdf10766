/** Opens a run of the view of runs in the view that trains. One of the disk is copied into this browser, and its copy goes on. */
import { browserRun } from "./runs/opfs.ts"
import type { RunSource } from "./runs/store.ts"
import { resume, view } from "./session.ts"

export async function openRun(source: RunSource, run: string): Promise<void> {
  await resume(source.place === "browser" ? run : await copied(source, run))
  view.value = "train"
}

/** The name of the copy. A copy of before is replaced. */
async function copied(source: RunSource, run: string): Promise<string> {
  const name = `copy-of-${run.replaceAll("/", "-")}`
  const store = await browserRun(name)
  for (const file of await store.list()) await store.remove(file)
  for (const file of await source.files(run)) {
    const bytes = await source.file(run, file)
    if (bytes) await store.write(file, bytes)
  }
  return name
}
