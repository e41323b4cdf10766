/** The progress of a command besides the steps of a training. */

/** Receives a stage, such as "compiling the step", and the fraction of it that is done; 1 at its end. */
export type OnStage = (stage: string, done: number) => void
