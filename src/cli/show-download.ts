/** What is seen of a download: a line that counts on a terminal, one sentence elsewhere. */
import type { DownloadProgress } from "../data/download.ts"
import { notice } from "./output.ts"

export function showDownload(): (progress: DownloadProgress) => void {
  let told = false
  return ({ receivedBytes, totalBytes }) => {
    const { stderr } = process
    if (stderr.isTTY) {
      const percent = Math.floor((100 * receivedBytes) / totalBytes)
      stderr.write(`\rdownloading the data ${percent} %${receivedBytes === totalBytes ? "\n" : ""}`)
    } else if (!told) notice(`downloading the data, ${Math.ceil(totalBytes / 1024)} KiB`)
    told = true
  }
}
