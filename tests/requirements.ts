/**
 * What some tests need and npm does not bring: Chromium, the folder with makemore's names.txt, sox, tmux, Redis, and Python with a few packages.
 * Where one is missing its tests are skipped, and a line says so; in CI, where nothing may be skipped, it is an error.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { packages, pythonWith } from "./python.ts"
import { hasRedis } from "./redis.ts"
import { hasTmux } from "./terminal.ts"

/** The browser's path: `CHROMIUM` where it is set, else where Debian puts it; undefined where there is none. */
export const chromium = [process.env.CHROMIUM || "/usr/bin/chromium"].find(existsSync)

/** Whether there is sox, which writes sounds in the forms that programs write. */
export const sox = spawnSync("sox", ["--version"]).status === 0

/** Vitest calls this once, before the first test. */
export default function reportWhatIsMissing(): void {
  const missing: string[] = []
  if (!chromium)
    missing.push(
      process.env.CHROMIUM
        ? `CHROMIUM=${process.env.CHROMIUM}: no such file, so tests/everywhere is skipped in a browser`
        : "no Chromium at /usr/bin/chromium, so tests/everywhere is skipped in a browser; `apt-get install chromium`, or set CHROMIUM to its path",
    )
  const data = process.env.MAKEWAVE_DATA
  if (!data)
    missing.push(
      "MAKEWAVE_DATA is not set, so the tests on names.txt are skipped; set it to the folder that holds makemore's names.txt",
    )
  else if (!existsSync(join(data, "names.txt")))
    throw new Error(
      `MAKEWAVE_DATA=${data}: there is no names.txt in this folder; name the folder that holds makemore's`,
    )
  if (!sox) missing.push("no sox, so the tests on its sounds are skipped; `apt-get install sox`")
  if (!hasTmux) missing.push("no tmux, so the tests in a terminal are skipped; `apt-get install tmux`")
  if (!hasRedis)
    missing.push("no redis-server, so the tests of queues are skipped; `apt-get install redis-server`")
  const without = packages.filter((name) => !pythonWith(name)).join(", ")
  if (process.env.MAKEWAVE_PYTHON === "none")
    console.warn(
      "MAKEWAVE_PYTHON is none, so the tests that need Python are skipped; leave it unset to run them",
    )
  else if (without)
    missing.push(
      `no Python with ${without}, so the tests that need it are skipped; install it, or set MAKEWAVE_PYTHON to a Python that has it`,
    )

  if (missing.length > 0 && process.env.CI) throw new Error(`CI skips no test: ${missing.join(". ")}`)
  for (const line of missing) console.warn(`skipped: ${line}`)
}
