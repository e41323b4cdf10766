/** What is seen while data is loaded: a line that counts on a terminal; elsewhere one sentence of a download. */
import type { LoadOptions } from "../data/load-options.ts"
import { notice } from "./output.ts"

/** Shows a download, and sounds as they are read. */
export function showLoading(): Required<Pick<LoadOptions, "onProgress" | "onSound">> {
  const { stderr } = process
  const count = (what: string, done: number, total: number) =>
    stderr.write(`\r${what} ${Math.floor((100 * done) / total)} %${done === total ? "\n" : ""}`)
  let told = false
  return {
    onProgress({ receivedBytes, totalBytes }) {
      if (stderr.isTTY) count("downloading the data", receivedBytes, totalBytes)
      else if (!told) notice(`downloading the data, ${Math.ceil(totalBytes / 1024)} KiB`)
      told = true
    },
    onSound(read, total) {
      if (stderr.isTTY) count("reading the sounds", read, total)
    },
  }
}
