/**
 * Shows the progress of loading data, and of what a training does before and after its steps: a counter on a terminal; elsewhere one
 * notice per download.
 */
import type { LoadOptions } from "../data/load-options.ts"
import { notice } from "./output.ts"
import { clearStatus, showStatus } from "./status-line.ts"

export function showLoading(): Required<Pick<LoadOptions, "onProgress" | "onSound">> {
  let noticed = false
  return {
    onProgress({ receivedBytes, totalBytes }) {
      if (!noticed) notice(`downloading the data, ${Math.ceil(totalBytes / 1024)} KiB`)
      noticed = true
      count("downloading the data", receivedBytes, totalBytes)
    },
    onSound: (read, total) => count("reading the sounds", read, total),
  }
}

/** Shows a stage besides the steps, and how much of it is done. */
export const showStage = (stage: string, done: number): void => count(stage, done, 1)

function count(what: string, done: number, total: number): void {
  if (done === total) clearStatus()
  else showStatus(() => ` ${what}${done === 0 ? "" : ` ${Math.floor((100 * done) / total)} %`}`)
}
