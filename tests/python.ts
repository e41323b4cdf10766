/**
 * Python, which reads what makewave writes by the packages that the files are for. Where it or a package is missing, the tests that
 * ask it are skipped (`tests/by-python.ts`), and `tests/requirements.ts` says so.
 */
import { execFile, spawnSync } from "node:child_process"
import { promisify } from "node:util"

/** What tests ask for, each after the other tools' files that it opens. */
export const packages = [
  "numpy",
  "torch",
  "onnxruntime",
  "tensorboard",
  "soundfile",
  "jupytext",
  "csv",
] as const
export type Package = (typeof packages)[number]

/** `MAKEWAVE_PYTHON` where it is set ("none": no Python is to be asked), else what the system has. */
const chosen = process.env.MAKEWAVE_PYTHON
const candidates = chosen === "none" ? [] : chosen ? [chosen] : ["python3", "/usr/bin/python3"]

const installed = candidates.map((python): [string, string[]] => {
  const list = `import importlib.util as util; print(*filter(util.find_spec, "${packages.join(" ")}".split()))`
  const { stdout } = spawnSync(python, ["-c", list], { encoding: "utf8" })
  return [python, stdout?.trim().split(" ") ?? []]
})

/** A Python that has the package. */
export const pythonWith = (wanted: Package): string | undefined =>
  installed.find(([, found]) => found.includes(wanted))?.[0]

/** What a program prints as JSON. Its arguments are in `sys.argv[1:]`; `-c PROGRAM` or a file comes first. */
export async function askPython(wanted: Package, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(pythonWith(wanted)!, args, { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout)
}
