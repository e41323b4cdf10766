/** The sources of runs that this page has. */
import { browserRuns } from "./opfs.ts"
import { servedRuns } from "./server.ts"
import type { RunSource } from "./store.ts"

export const sources: readonly RunSource[] = [servedRuns(), browserRuns()].filter(
  (source) => source !== undefined,
)
