/**
 * A peer in Python: a child process that gets ready, says how in one line of JSON, and then measures a block for each
 * line that it is sent, so that it can take turns with the others. Its side of this is serve.py.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { existsSync, globSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
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
  /** Commands; by default those that `candidates` finds. */
  pythons?: readonly string[]
  /** The bytes of a file that it is given to start from. */
  start?: () => Promise<Uint8Array>
}

/** Of all Pythons that have a torch of their own, the one that takes the step fastest is the peer: their BLAS libraries differ. */
export function pytorch(
  name: string,
  { script, variant, threads = 1, atLeast, sameLosses = true, start, pythons }: PythonOptions,
): Contender {
  return {
    name,
    atLeast,
    async prepare() {
      const found = withTorch(pythons ?? candidates())
      const folder = await mkdtemp(join(tmpdir(), "makewave-bench-"))
      const words = [join(import.meta.dirname, script), variant, "--serve", "--threads", String(threads)]
      const peers: Peer[] = []
      try {
        if (start) {
          const file = join(folder, "start.safetensors")
          await writeFile(file, await start())
          words.push("--start", file)
        }
        for (const python of found) peers.push(await begin(python, words, threads))
        const best = fastest(peers)
        for (const peer of peers) if (peer !== best) peer.close()
        return {
          losses: sameLosses ? best.report.losses : undefined,
          run: best.microseconds,
          notes: notesOn(best, peers),
          close: async () => best.close(),
        }
      } catch (error) {
        for (const peer of peers) peer.close()
        throw error
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  }
}

/** A Python that is ready, and how fast it was in a few steps. */
interface Peer {
  readonly python: string
  readonly report: Report
  /** Of the fastest block of the trial. */
  readonly trial: number
  microseconds(steps: number): Promise<number>
  close(): void
}

async function begin(python: string, words: readonly string[], threads: number): Promise<Peer> {
  const child = spawn(python, words, { env: environment(threads) })
  const ask = lines(`${basename(words[0])} with ${python}`, child)
  try {
    const report = (await ask()) as Report
    const microseconds = async (steps: number) =>
      ((await ask(steps)) as { microseconds: number }).microseconds
    let trial = Infinity
    for (let block = 0; block < TRIAL_BLOCKS; block++)
      trial = Math.min(trial, await microseconds(TRIAL_STEPS))
    return { python, report, trial, microseconds, close: () => void child.stdin.end() }
  } catch (error) {
    child.kill()
    throw error
  }
}

const [TRIAL_BLOCKS, TRIAL_STEPS] = [4, 10]

function fastest(peers: readonly Peer[]): Peer {
  const real = peers.filter(({ report }) => !report.false_baseline)
  if (real.length > 0) return real.reduce((best, peer) => (peer.trial < best.trial ? peer : best))
  const found = peers.map(
    ({ python, report }) =>
      `${python} has torch ${report.torch}, ${report.blas} at ${report.matmul_gigaflops} GFLOP/s`,
  )
  throw new Unavailable(
    `a false baseline: ${found.join("; ")}; install OpenBLAS (Debian: libopenblas0-openmp), or set MAKEWAVE_PYTHON to a Python whose torch has another BLAS`,
  )
}

function notesOn({ python, report, trial }: Peer, peers: readonly Peer[]): string[] {
  const { torch, blas, matmul_gigaflops, threads, data } = report
  const others = peers.filter((peer) => peer.python !== python)
  return [
    `torch ${torch}, ${blas} ${matmul_gigaflops} GFLOP/s, ${threads} ${threads === 1 ? "thread" : "threads"}, ${data}, ${python}`,
    ...others.map(
      (other) =>
        `slower, and not measured further: torch ${other.report.torch}, ${other.report.blas} ${other.report.matmul_gigaflops} GFLOP/s, ` +
        `${(other.trial / trial).toFixed(2)} times the time, ${other.python}`,
    ),
  ]
}

/** `MAKEWAVE_PYTHON`, where it is set ("none": no Python is to be asked), and the system's. */
export function candidates(): string[] {
  const chosen = process.env.MAKEWAVE_PYTHON
  if (chosen === "none") throw new Unavailable("MAKEWAVE_PYTHON is none, so no Python is asked")
  const system = process.platform === "win32" ? ["python"] : ["python3", "/usr/bin/python3"]
  return chosen ? [chosen, ...system] : system
}

/** The Pythons that have torch, each torch once. */
export function withTorch(pythons: readonly string[]): string[] {
  const byTorch = new Map<string, string>()
  for (const python of pythons) {
    const { status, stdout } = spawnSync(python, ["-c", "import torch; print(torch.__file__)"], {
      encoding: "utf8",
    })
    if (status === 0 && !byTorch.has(stdout)) byTorch.set(stdout, python)
  }
  if (byTorch.size > 0) return [...byTorch.values()]
  throw new Unavailable(
    `no torch in ${pythons.join(" or ")} (Debian: python3-torch and libopenblas0-openmp; or set MAKEWAVE_PYTHON)`,
  )
}

/** Debian's torch takes whichever BLAS comes first, and these variables can make OpenBLAS a slow one. */
export function environment(threads: number): NodeJS.ProcessEnv {
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
