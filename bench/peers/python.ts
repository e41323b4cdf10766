/**
 * A peer in Python: a child process that gets ready, says how in one line of JSON, and then measures a block for each
 * line that it is sent, so that it can take turns with the others. Its side of this is serve.py.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { existsSync, globSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { type Contender, Unavailable } from "../benchmark.ts"

type Report = {
  torch: string
  threads: number
  blas: string
  matmul_gigaflops: number
  false_baseline: boolean
  data: string
  losses: number[]
}

export type PythonOptions = {
  /** A file of this folder. */
  script: string
  /** Its argument. */
  variant: string
  threads?: number
  atLeast?: number
  /** Whether its losses are the subject's. */
  sameLosses?: boolean
  /** The bytes of a file that it is given to start from. */
  start?: () => Promise<Uint8Array>
}

export function pytorch(
  name: string,
  { script, variant, threads = 1, atLeast, sameLosses = true, start }: PythonOptions,
): Contender {
  return {
    name,
    atLeast,
    async prepare() {
      const python = pythonWithTorch()
      const folder = await mkdtemp(join(tmpdir(), "makewave-bench-"))
      const words = [join(import.meta.dirname, script), variant, "--serve", "--threads", String(threads)]
      if (start) {
        const file = join(folder, "start.safetensors")
        await writeFile(file, await start())
        words.push("--start", file)
      }
      const child = spawn(python, words, { env: environment(threads) })
      const ask = lines(script, child)
      try {
        const report = (await ask()) as Report
        if (report.false_baseline)
          throw new Unavailable(
            `a false baseline: torch ${report.torch} multiplies matrices with ${report.blas} at ` +
              `${report.matmul_gigaflops} GFLOP/s; install OpenBLAS (Debian: libopenblas0-openmp)`,
          )
        return {
          losses: sameLosses ? report.losses : undefined,
          run: async (steps) => ((await ask(steps)) as { microseconds: number }).microseconds,
          notes: [
            `torch ${report.torch}, ${report.blas} ${report.matmul_gigaflops} GFLOP/s, ` +
              `${report.threads} ${report.threads === 1 ? "thread" : "threads"}, ${report.data}`,
          ],
          close: async () => void child.stdin.end(),
        }
      } catch (error) {
        child.kill()
        throw error
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  }
}

let known: string | undefined

function pythonWithTorch(): string {
  if (known) return known
  const candidates = process.platform === "win32" ? ["python"] : ["python3", "/usr/bin/python3"]
  known = candidates.find((python) => spawnSync(python, ["-c", "import torch"]).status === 0)
  if (known) return known
  throw new Unavailable(
    `no torch in ${candidates.join(" or ")} (Debian: python3-torch and libopenblas0-openmp)`,
  )
}

/** Debian's torch takes whichever BLAS comes first, and these variables can make OpenBLAS a slow one. */
function environment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _1, OPENBLAS_L2_SIZE: _2, ...rest } = process.env
  const folders = globSync("/usr/lib/*/openblas-{openmp,pthread}").filter((folder) =>
    existsSync(`${folder}/libblas.so.3`),
  )
  const path = [...folders, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":")
  const ours = {
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    PYTHONDONTWRITEBYTECODE: "1",
  }
  return { ...rest, ...ours, ...(path ? { LD_LIBRARY_PATH: path } : {}) }
}

/** A question is a line, an answer is a line of JSON; the child's first line answers no question. */
function lines(
  script: string,
  child: ChildProcessWithoutNullStreams,
): (question?: number) => Promise<unknown> {
  let complaint = ""
  child.stderr.on("data", (text) => {
    complaint += text
  })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  return async (question) => {
    if (question !== undefined) child.stdin.write(`${question}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Unavailable(`${script} ended: ${complaint.trim().split("\n").at(-1)}`)
    return JSON.parse(value)
  }
}
