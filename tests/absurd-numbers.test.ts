/** Every flag that takes a number has a lower and an upper bound. Beyond them a sentence names the flag, what was given and what would do. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Command, type Option } from "commander"
import { afterAll, beforeAll, expect, test } from "vitest"
import { loadCommand, names } from "../src/cli/commands.ts"
import { makewaveHere } from "./command-line.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-absurd-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What the flag makes of its argument; undefined if it refuses it. */
function parsed({ parseArg }: Option, text: string): unknown {
  try {
    return parseArg?.(text, undefined)
  } catch {
    return undefined
  }
}

/** Flags that take a number or several. */
const isNumeric = (option: Option) =>
  ["0", "1", "2", "2000"].some((text) => [parsed(option, text)].flat().some(Number.isFinite))

/** Any whole number is a seed. */
const isSeed = ({ long }: Option) => /^--(split-)?seed$/.test(long ?? "")

const flags = (
  await Promise.all(
    names.map(async (name) => {
      const command = new Command(name)
      ;(await loadCommand(name))(command)
      return command.options.filter(isNumeric).map((option) => [name, option.long ?? "", option] as const)
    }),
  )
).flat()

test("the flags of all commands are tried", () => {
  const others = names.filter((name) => !flags.some(([command]) => command === name))
  // Those take no numbers.
  expect([others, flags.length > 120]).toEqual([["new", "runs", "compare", "report"], true])
})

test.each(flags)("%s %s", async (name, long, option) => {
  const absurd = isSeed(option)
    ? ["1e16", "0.5", "NaN", "1e400", "x", ""]
    : ["1e12", "4294967296", "1e300", "-1", "NaN", "Infinity", "1e400", "0x10", "x", ""]
  // Zero is a number of something for some flags.
  if (parsed(option, "0") === undefined) absurd.push("0")
  for (const given of absurd) {
    const { code, stdout, stderr } = await makewaveHere([name, long, given], folder)
    expect({ code, stdout }, `${long} ${given}`).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^error: [^\n]+: give [^\n]+\n$/)
    expect(stderr.startsWith(`error: ${long} ${given || '""'}: give `), stderr).toBe(true)
  }
})
