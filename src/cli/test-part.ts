/** Opens the test part of a run where a command names it: notes that in the run's folder, and says how often it was opened before. */
import type { Part } from "../runs/corpora/corpus.ts"
import { readConfig } from "../runs/run-config.ts"
import { noteTestOpening } from "../runs/test-openings.ts"
import { commandLine, formatCount, notice } from "./output.ts"

export async function openTestPart(folder: string, parts: readonly Part[] | undefined): Promise<void> {
  if (!parts?.includes("test")) return
  if ((await readConfig(folder)).kept)
    return notice(
      `${folder}: it is a kept model, where no opening of the test part is noted: choose nothing by its loss`,
    )
  const before = await noteTestOpening(folder, commandLine(process.argv.slice(2)))
  if (before > 0)
    notice(
      `${folder}: its test part was opened ${before === 1 ? "once" : `${formatCount(before)} times`} before: choose nothing by its loss`,
    )
}
