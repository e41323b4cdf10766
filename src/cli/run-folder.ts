/** Finds the run for a command: a folder, a name in ./runs, or by default the newest run. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { UserError } from "../errors.ts"

export function findRun(given: string | undefined): string {
  if (given === undefined) return newest()
  const named = join("runs", given)
  return !existsSync(given) && existsSync(named) ? named : given
}

/**
 * The folder to train in, from the flags --resume [run] and --out. Both together, without a run, resume if the folder has a run and
 * start one otherwise: a command that can be repeated until it completes.
 */
export function resumeOrOut(flags: { resume?: string | true; out?: string }): {
  resume?: string
  out?: string
} {
  const { resume, out } = flags
  if (resume === undefined) return { out }
  if (out === undefined) return { resume: findRun(resume === true ? undefined : resume) }
  if (resume !== true && relative(resolve(findRun(resume)), resolve(out)) !== "")
    throw new UserError(`--resume ${resume} and --out ${out}: a run resumes in its own folder: leave one out`)
  return resume !== true || existsSync(join(out, "config.json")) ? { resume: out } : { out }
}

function newest(): string {
  const names = existsSync("runs") ? readdirSync("runs") : []
  const runs = names.flatMap((name) => {
    const folder = join("runs", name)
    const config = statSync(join(folder, "config.json"), { throwIfNoEntry: false })
    return config ? [{ folder, time: config.mtimeMs }] : []
  })
  if (runs.length === 0)
    throw new UserError("there are no runs in ./runs: train first, or give the folder of a run")
  return runs.reduce((a, b) => (b.time > a.time ? b : a)).folder
}
