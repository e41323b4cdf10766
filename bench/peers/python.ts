/**
 * A peer in Python: a child process that gets ready, says how in one line of JSON, and then measures a block for each
 * line that it is sent, so that it can take turns with the others.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { existsSync, globSync } from "node:fs"
import { createInterface } from "node:readline"
import { type Contender, NotHere } from "../benchmark.ts"

type Report = {
  torch: string
  threads: number
  blas: string
  matmul_gigaflops: number
  false_baseline: boolean
  data: string
  losses: number[]
}

type Options = {
  /** The argument of lecture_pytorch.py. */
  variant: "notebook" | "torch-nn"
  atLeast?: number
  /** Whether its losses are the lecture's. */
  sameLosses?: boolean
}

const script = `${import.meta.dirname}/lecture_pytorch.py`

export function pytorch(name: string, { variant, atLeast, sameLosses = true }: Options): Contender {
  return {
    name,
    atLeast,
    async prepare() {
      const child = spawn(pythonWithTorch(), [script, variant, "--serve"], { env: environment() })
      const ask = lines(child)
      try {
        const report = (await ask()) as Report
        if (report.false_baseline)
          throw new NotHere(
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
  throw new NotHere(`no torch in ${candidates.join(" or ")} (Debian: python3-torch and libopenblas0-openmp)`)
}

/** Debian's torch takes whichever BLAS comes first, and these variables can make OpenBLAS a slow one. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _1, OPENBLAS_L2_SIZE: _2, ...rest } = process.env
  const folders = globSync("/usr/lib/*/openblas-{openmp,pthread}").filter((folder) =>
    existsSync(`${folder}/libblas.so.3`),
  )
  const path = [...folders, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":")
  const oneThread = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" }
  return { ...rest, ...oneThread, ...(path ? { LD_LIBRARY_PATH: path } : {}) }
}

/** A question is a line, an answer is a line of JSON; the child's first line answers no question. */
function lines(child: ChildProcessWithoutNullStreams): (question?: number) => Promise<unknown> {
  let complaint = ""
  child.stderr.on("data", (text) => {
    complaint += text
  })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  return async (question) => {
    if (question !== undefined) child.stdin.write(`${question}\n`)
    const { value, done } = await answers.next()
    if (done) throw new NotHere(`${script} ended: ${complaint.trim().split("\n").at(-1)}`)
    return JSON.parse(value)
  }
}
