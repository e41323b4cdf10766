/**
 * Chooses how much one call of the runtime does. Nothing interrupts a call, so each takes about as long as it should, as measured on the
 * one before: by default a quarter of a second, so that progress and Ctrl-C stay responsive.
 */

const SECONDS_A_CALL = 0.25

export interface Pace {
  /** The pieces of the next call: one at first, then at most twice as many as in the call before. */
  readonly atOnce: number
  /** Times a call that does `pieces`, and returns its result. */
  time<T>(pieces: number, call: () => Promise<T>): Promise<T>
}

export function openPace({ most = Infinity, seconds = SECONDS_A_CALL } = {}): Pace {
  let atOnce = 1
  return {
    get atOnce() {
      return atOnce
    },
    async time(pieces, call) {
      const begin = performance.now()
      const result = await call()
      const perSecond = pieces / ((performance.now() - begin) / 1000)
      atOnce = Math.max(1, Math.min(most, 2 * pieces, Math.floor(seconds * perSecond)))
      return result
    },
  }
}
