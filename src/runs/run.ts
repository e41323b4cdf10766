/**
 * A run is a folder: `config.json` has the recipe, `metrics.jsonl` the losses, `checkpoint.safetensors` the state of the training, with
 * patience `best.safetensors` its best state, `samples.txt` the samples at the end; with `tensorboard` there are event files too. A run
 * can be resumed after a kill at any moment: metrics later than the checkpoint are cut off then, so that the files end as they would
 * have without the kill.
 */
import { type Displayed, inspect, jupyterDisplay, type Media } from "../display/contract.ts"
import { UserError } from "../errors.ts"
import type { StateDict } from "../nn/module.ts"
import { flag } from "../setting.ts"
import type { TrainingProgress, TrainingState } from "../training/training-state.ts"
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts"
import { storeOf } from "./disk-store.ts"
import type { EventLog } from "./event-log.ts"
import { readKept } from "./kept.ts"
import { type LossSum, lengthOfSteps, type Metrics, readMetrics } from "./metrics.ts"
import { changedOwn } from "./own-models.ts"
import { storeToRead } from "./packaged.ts"
import { changeConfig, identityOf, otherThan, type RunConfig, readConfig, showConfig } from "./run-config.ts"
import { files } from "./run-files.ts"
import type { Settings } from "./settings.ts"
import type { Store } from "./store.ts"

const FLUSH_MILLISECONDS = 1000

/** A run that is being trained. Until `close` no other process may train into its folder. */
export class Run implements Displayed {
  readonly store: Store
  readonly config: RunConfig
  /** Where to resume; undefined if nothing was kept yet. */
  readonly checkpoint?: Checkpoint
  private readonly unlock: () => Promise<void>
  private events?: EventLog
  private metricsBytes: number
  private lines = ""
  private flushed = performance.now()
  private unlogged: LossSum
  /** How long it was trained until its last checkpoint, in all its starts together; undefined if an earlier version did not count. */
  seconds?: number
  /** When `seconds` were right. */
  private clock = performance.now()

  private constructor(
    store: Store,
    config: RunConfig,
    unlock: () => Promise<void>,
    { checkpoint, metricsBytes = 0 }: { checkpoint?: Checkpoint; metricsBytes?: number } = {},
  ) {
    this.store = store
    this.config = config
    this.unlock = unlock
    this.checkpoint = checkpoint
    this.metricsBytes = metricsBytes
    this.unlogged = checkpoint?.unlogged ?? { sum: 0, count: 0 }
    this.seconds = checkpoint ? checkpoint.seconds : 0
  }

  /** The run's name in messages: on a disk the path of its folder. */
  get folder(): string {
    return this.store.name
  }

  [inspect](): string {
    const { model, data } = this.config.recipe
    return `Run ${this.folder}: ${model} on ${data}`
  }

  /** Its settings that are not the defaults, its losses so far and their curve. */
  async [jupyterDisplay](): Promise<Media> {
    await this.flush()
    const { runMedia } = await import("./run-form.ts")
    return runMedia(this.store, this.config)
  }

