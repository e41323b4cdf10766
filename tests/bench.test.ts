/** The benchmark's peers in Python: which is asked, which is measured, and the BLAS library that it is said to use. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, test, vi } from "vitest"
import { Unavailable } from "../bench/benchmark.ts"
import { candidates, pytorch } from "../bench/peers/python.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-bench-"))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

interface Fake {
  readonly microseconds: number
  readonly blas: string
  readonly falseBaseline?: boolean
}

/** A Python as far as the benchmark talks to it: it has a torch of its own, gets ready, and takes as long for a step as is given. */
function fake(name: string, { microseconds, blas, falseBaseline = false }: Fake): string {
  const path = join(folder, name, "python3")
  const report = {
    torch: "2.0",
    threads: 1,
    blas,
    matmul_gigaflops: 50,
    false_baseline: falseBaseline,
    data: "names.txt",
    losses: [3],
  }
  rmSync(join(folder, name), { recursive: true, force: true })
  mkdirSync(join(folder, name))
  writeFileSync(
    path,
    `#!/bin/sh
if [ "$1" = -c ]; then echo ${path}.torch; exit; fi
echo '${JSON.stringify(report)}'
while read steps; do echo '{"microseconds": ${microseconds}}'; done
`,
  )
  chmodSync(path, 0o755)
  return path
}

const prepare = (pythons?: readonly string[]) =>
  pytorch("PyTorch", { script: "lecture_pytorch.py", variant: "torch-nn", pythons }).prepare()

describe.skipIf(process.platform === "win32")("of several Pythons", () => {
  test.each([
    ["the chosen one", 100, 200],
    ["the system's", 200, 100],
  ])("%s is the peer if it is the faster, and the other is named", async (_, chosen, system) => {
    const [mkl, openBlas] = [
      fake("wheel", { microseconds: chosen, blas: "MKL" }),
      fake("debian", { microseconds: system, blas: "OpenBLAS" }),
    ]
    const { run, notes, losses, close } = await prepare([mkl, openBlas, mkl, join(folder, "nowhere")])
    expect([await run(1), losses]).toEqual([100, [3]])
    const [best, ...others] = notes!
    expect(best).toMatch(
      chosen < system
        ? /^torch 2\.0, MKL 50 GFLOP\/s, .*wheel\/python3$/
        : /^torch 2\.0, OpenBLAS 50 .*python3$/,
    )
    expect(others).toEqual([expect.stringMatching(/slower.*2\.00 times the time/)])
    await close?.()
  })

  test("one without an optimized BLAS is no peer, however fast", async () => {
    const slow = fake("slow", { microseconds: 300, blas: "MKL" })
    const reference = fake("reference", { microseconds: 1, blas: "reference BLAS", falseBaseline: true })
    const { run, close } = await prepare([reference, slow])
    expect(await run(1)).toBe(300)
    await close?.()
    await expect(prepare([reference])).rejects.toThrow(
      /false baseline: .* has torch 2\.0, reference BLAS at 50/,
    )
  })

  test("MAKEWAVE_PYTHON is asked before the system's, and none where it says so", async () => {
    vi.stubEnv("MAKEWAVE_PYTHON", "my-python")
    expect(candidates()).toEqual(["my-python", "python3", "/usr/bin/python3"])
    vi.stubEnv("MAKEWAVE_PYTHON", "none")
    await expect(prepare()).rejects.toThrow(Unavailable)
  })
})

testByPython("torch")(
  "a wheel's MKL is not taken for the OpenBLAS that numpy brings, and a libblas is what the loader found",
  async () => {
    const numpys = "/usr/lib/python3/site-packages/numpy.libs/libopenblas64_p-r0.so"
    const debian = "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3"
    const reference = "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0"
    const cases = [
      ["Build settings: BLAS_INFO=mkl, BUILD_TYPE=Release", [numpys]],
      ["BLAS_INFO=open, ", [numpys]],
      ["BLAS_INFO=accelerate, ", []],
      ["BLAS_INFO=generic, ", [numpys, debian]],
      ["BLAS_INFO=generic, ", [numpys, reference]],
      ["BLAS_INFO=generic, ", [numpys]],
    ]
    const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from serve import blas_library
print(json.dumps([blas_library(*case) for case in json.loads(sys.argv[2])]))`
    const peers = join(import.meta.dirname, "..", "bench", "peers")
    expect(await askPython("torch", "-c", program, peers, JSON.stringify(cases))).toEqual([
      "MKL",
      "OpenBLAS",
      "Accelerate",
      "OpenBLAS",
      "reference BLAS",
      "unknown",
    ])
  },
)
