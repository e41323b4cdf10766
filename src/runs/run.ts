/**
 * A run is a folder: `config.json` says what is trained, `metrics.jsonl` how it goes, `checkpoint.safetensors` holds the
 * numbers, with patience `best.safetensors` the best of them, `samples.txt` what came of it. Whatever moment a kill comes at, the
 * folder can be gone on from: the metrics that a checkpoint does not know of are cut off then, so that the files end as they
 * would have without the kill. With `tensorboard` there are event files too.
 */
import { mkdir, open, readdir, readFile, rm, stat, truncate } from "node:fs/promises"
import { join } from "node:path"
import { UserError } from "../errors.ts"
import type { StateDict } from "../nn/module.ts"
import { averagesIn, type TrainingState } from "../training/training-state.ts"
import { diskError, writeFileAtomic } from "./atomic-file.ts"
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts"
import { EventLog } from "./event-log.ts"
import { lockFolder } from "./lock.ts"
import { type Metrics, readMetrics } from "./metrics.ts"
import {
  changeConfig,
  files,
  identityOf,
  otherThan,
  type RunConfig,
  readConfig,
  showConfig,
} from "./run-config.ts"
import { flag, type Settings } from "./settings.ts"

const FLUSH_MILLISECONDS = 1000

/** A run that is being trained. Until `close` no other process may train into the folder. */
export class Run {
  readonly folder: string
  readonly config: RunConfig
  /** Where to go on from; undefined where nothing was kept yet. */
  readonly checkpoint?: Checkpoint
  private readonly unlock: () => Promise<void>
  /** Where the recipe wants event files. */
  private events?: EventLog
  private metricsBytes: number
  private lines = ""
  private flushed = performance.now()

  private constructor(folder: string, config: RunConfig, unlock: () => Promise<void>, kept?: Checkpoint) {
    this.folder = folder
    this.config = config
    this.unlock = unlock
    this.checkpoint = kept
    this.metricsBytes = kept?.metricsBytes ?? 0
  }

  /** Begins a run in a folder that is not there yet, or has none in it. */
  static async create(folder: string, config: RunConfig): Promise<Run> {
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw error.code === "EEXIST"
        ? new UserError(`${folder}: this is a file: name a folder for the run`)
        : diskError(folder, error)
    })
    const unlock = await lockFolder(folder)
    try {
      for (const file of Object.values(files))
        if (await exists(join(folder, file)))
          throw new UserError(
            `${folder}: there is a run in this folder (${file}): go on with it by --resume, or name another folder`,
          )
      await sweep(folder)
      await writeFileAtomic(join(folder, files.config), showConfig(config))
      const run = new Run(folder, config, unlock)
      if (config.recipe.tensorboard) run.events = await EventLog.open(folder, config.recipe)
      return run
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /**
   * A run to go on with. Of `changes` to its recipe only those that leave the same training are taken. Its files stay as they are
   * until `goOn`, so that there is time to find out what is wrong.
   */
  static async resume(folder: string, changes: Settings = {}): Promise<Run> {
    await readConfig(folder) // before a lock is left in a folder without a run
    const unlock = await lockFolder(folder)
    try {
      const before = await readConfig(folder)
      const checkpoint = await readCheckpoint(folder, before)
      const config = changeConfig(folder, before, changes)
      const taken = checkpoint?.training.steps ?? 0
      if (config.recipe.steps < taken)
        throw new UserError(
          `${flag("steps")} ${config.recipe.steps}: ${folder} has taken ${taken} steps already: give more, or leave it out`,
        )
      return new Run(folder, config, unlock, checkpoint)
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /** Cuts off what the checkpoint does not know of, and keeps the changes. */
  async goOn(): Promise<void> {
    const { folder, config, checkpoint } = this
    await sweep(folder)
    await cut(join(folder, files.metrics), checkpoint?.metricsBytes ?? 0)
    if (showConfig(config) !== showConfig(await readConfig(folder)))
      await writeFileAtomic(join(folder, files.config), showConfig(config))
    if (!config.recipe.tensorboard) return
    this.events = await EventLog.open(folder, config.recipe, {
      metrics: await readMetrics(folder),
      checkpoint,
    })
  }

  /** The metrics reach the file within a second or so of training, and with each checkpoint. */
  async log(metrics: Metrics): Promise<void> {
    this.lines += `${JSON.stringify(metrics)}\n`
    this.events?.metrics(metrics)
    if (performance.now() - this.flushed > FLUSH_MILLISECONDS) await this.flush()
  }

  /**
   * Keeps the numbers; the checkpoint before is there until this one is whole. As "best" they are kept beside the checkpoint
   * to go on from, and are from then on the model that others read.
   */
  async save(
    model: { stateDict(): StateDict },
    training: TrainingState,
    as: "checkpoint" | "best" = "checkpoint",
  ): Promise<void> {
    await this.flush()
    const { metricsBytes } = this
    const state = model.stateDict()
    if (as === "checkpoint") this.events?.numbers(state, training.steps)
    const bytes = await encodeCheckpoint({
      model: state,
      training,
      identity: identityOf(this.config),
      metricsBytes,
    })
    await writeFileAtomic(join(this.folder, files[as]), bytes)
  }

  async writeSamples(samples: readonly string[]): Promise<void> {
    await writeFileAtomic(join(this.folder, files.samples), samples.map((sample) => `${sample}\n`).join(""))
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
    const { lines } = this
    this.lines = ""
    this.flushed = performance.now()
    if (lines === "") return
    const path = join(this.folder, files.metrics)
    try {
      const file = await open(path, "a")
      try {
        await file.writeFile(lines)
        await file.datasync()
      } finally {
        await file.close()
      }
    } catch (error) {
      throw diskError(path, error)
    }
    this.metricsBytes += Buffer.byteLength(lines)
  }
}

/**
 * A run to look at and to sample from, while it is being trained or after: its best numbers where they are kept, else its last,
 * and of its parameters the averages where there are some.
 */
export async function readRun(folder: string): Promise<{ config: RunConfig; checkpoint: Checkpoint }> {
  const config = await readConfig(folder)
  const checkpoint = (await readCheckpoint(folder, config, "best")) ?? (await readCheckpoint(folder, config))
  if (!checkpoint)
    throw new UserError(
      `${folder}: this run has no checkpoint yet: wait for its first, or go on with it: train --resume ${folder}`,
    )
  const model = { ...checkpoint.model, ...averagesIn(checkpoint.training.moments) }
  return { config, checkpoint: { ...checkpoint, model } }
}

async function readCheckpoint(
  folder: string,
  config: RunConfig,
  which: "checkpoint" | "best" = "checkpoint",
): Promise<Checkpoint | undefined> {
  const path = join(folder, files[which])
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw new UserError(`${path}: it cannot be read (${(error as Error).message}): take a copy that can`)
  }
  const checkpoint = await decodeCheckpoint(bytes, path)
  if (checkpoint.identity === identityOf(config)) return checkpoint
  throw new UserError(
    `${path}: it is of ${otherThan(config, checkpoint.identity)} than ${files.config} says: put the two files of one run side by side`,
  )
}

/** Takes away what a kill has left half written. */
async function sweep(folder: string): Promise<void> {
  const half = Object.values(files).map((file) => `.${file}.`)
  for (const name of await readdir(folder))
    if (name.endsWith(".tmp") && half.some((start) => name.startsWith(start)))
      await rm(join(folder, name), { force: true })
}

async function cut(path: string, bytes: number): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found && found.size > bytes)
    await truncate(path, bytes).catch((error) => {
      throw diskError(path, error)
    })
}

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined
