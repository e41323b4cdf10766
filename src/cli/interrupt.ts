/** Ctrl-C: the first asks a training to keep what it has and end, the second ends it at once. */

/**
 * A second signal within this time is the first come twice: npm hands on to its script what the terminal has sent to both.
 */
const ECHO_MILLISECONDS = 500

export interface Interrupts {
  readonly signal: AbortSignal
  /** From here on a signal ends the process again. */
  release(): void
}

/** From here on SIGINT and SIGTERM abort `signal`; the next one ends the process. */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController()
  let first = Number.NaN
  const hear = () => {
    if (!controller.signal.aborted) {
      first = performance.now()
      process.stderr.write("\nkeeping what is there; press Ctrl-C again to leave at once\n")
      controller.abort()
    } else if (performance.now() - first > ECHO_MILLISECONDS) process.exit(130)
  }
  process.on("SIGINT", hear)
  process.on("SIGTERM", hear)
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", hear)
      process.off("SIGTERM", hear)
    },
  }
}
