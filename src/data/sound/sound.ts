/** A sound in memory, as every function of sound takes it. */

/** A mono sound. */
export interface Sound {
  /** In Hz. */
  readonly sampleRate: number
  /** From -1 to 1. */
  readonly samples: Float32Array
}
