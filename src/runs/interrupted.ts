/** The error of a training that was interrupted and saved. */
import type { RunConfig } from "./run-config.ts"

export class Interrupted extends Error {
  override readonly name = "Interrupted"
  readonly folder: string
  /** Whether the run belongs to the lecture. */
  readonly lecture: boolean

  constructor({ folder, config }: { folder: string; config: RunConfig }, taken: number) {
    // A model that counts takes no steps.
    const [done, all] = [taken, config.recipe.steps].map((steps) => steps?.toLocaleString("en"))
    super(`stopped${all === undefined ? "" : ` after ${done} of ${all} steps`}; everything is in ${folder}`)
    this.folder = folder
    this.lecture = config.lecture !== undefined
  }
}
