/** Ctrl-C: the first one makes a run save a checkpoint and stop, the second exits at once. So do a closed terminal and lost output. */
import { onLostOutput } from "./lost-output.ts"
import { notice } from "./output.ts"

/** A second signal within this time is an echo: the terminal signals the script directly, and npm forwards it again. */
const ECHO_MILLISECONDS = 500

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Makes the first signal, or the loss of standard output, abort `signal`, and the next signal exit; `release` restores the default handling. `doing` is what follows the first. */
export function catchInterrupts({ doing = "saving a checkpoint" } = {}) {
  const controller = new AbortController()
  let first = Number.NaN
  const onSignal = () => {
    if (!controller.signal.aborted) {
      first = performance.now()
      notice(`${doing}; press Ctrl-C again to exit at once`)
      controller.abort()
    } else if (!(performance.now() - first <= ECHO_MILLISECONDS)) process.exit(130)
  }
  for (const signal of signals) process.on(signal, onSignal)
  const forget = onLostOutput(() => controller.abort())
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) process.off(signal, onSignal)
      forget()
    },
  }
}
