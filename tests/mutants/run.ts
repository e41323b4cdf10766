/**
 * `npm run mutants`: puts each fault of the list into a copy of the project, one at a time, runs the tests that have to fail, and prints
 * whether they did. `npm run mutants -- clipping memory` tries the faults with these words. Exits with 1 if a fault survives, or if its
 * text is no longer in its file. Takes a quarter of an hour, and is not part of CI.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type Mutant, mutants } from "./mutants.ts"

/** A fault may make a test run for ever, which is noticed too. */
const MOST_MILLISECONDS = 15 * 60_000

const words = process.argv.slice(2)
const chosen = mutants.filter(({ fault }) => words.length === 0 || words.some((word) => fault.includes(word)))

if (chosen.length === 0) throw new Error(`no fault of the list has ${words.join(" or ")} in it`)
const lost = chosen.filter(({ file, text }) => readFileSync(file, "utf8").split(text).length !== 2)
for (const { fault, file, text } of lost)
  console.error(
    `${file}: ${JSON.stringify(text)} does not stand in it once: mend the fault "${fault}" of the list`,
  )

const copy = mkdtempSync(join(tmpdir(), "makewave-mutants-"))
let survivors = 0
try {
  const tracked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
  for (const file of execFileSync("git", tracked, { encoding: "utf8" }).split("\0").filter(Boolean))
    cpSync(file, join(copy, file))
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"))

  const all = [...new Set(chosen.flatMap(({ tests }) => tests))]
  if (!pass(all)) throw new Error("the tests fail without a fault: mend them first")
  for (const mutant of chosen) {
    if (lost.includes(mutant)) continue
    const noticed = !passWith(mutant)
    if (!noticed) survivors++
    console.log(`${noticed ? "noticed " : "SURVIVED"}  ${mutant.fault} (${mutant.file})`)
  }
} finally {
  rmSync(copy, { recursive: true })
}
console.log(`${chosen.length - lost.length - survivors} noticed, ${survivors} survived`)
if (survivors > 0 || lost.length > 0) process.exitCode = 1

function passWith({ file, text, replacement, tests }: Mutant): boolean {
  const path = join(copy, file)
  const before = readFileSync(path, "utf8")
  writeFileSync(
    path,
    before.replace(text, () => replacement),
  )
  try {
    return pass(tests)
  } finally {
    writeFileSync(path, before)
  }
}

function pass(tests: readonly string[]): boolean {
  const flags = ["run", "--project", "node", "--bail", "1", "--testTimeout", "120000", ...tests]
  const vitest = join(copy, "node_modules", "vitest", "vitest.mjs")
  const options = { cwd: copy, stdio: "ignore", timeout: MOST_MILLISECONDS } as const
  return spawnSync(process.execPath, [vitest, ...flags], options).status === 0
}
