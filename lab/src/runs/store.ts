/**
 * Where the runs of the page come from: its own file system (opfs.ts), and a folder of the disk behind `makewave lab` (server.ts). A run is
 * named by its path in its source.
 */
import type { Listing, RunChange } from "../../../src/experiments/run-row.ts"
import type { MetricsPart } from "../../../src/runs/metrics-part.ts"

export interface RunSource {
  /** Those of the disk are only read. */
  readonly place: "browser" | "disk"
  list(): Promise<Listing>
  /** The whole lines of a run's metrics from a byte on. */
  metrics(run: string, from: number): Promise<MetricsPart>
  /** The names of a run's files. */
  files(run: string): Promise<readonly string[]>
  /** The bytes of a file; undefined if there is none. */
  file(run: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Tells what happens until the returned function is called. */
  watch(listener: RunListener): () => void
  /** Removes a run. A UserError while it is being trained. */
  remove?(run: string): Promise<void>
}

export interface RunListener {
  /** All runs: at first, and after the connection was lost. */
  all(listing: Listing): void
  one(change: RunChange): void
  /** The source cannot be reached. */
  lost(): void
}
