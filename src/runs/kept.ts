/**
 * A kept model: the model of a run without the state of its training, in a folder that opens as a run does. It has the run's `config.json`,
 * with `kept`, and the parameters and buffers as 16-bit floats in `model.safetensors`.
 */
import { UserError } from "../errors.ts"
import { fromFloat16, toFloat16 } from "../interchange/float16.ts"
import { readSafetensors, writeSafetensors } from "../interchange/safetensors.ts"
import type { StateDict } from "../nn/module.ts"
import { Generator } from "../random/torch.ts"
import type { Checkpoint } from "./checkpoint.ts"
import type { RunConfig } from "./run-config.ts"
import type { Store } from "./store.ts"

export const KEPT_MODEL = "model.safetensors"

/** The bytes of the file. `name` is the model's in the error for a number that is too large. */
export function encodeKept(state: StateDict, name: string): Uint8Array<ArrayBuffer> {
  const tensors = Object.entries(state).map(([key, { shape, data }]) => [
    key,
    data instanceof Int32Array
      ? { dtype: "I32", shape, data }
      : { dtype: "F16", shape, data: toFloat16(data, `${name}: '${key}'`) },
  ])
  return writeSafetensors(Object.fromEntries(tensors))
}

/** `name` is the file's in errors. */
export function decodeKept(bytes: Uint8Array, name: string): StateDict {
  const { tensors } = readSafetensors(bytes, name)
  const state = Object.entries(tensors).map(([key, { dtype, shape, data }]) => [
    key,
    { shape, data: dtype === "F16" ? fromFloat16(data) : (data as Float32Array | Int32Array) },
  ])
  return Object.fromEntries(state)
}

/** The model that a store keeps, as a checkpoint that no training has gone on from. A UserError if it is gone. */
export async function readKept(
  store: Store,
  { recipe }: RunConfig,
  steps: number,
): Promise<Pick<Checkpoint, "model" | "training">> {
  const path = `${store.name}/${KEPT_MODEL}`
  const bytes = await store.read(KEPT_MODEL)
  if (!bytes) throw new UserError(`${path}: there is no such file: put it back beside the config`)
  const generator = new Generator(recipe.seed).getState()
  return { model: decodeKept(bytes, path), training: { steps, generator, batches: null, moments: {} } }
}
