/** Finds the run for a command: a folder, a name in ./runs, a model of the package, or by default the newest run. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, join, relative, resolve } from "node:path"
import { nameOfPath } from "../data/disk.ts"
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import { BASE } from "../runs/origin.ts"
import { packagedNames } from "../runs/packaged.ts"
import { files } from "../runs/run-files.ts"
import type { Settings } from "../runs/settings.ts"
import { notice } from "./output.ts"

/** The newest run counts only if it has one of the files `needed`: a checkpoint, for the commands that use its model. */
export function findRun(
  given: string | undefined,
  needed: readonly string[] = [files.checkpoint, files.best],
): string {
  if (given === undefined) return newest(needed)
  if (given === "") throw new UserError('the run "": give the folder of a run, such as runs/NAME')
  const named = join("runs", given)
  const isModel = packagedNames.includes(given)
  const found = [given, named].find((folder) => existsSync(isModel ? join(folder, files.config) : folder))
  if (found !== undefined) return found
  if (isModel) return given
  const names = runsHere().map((folder) => basename(folder))
  const meant = nearest(basename(given), [...names, ...packagedNames])
  const models = `models of the package: ${packagedNames.join(", ")}`
  if (names.length === 0 && !meant)
    throw new UserError(
      `${nameOfPath(given)}: there is no run here: give the folder of a run, such as runs/NAME; ${models}`,
    )
  const question = meant ? `: did you mean ${meant}?` : "."
  const runs =
    names.length === 0 ? "No runs in ./runs" : `The newest runs in ./runs: ${names.slice(0, 8).join(", ")}`
  throw new UserError(`${nameOfPath(given)}: there is no run here${question} ${runs}; ${models}`)
}

/** The runs for a command that takes several. Files are left out, with a notice: the pattern runs/NAME/* also matches those beside runs. */
export function findRuns(given: readonly string[]): string[] {
  const found = given.map((run) => findRun(run))
  const folders = found.filter(
    (place) => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? packagedNames.includes(place),
  )
  if (folders.length === 0 || folders.length === found.length) return found
  const others = found.filter((place) => !folders.includes(place))
  notice(
    `${others.join(", ")}: no ${others.length === 1 ? "folder, so no run: it is" : "folders, so no runs: they are"} left out`,
  )
  return folders
}

/** The settings with the folders of the runs that they name. */
export const withRunsFound = ({ from, teacher, members, ...given }: Settings): Settings => ({
  ...given,
  ...(from !== undefined && { from: from === BASE ? from : findRun(from) }),
  ...(teacher !== undefined && { teacher: findRun(teacher) }),
  ...(members !== undefined && {
    members: members
      .split(",")
      .map((run) => findRun(run))
      .join(),
  }),
})

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
  if (out === undefined) return { resume: findRun(resume === true ? undefined : resume, [files.config]) }
  if (resume !== true && relative(resolve(findRun(resume)), resolve(out)) !== "")
    throw new UserError(`--resume ${resume} and --out ${out}: a run resumes in its own folder: leave one out`)
  return resume !== true || existsSync(join(out, "config.json")) ? { resume: out } : { out }
}

function newest(needed: readonly string[]): string {
  const folders = runsHere()
  if (folders.length === 0)
    throw new UserError("there are no runs in ./runs: train first, or give the folder of a run")
  const found = folders.find((folder) => needed.some((file) => existsSync(join(folder, file))))
  if (found !== undefined) return found
  throw new UserError(
    `no run in ./runs has a ${needed[0]} yet: wait for it, or resume the newest: train --resume ${folders[0]}`,
  )
}

/** The folders of the runs in ./runs, the newest first: a run is as new as its config. */
function runsHere(): string[] {
  const names = existsSync("runs") ? readdirSync("runs") : []
  const runs = names.flatMap((name) => {
    const folder = join("runs", name)
    const config = statSync(join(folder, files.config), { throwIfNoEntry: false })
    return config ? [{ folder, time: config.mtimeMs }] : []
  })
  return runs.sort((a, b) => b.time - a.time).map(({ folder }) => folder)
}
