/** Opens a run of the view of runs in the view that trains. One of the disk is copied into this browser, and its copy goes on. */
import { browserRun } from "./runs/browser-folder.ts"
import type { RunSource } from "./runs/store.ts"
import { resume, view } from "./session.ts"

export async function openRun(source: RunSource, run: string): Promise<void> {
  await resume(source.place === "browser" ? run : await copied(source, run))
  view.value = "train"
}

/** The name of the copy. One of before stays, with what it has learned since. */
async function copied(source: RunSource, run: string, number = 1): Promise<string> {
  const name = `copy-of-${run.replaceAll("/", "-")}${number === 1 ? "" : `-${number}`}`
  const store = await browserRun(name)
  if ((await store.list()).length > 0) return copied(source, run, number + 1)
  for (const file of await source.files(run)) {
    const bytes = await source.file(run, file)
    if (bytes) await store.write(file, bytes)
  }
  return name
}