  /** Begins a run in a folder that does not exist, or has nothing but hidden files and locks that were left. */
  static async create(place: Store | string, config: RunConfig): Promise<Run> {
    const store = storeOf(place)
    const unlock = await store.lock()
    try {
      await requireNoFiles(store)
      await sweep(store)
      await store.write(files.config, showConfig(config))
      const run = new Run(store, config, unlock)
      if (config.recipe.tensorboard) run.events = await openEvents(store, config.recipe)
      return run
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /**
   * Opens a run to resume it. `changes` to its recipe must not alter what is trained. Its files stay as they are until `goOn`, so that
   * faults of the data or the settings show first.
   */
  static async resume(place: Store | string, changes: Settings = {}): Promise<Run> {
    const store = await storeToRead(place)
    const { kept } = await readConfig(store) // before a lock is left in a folder without a run
    if (kept)
      throw new UserError(
        `${store.name}: it is a kept model, without the state of its training: go on from it with --from ${store.name}`,
      )
    const unlock = await store.lock()
    try {
      const before = await readConfig(store)
      const changed = changedOwn(store.name, before)
      if (changed)
        throw new UserError(
          `${changed}, so it is not the same training any more: put it back as it was, or begin a new run with --from ${store.name}`,
        )
      const checkpoint = await readCheckpoint(store, before)
      const config = changeConfig(store.name, before, changes)
      const taken = checkpoint?.training.steps ?? 0
      if (config.recipe.steps < taken)
        throw new UserError(
          `${flag("steps")} ${config.recipe.steps}: ${store.name} has already taken ${taken} steps: give more, or leave it out`,
        )
      const metricsBytes = lengthOfSteps((await store.read(files.metrics)) ?? new Uint8Array(), {
        taken,
        length: checkpoint?.metricsBytes ?? 0,
        path: `${store.name}/${files.metrics}`,
      })
      return new Run(store, config, unlock, { checkpoint, metricsBytes })
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /** Cuts off the metrics later than the checkpoint, and keeps the changes. `notice` receives a sentence if earlier ones are missing. */
  async goOn(notice: (sentence: string) => void = () => {}): Promise<void> {
    const { store, config, checkpoint, metricsBytes } = this
    if (checkpoint && metricsBytes < checkpoint.metricsBytes)
      notice(
        `${store.name}/${files.metrics}: it has ${metricsBytes} of the ${checkpoint.metricsBytes} bytes that the checkpoint counted, ` +
          "as after edits or a power cut: the training goes on, and the plots of its losses have a gap",
      )
    await sweep(store)
    await store.truncate(files.metrics, metricsBytes)
    if (showConfig(config) !== showConfig(await readConfig(store)))
      await store.write(files.config, showConfig(config))
    if (!config.recipe.tensorboard) return
    this.events = await openEvents(store, config.recipe, { metrics: await readMetrics(store), checkpoint })
  }

  /** The metrics reach their file within about a second of training, and with each checkpoint. */
  async log(metrics: Metrics): Promise<void> {
    this.lines += `${JSON.stringify(metrics)}\n`
    this.events?.metrics(metrics)
    if (performance.now() - this.flushed > FLUSH_MILLISECONDS) await this.flush()
  }

  /** Logs the losses whose step, counted from 0, is a multiple of `logEvery`, each with the mean of those since the one before. */
  async logLosses({
    step,
    losses,
    rates,
    reports,
  }: Omit<TrainingProgress, "loss" | "rate">): Promise<Metrics[]> {
    const first = step - losses.length
    const logged: Metrics[] = []
    for (const [k, loss] of losses.entries()) {
      const { sum, count } = this.unlogged
      this.unlogged = { sum: sum + loss, count: count + 1 }
      if ((first + k) % this.config.recipe.logEvery > 0) continue
      const mean = this.unlogged.sum / this.unlogged.count
      const others = Object.entries(reports).map(([name, values]) => [name, values[k]])
      logged.push({ step: first + k, loss, mean, rate: rates[k], ...Object.fromEntries(others) })
      this.unlogged = { sum: 0, count: 0 }
    }
    for (const each of logged) await this.log(each)
    return logged
  }

  /** From now on the seconds of training count, in addition to those `before`. */
  startClock(before = this.seconds): void {
    this.seconds = before
    this.clock = performance.now()
  }

  /**
   * Writes a checkpoint; the previous one stays until this one is complete. The "best" is kept beside the checkpoint that a training
   * resumes from, and is the one that `readRun` reads.
   */
  async save(
    model: { stateDict(): StateDict },
    training: TrainingState,
    as: "checkpoint" | "best" = "checkpoint",
  ): Promise<void> {
    const state = model.stateDict()
    if (as === "checkpoint") this.events?.numbers(state, training.steps)
    await this.flush()
    const now = performance.now()
    if (this.seconds !== undefined) this.seconds = Math.round(1000 * this.seconds + now - this.clock) / 1000
    this.clock = now
    const { metricsBytes, unlogged, seconds } = this
    const identity = identityOf(this.config)
    const checkpoint = { model: state, training, identity, metricsBytes, unlogged, seconds }
    await this.store.write(files[as], await encodeCheckpoint(checkpoint))
  }

  /** Adds to the checkpoint that `readRun` reads what a mixture adds to its network. */
  async saveMix(mix: StateDict): Promise<void> {
    const [as, checkpoint] = await bestOrLast(this.store, this.config)
    await this.store.write(files[as], await encodeCheckpoint({ ...checkpoint, mix }))
  }

  async writeSamples(samples: readonly string[]): Promise<void> {
    await this.store.write(files.samples, samples.map((sample) => `${sample}\n`).join(""))
    this.events?.samples(samples)
  }

  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.unlock()
    }
  }

  private async flush(): Promise<void> {
    const bytes = new TextEncoder().encode(this.lines)
    this.lines = ""
    this.flushed = performance.now()
    if (bytes.length > 0) await this.store.append(files.metrics, bytes)
    this.metricsBytes += bytes.length
    await this.events?.flush()
  }
}

/** Few runs have event files. */
async function openEvents(...given: Parameters<typeof EventLog.open>): Promise<EventLog> {
  const { EventLog } = await import("./event-log.ts")
  return EventLog.open(...given)
}

/** Throws a UserError unless a run that cannot be resumed can begin in this folder, which is created if need be. */
export async function requireRoom(place: Store | string): Promise<void> {
  const store = storeOf(place)
  const unlock = await store.lock()
  try {
    await requireNoFiles(store, "name another folder")
  } finally {
    await unlock()
  }
}

async function requireNoFiles(
  store: Store,
  remedy = `resume it with train --resume ${store.name}, or name another folder`,
): Promise<void> {
  const there = await store.list()
  const taken = Object.values(files).find((file) => there.includes(file))
  if (taken !== undefined) {
    const isRun = await readConfig(store).catch(noneIfUnreadable)
    throw new UserError(
      isRun
        ? `${store.name}: there is a run in this folder (${taken}): ${remedy}`
        : `${store.name}: the folder has a file ${taken} of its own: name another folder`,
    )
  }
  const other = there.find((name) => !/^(\.|lock\.)/.test(name))
  if (other !== undefined)
    throw new UserError(
      `${store.name}: the folder has other files, such as ${other}: name a folder that is empty or does not exist`,
    )
}

/** A checkpoint without what only the training needs. */
type ReadCheckpoint = Pick<Checkpoint, "model" | "training" | "mix">

/**
 * A run to inspect or sample from, during its training or after: its best checkpoint, else its last, or the model that was kept of it.
 * Averages replace parameters.
 */
export async function readRun(
  place: Store | string,
): Promise<{ config: RunConfig; checkpoint: ReadCheckpoint; folder: string }> {
  const store = await storeToRead(place)
  const config = await readConfig(store)
  const checkpoint: ReadCheckpoint = config.kept
    ? await readKept(store, config, config.kept.steps)
    : (await bestOrLast(store, config))[1]
  const model = { ...checkpoint.model, ...checkpoint.training.averages }
  return { config, checkpoint: { ...checkpoint, model }, folder: store.name }
}

async function bestOrLast(store: Store, config: RunConfig) {
  for (const as of ["best", "checkpoint"] as const) {
    const checkpoint = await readCheckpoint(store, config, as)
    if (checkpoint) return [as, checkpoint] as const
  }
  throw new UserError(
    `${store.name}: this run has no checkpoint yet: wait for its first, or resume it: train --resume ${store.name}`,
  )
}

function noneIfUnreadable(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error
}

async function readCheckpoint(
  store: Store,
  config: RunConfig,
  which: "checkpoint" | "best" = "checkpoint",
): Promise<Checkpoint | undefined> {
  const path = `${store.name}/${files[which]}`
  const bytes = await store.read(files[which])
  if (!bytes) return undefined
  const checkpoint = await decodeCheckpoint(bytes, path)
  const other = otherThan(config, checkpoint.identity)
  if (other === undefined) return checkpoint
  throw new UserError(
    `${path}: it is of ${other} than ${files.config} describes: put files of the same run together`,
  )
}

/** Removes half-written files that a kill left (atomic-file.ts). */
async function sweep(store: Store): Promise<void> {
  const half = Object.values(files).map((file) => `.${file}.`)
  for (const name of await store.list())
    if (name.endsWith(".tmp") && half.some((start) => name.startsWith(start))) await store.remove(name)
}
