/** The command line in tests: as a process of its own, which is how somebody uses it, or in this process, which is faster. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import { vi } from "vitest"
import { runCommandLine } from "../src/cli/commands.ts"

/** A small data set. */
export const THINGS = "abc\ncab\nbca\nabb\ncaa\nbcc\naab\nbba\nccb\nacb\nbac\ncba\nab\n"

export interface Said {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A command that is at work in a folder. `ended` gives what it has said in all. */
export function beginMakewave(
  args: readonly string[],
  cwd: string,
  { main = resolve("src/cli/main.ts") } = {},
) {
  const environment = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined }
  const child = spawn(process.execPath, [main, ...args], { cwd, env: environment })
  const said = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk) => {
      said[name] += chunk
    })
  const ended = once(child, "close").then(([code]): Said => ({ code, ...said }))
  return { child, said, ended }
}

/** A command in this process, in a folder or where it is. */
export async function makewaveHere(args: readonly string[], cwd = process.cwd()): Promise<Said> {
  const said = { stdout: "", stderr: "" }
  const listeners = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk, ...others: unknown[]) => {
      said[name] += chunk
      for (const written of others) if (typeof written === "function") written()
      return true
    }),
  )
  const [exitCode, place, argv] = [process.exitCode, process.cwd(), process.argv]
  process.exitCode = 0
  process.argv = [...argv.slice(0, 2), ...args]
  process.chdir(cwd)
  try {
    await runCommandLine(args)
    return { code: process.exitCode, ...said }
  } finally {
    for (const listener of listeners) listener.mockRestore()
    process.exitCode = exitCode
    process.argv = argv
    process.chdir(place)
  }
}

/** What --json has printed. */
export const objects = (jsonLines: string): Record<string, unknown>[] =>
  jsonLines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
