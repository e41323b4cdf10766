/**
 * When the test part of a run was opened, and by which command: `test-openings.jsonl` in its folder, a JSON object per line. The test loss
 * is honest as long as nothing is chosen by it, and each look is a temptation to.
 */
import { storeOf } from "./disk-store.ts"
import { files } from "./run-files.ts"
import type { Store } from "./store.ts"

/** Notes that the command opens the test part. Returns how often that was done before. A UserError if it cannot be noted. */
export async function noteTestOpening(run: Store | string, command: string): Promise<number> {
  const store = storeOf(run)
  const before = await countTestOpenings(store)
  const line = `${JSON.stringify({ when: new Date().toISOString(), command })}\n`
  await store.append(files.testOpenings, new TextEncoder().encode(line))
  return before
}

/** How often the test part of a run was opened. */
export async function countTestOpenings(run: Store | string): Promise<number> {
  const lines = new TextDecoder().decode(await storeOf(run).read(files.testOpenings)).split("\n")
  return lines.filter((line) => line !== "").length
}
