/** Shows the progress of loading data: a counter on a terminal; elsewhere one notice per download. */
import type { LoadOptions } from "../data/load-options.ts"
import { notice } from "./output.ts"
import { clearStatus, showStatus } from "./status-line.ts"

export function showLoading(): Required<Pick<LoadOptions, "onProgress" | "onSound">> {
  const count = (what: string, done: number, total: number) => {
    if (done === total) clearStatus()
    else showStatus(() => `${what} ${Math.floor((100 * done) / total)} %`)
  }
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
