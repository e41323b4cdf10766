/** The files of a run in tests, to compare with those of an equal run: without the seconds that the training took. */
import { hash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { readSafetensors, writeSafetensors } from "../src/interchange/safetensors.ts"

/** By name; of a checkpoint the hash. */
export const filesOf = (run: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(run)
      .sort()
      .map((file) => {
        const bytes = readFileSync(join(run, file))
        if (!file.endsWith(".safetensors")) return [file, withoutSeconds(bytes.toString("latin1"))]
        const { tensors, metadata } = readSafetensors(bytes, file)
        const { seconds: _, ...others } = metadata
        return [file, hash("sha256", writeSafetensors(tensors, others))]
      }),
  )

/** Metrics without the seconds. */
export const withoutSeconds = (metrics: string): string => metrics.replace(/,"seconds":[\d.]+/g, "")
