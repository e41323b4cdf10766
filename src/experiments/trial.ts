/** A trial: one run of a sweep, trained to its end or, with early termination, rung by rung. It is the task that a worker takes. */
import type { LoadOptions } from "../data/load-options.ts"
import { UserError } from "../errors.ts"
import { prepare } from "../runs/corpora/index.ts"
import { storeOf } from "../runs/disk-store.ts"
import { Interrupted } from "../runs/interrupted.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { Validation } from "../runs/record.ts"
import type { Run } from "../runs/run.ts"
import { files } from "../runs/run-files.ts"
import { runTraining } from "../runs/run-training.ts"
import type { Settings } from "../runs/settings.ts"
import type { Store } from "../runs/store.ts"

/** Plain data: it travels to other processes and machines. */
export interface Trial {
  /** The name of its run's folder: a hash of all that its result depends on. */
  readonly name: string
  readonly settings: Settings
  /** The number of steps after which it pauses; absent to train to the end. */
  readonly until?: number
  /** The most parameters that its model may have. */
  readonly mostParameters?: number
}

export type Outcome =
  | {
      readonly kind: "trained"
      /** What was measured on the validation part, by its name in the metrics. */
      readonly values: Partial<Validation>
      readonly steps: number
      /** Of these, the steps that this task took. */
      readonly taken: number
      /** How long it was trained, in all its starts together. */
      readonly seconds: number
      readonly parameters: number
    }
  | { readonly kind: "failed"; readonly problem: string }
  /** It was interrupted, and has a checkpoint if it had begun. */
  | { readonly kind: "stopped" }

export interface TrialProgress {
  readonly step: number
  readonly steps: number
  /** Of the last batch. */
  readonly loss: number
}

export interface TrialOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrialProgress) => void
  readonly loading?: LoadOptions
}

/** Starts or resumes the trial's run in this store. Whatever goes wrong in it is an outcome. */
export async function trainTrial(
  { settings, until, mostParameters = Infinity }: Trial,
  place: Store | string,
  { signal, onProgress = () => {}, loading }: TrialOptions = {},
): Promise<Outcome> {
  const store = storeOf(place)
  let run: Run | undefined
  let [parameters, before, steps] = [0, 0, 0]
  try {
    const isBegun = (await store.list()).includes(files.config)
    if (!isBegun && mostParameters < Infinity) await requireParameters(settings, mostParameters, loading)
    const events = runTraining({
      given: isBegun ? {} : settings,
      ...(isBegun ? { resume: store } : { out: store }),
      ...{ until, loading, brief: true },
      onStage: () => signal?.throwIfAborted(), // a teacher may take minutes before the first step
      interrupts: () => ({ signal: signal ?? new AbortController().signal, release() {} }),
    })
    for await (const event of events) {
      if (event.kind === "begun") {
        run = event.run
        parameters = event.model.parameterCount
        before = event.taken
        steps = run.config.recipe.steps
      } else if (event.kind === "progress") {
        const { step, loss } = event.progress
        onProgress({ step, steps, loss })
      } else if (event.kind === "trained") steps = event.steps
      else if (event.kind === "validated") {
        const { kind: _, ...values } = event
        const seconds = run?.seconds ?? 0
        return { kind: "trained", values, steps, taken: steps - before, seconds, parameters }
      }
    }
    throw new Error(`trial ${store.name}: the training ended without a result`)
  } catch (error) {
    if (error instanceof Interrupted || (signal?.aborted && error === signal.reason))
      return { kind: "stopped" }
    if (error instanceof UserError) return { kind: "failed", problem: error.message }
    // A bug ends its trial and not the sweep; its stack is told.
    return { kind: "failed", problem: (error as Error).stack ?? String(error) }
  }
}

async function requireParameters(settings: Settings, most: number, loading?: LoadOptions): Promise<void> {
  const { recipe, corpus } = await prepare(settings, loading)
  const { parameterCount } = learnerOf(recipe).create(recipe, corpus)
  if (parameterCount > most)
    throw new UserError(
      `the model has ${parameterCount.toLocaleString("en")} parameters, more than the budget of ${most.toLocaleString("en")}`,
    )
}
