/** Ctrl-C: the first one makes a run save a checkpoint and stop, the second exits at once. */

/** A second signal within this time is an echo: the terminal signals the script directly, and npm forwards it again. */
const ECHO_MILLISECONDS = 500

/** Makes the first SIGINT or SIGTERM abort `signal`, and the next one exit; `release` restores the default handling. */
export function catchInterrupts() {
  const controller = new AbortController()
  let first = Number.NaN
  const onSignal = () => {
    if (!controller.signal.aborted) {
      first = performance.now()
      process.stderr.write("\nsaving a checkpoint; press Ctrl-C again to exit at once\n")
      controller.abort()
    } else if (performance.now() - first > ECHO_MILLISECONDS) process.exit(130)
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", onSignal)
      process.off("SIGTERM", onSignal)
    },
  }
}
