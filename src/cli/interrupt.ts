/** Ctrl-C: the first one makes a run save a checkpoint and stop, the second ends the process at once. So do a closed terminal and lost output. */
import { onLostOutput } from "./lost-output.ts"
import { notice } from "./output.ts"

/** A second signal within this time is an echo: the terminal signals the script directly, and npm forwards it again. */
const ECHO_MILLISECONDS = 500

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Makes the first signal, or the loss of standard output, abort `signal`, and restores the default handling, by which the next signal
 * ends the process; so does `release`. Not `process.exit`: it stops threads, and one inside ONNX Runtime then aborts the process.
 * `doing` is what follows the first.
 */
export function catchInterrupts({ doing = "saving a checkpoint" } = {}) {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) return
    notice(`${doing}; press Ctrl-C again to exit at once`)
    controller.abort()
    setTimeout(restore, ECHO_MILLISECONDS).unref()
  }
  const restore = () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  const forget = onLostOutput(() => {
    controller.abort()
    restore()
  })
  return {
    signal: controller.signal,
    release() {
      restore()
      forget()
    },
  }
}
