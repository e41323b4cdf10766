/** Shows the progress of loading data: a counter on a terminal; elsewhere one notice per download. */
import type { LoadOptions } from "../data/load-options.ts"
import { notice } from "./output.ts"

export function showLoading(): Required<Pick<LoadOptions, "onProgress" | "onSound">> {
  const { stderr } = process
  const count = (what: string, done: number, total: number) =>
    stderr.write(`\r${what} ${Math.floor((100 * done) / total)} %${done === total ? "\n" : ""}`)
  let noticed = false
  return {
    onProgress({ receivedBytes, totalBytes }) {
      if (stderr.isTTY) count("downloading the data", receivedBytes, totalBytes)
      else if (!noticed) notice(`downloading the data, ${Math.ceil(totalBytes / 1024)} KiB`)
      noticed = true
    },
    onSound(read, total) {
      if (stderr.isTTY) count("reading the sounds", read, total)
    },
  }
}
