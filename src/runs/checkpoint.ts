/**
 * A checkpoint: everything that sampling, and resuming a training exactly, needs, in one safetensors file. Parameters and buffers are stored under their names, the optimizer's state as `MOMENT of PARAMETER`; the metadata holds the
 * rest, and a hash that shows whether the file was damaged or edited. The hash is of all but the seconds: equal trainings have equal hashes.
 */
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { readSafetensors, tensorsOf, writeSafetensors } from "../interchange/safetensors.ts"
import type { StateDict } from "../nn/module.ts"
import type { TrainingState } from "../training/training-state.ts"
import type { LossSum } from "./metrics.ts"

export interface Checkpoint {
  /** Parameters and buffers. */
  readonly model: StateDict
  readonly training: TrainingState
  /** What a mixture adds to the network, once it is mixed (`Mixture`). */
  readonly mix?: StateDict
  /** The model and symbols that it belongs to (`identityOf`). */
  readonly identity: string
  /** The length of the run's metrics when it was written. */
  readonly metricsBytes: number
  /** The losses that no line of the metrics has yet. */
  readonly unlogged?: LossSum
  /** How long it was trained until then, in all its starts together. */
  readonly seconds?: number
}

/** The moving averages are stored like a moment of this name. */
const AVERAGE = "average"
/** So is what a mixture adds. */
const MIX = "mix"
const OF = " of "
const FORMAT = "makewave checkpoint 1"

/** Node reads and hashes at most 2 GiB at once. A tenth of a GiB is left for names and metadata. */
const MOST_NUMBERS = (1.9 * 2 ** 30) / 4

/**
 * Throws a UserError, before a training begins, if its checkpoint would be too large. `numbers` counts those of the model and of the
 * optimizer, four bytes each.
 */
export function requireKeepable(numbers: number, { what, remedy }: { what: string; remedy: string }): void {
  if (numbers <= MOST_NUMBERS) return
  const gigabytes = ((4 * numbers) / 1e9).toFixed(1)
  throw new UserError(
    `${what}: the checkpoint would have ${gigabytes} GB, and at most 2 GB can be kept: ${remedy}`,
  )
}

export async function encodeCheckpoint({
  model,
  training,
  mix,
  identity,
  metricsBytes,
  unlogged,
  seconds,
}: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const memory = Object.entries({
    ...training.moments,
    ...(training.averages && { [AVERAGE]: training.averages }),
    ...(mix && { [MIX]: mix }),
  })
  const kept = memory.flatMap(([moment, state]) =>
    Object.entries(state).map(([parameter, numbers]) => [moment + OF + parameter, numbers] as const),
  )
  const tensors = tensorsOf({ ...model, ...Object.fromEntries(kept) })
  const metadata = {
    format: FORMAT,
    steps: String(training.steps),
    generator: JSON.stringify(training.generator),
    batches: JSON.stringify(training.batches),
    identity,
    metricsBytes: String(metricsBytes),
    ...(unlogged && { unlogged: JSON.stringify(unlogged) }),
  }
  const sha256 = await sha256Of(writeSafetensors(tensors, metadata))
  return writeSafetensors(tensors, {
    ...metadata,
    ...(seconds !== undefined && { seconds: String(seconds) }),
    sha256,
  })
}

/** `name` is the file's in errors. A UserError if it is not a complete checkpoint. */
export async function decodeCheckpoint(bytes: Uint8Array, name: string): Promise<Checkpoint> {
  const { tensors, metadata } = readSafetensors(bytes, name)
  const { sha256, seconds, ...others } = metadata
  if (others.format !== FORMAT)
    throw new UserError(`${name}: this is not a checkpoint of makewave: give the checkpoint of a run`)
  if ((await sha256Of(writeSafetensors(tensors, others))) !== sha256)
    throw new UserError(
      `${name}: it was damaged or edited, for its hash does not match: use an intact copy, or train again`,
    )
  const model: StateDict = {}
  const memory: Record<string, StateDict> = {}
  for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
    if (dtype !== "F32" && dtype !== "I32")
      throw new UserError(
        `${name}: '${key}' has dtype ${dtype}, and a checkpoint has only F32 and I32: use an intact copy`,
      )
    const [moment, parameter] = key.split(OF)
    if (parameter !== undefined) memory[moment] ??= {}
    const state = parameter === undefined ? model : memory[moment]
    state[parameter ?? key] = { shape, data: data as Float32Array | Int32Array }
  }
  const { [AVERAGE]: averages, [MIX]: mix, ...moments } = memory
  return {
    model,
    training: {
      steps: Number(others.steps),
      generator: JSON.parse(others.generator),
      batches: JSON.parse(others.batches),
      moments,
      ...(averages && { averages }),
    },
    ...(mix && { mix }),
    identity: others.identity,
    metricsBytes: Number(others.metricsBytes),
    ...(others.unlogged !== undefined && { unlogged: JSON.parse(others.unlogged) }),
    ...(seconds !== undefined && { seconds: Number(seconds) }),
  }
}
