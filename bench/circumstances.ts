/** The machine and software that a measured time depends on. */

import { cpus, loadavg, totalmem } from "node:os"
import { env } from "onnxruntime-node"

export type Circumstances = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly onnxruntime: string
  readonly platform: string
  /** The load average of the last minute, benchmark included; about 1 on an idle machine. */
  readonly load: number
}

export function circumstances(): Circumstances {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    onnxruntime: env.versions.node ?? env.versions.common,
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0],
  }
}
