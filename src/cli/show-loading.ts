/**
 * Shows the progress of loading data, and of what a training does before and after its steps: a counter on a terminal; elsewhere one
 * notice per download, and per stage that takes long.
 */
import type { LoadOptions } from "../data/load-options.ts"
import { notice } from "./output.ts"
import { barOf, clearStatus, showStatus } from "./status-line.ts"

export function showLoading(): Required<Pick<LoadOptions, "onProgress" | "onSound" | "onStandardInput">> {
  let noticed = false
  return {
    onProgress({ receivedBytes, totalBytes }) {
      if (!noticed) notice(`downloading the data, ${Math.ceil(totalBytes / 1024)} KiB`)
      noticed = true
      count("downloading the data", receivedBytes, totalBytes)
    },
    onSound: (read, total) => count("reading the sounds", read, total),
    onStandardInput() {
      if (process.stdin.isTTY) notice("reading lines from standard input; end with Ctrl-D")
    },
  }
}

/** Without a terminal a stage that takes longer is told once. */
const LONG_MILLISECONDS = 10_000

/** The stage that is under way, and when it began; Infinity once it has been told. */
let current = { stage: "", since: 0 }

/** Shows a stage besides the steps, and how much of it is done. */
export function showStage(stage: string, done: number): void {
  count(stage, done, 1)
  if (process.stderr.isTTY) return
  const now = performance.now()
  if (stage !== current.stage || done === 0) current = { stage, since: now }
  if (done === 1 || now - current.since < LONG_MILLISECONDS) return
  notice(`${stage} …`)
  current.since = Infinity
}

function count(what: string, done: number, total: number): void {
  if (done === total) {
    clearStatus()
    return
  }
  const part = done / total
  const text = ` ${what}${done === 0 ? "" : ` ${Math.floor(100 * part)} %`}`
  showStatus((width) => {
    const bar = barOf(part, width - 1 - text.length)
    return bar === "" ? text : ` ${bar}${text}`
  })
}
