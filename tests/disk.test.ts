/** Whatever is at a path is read whole, up to a limit and without waiting for ever, or gets one sentence. */

import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test, vi } from "vitest"
import { fail } from "../src/cli/ending.ts"
import { readBytes } from "../src/data/disk.ts"
import { UserError } from "../src/errors.ts"
import { beginMakewave, THINGS } from "./command-line.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-disk-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const text = async (path: string, options = {}) => new TextDecoder().decode(await readBytes(path, options))

test("a file, up to the limit", async () => {
  expect(await text(file("a.txt", "anna\n"), { maximumBytes: 5 })).toBe("anna\n")
  expect(await text("/proc/self/cmdline"), "its size is 0").toMatch(/node/)
  await expect(text(file("a.txt", "anna\n"), { maximumBytes: 4 })).rejects.toThrow(UserError)
  expect(await readBytes(join(folder, "none"))).toBeUndefined()
})

test.each([
  ["a folder", () => "/", /^\/: this is a folder: give a file in it$/],
  ["a device without an end", () => "/dev/zero", /^\/dev\/zero: this is a device or a socket: give a file$/],
  [
    "a circle of links",
    () => {
      symlinkSync("circle", join(folder, "circle"))
      return join(folder, "circle")
    },
    /circle: its links lead in a circle: mend them/,
  ],
  ["a long name", () => "a".repeat(300), /: its name is too long: give a shorter one$/],
])("%s: one sentence", async (_, path, sentence) => {
  const error = await readBytes(path()).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect((error as Error).message).toMatch(sentence)
})

test.each([
  ["EMFILE", /^a: too many files are open: raise the limit \(ulimit -n\)/],
  ["ENFILE", /^a: too many files are open on this machine: close some$/],
  ["EIO", /^a: the disk cannot read it: copy it from elsewhere/],
  ["EPERM", /^a: no permission to read it/],
  ["EXDEV", /^a: cannot be read \(EXDEV: as the system says it\): give another file$/],
])("%s: one sentence", async (code, sentence) => {
  const broken = vi
    .spyOn(fs, "stat")
    .mockRejectedValue(Object.assign(new Error(`${code}: as the system says it`), { code }))
  await expect(readBytes("a")).rejects.toThrow(sentence)
  broken.mockRestore()
})

test("too few open files for Node itself: a sentence, and no bug", () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true)
  const before = process.exitCode
  fail(Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" }))
  expect(process.exitCode).toBe(1)
  expect(written.mock.calls.flat().join("")).toContain(
    "error: too many files are open: raise the limit (ulimit -n)",
  )
  process.exitCode = before
  written.mockRestore()
})

test("a file beyond 256 MiB is refused before it is read", async () => {
  const path = join(folder, "large.txt")
  writeFileSync(path, "")
  truncateSync(path, 256 * 2 ** 20 + 1) // a hole, which takes no room
  await expect(text(path)).rejects.toThrow(/large\.txt: .*the limit of 256 MiB/)
  rmSync(path)
})

describe.skipIf(process.platform === "win32")("pipes", () => {
  const pipe = (name: string): string => {
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, name)])
    return join(folder, name)
  }
  const write = (script: string, path: string) =>
    spawn("sh", ["-c", `(${script}) > ${path}`], { stdio: "ignore" })

  test("what programs write, late and with pauses", async () => {
    const path = pipe("late")
    write("sleep 0.3; echo anna; sleep 0.3; echo bo", path)
    expect(await text(path)).toBe("anna\nbo\n")
    write("seq 100000", path)
    expect((await text(path)).split("\n")).toHaveLength(100_001)
  })

  test("an endless one is refused at the limit", async () => {
    const path = pipe("endless")
    write("yes", path)
    await expect(text(path, { maximumBytes: 2 ** 20 })).rejects.toThrow(
      /endless: it has more than the limit of 1 MiB/,
    )
  })

  test("one without a writer gets a sentence", async () => {
    const path = pipe("silent")
    await expect(text(path, { patienceSeconds: 0.2 })).rejects.toThrow(
      /silent: this is a pipe, and for 0.2 seconds no program has written to it/,
    )
  })
})

describe("standard input", () => {
  /** What the command says to this on its standard input. */
  const pipeInto = (args: readonly string[], input: string) => {
    const { child, ended } = beginMakewave(args, folder)
    child.stdin.end(input)
    return ended
  }
  const run = ["--model", "bigram", "--steps", "10", "--out", "piped"]

  test("is - for data and settings; a run does not keep it, and takes the data again with --data", async () => {
    const trained = await pipeInto(["train", "-", ...run], THINGS)
    expect(trained.stdout).toContain("standard input: 13 lines")
    expect(trained.code).toBe(0)
    const alone = await pipeInto(["train", "--resume", "piped", "--steps", "20"], "")
    expect(alone.stderr).toContain(
      "error: piped was trained on standard input, which is not kept: say with --data where its data is",
    )
    const other = await pipeInto(
      ["train", "--resume", "piped", "--steps", "20", "--data", "-"],
      THINGS.replaceAll("a", "d"),
    )
    expect(other.stderr).toMatch(/-: this is not the list that piped was trained on: give that\n$/)
    const resumed = await pipeInto(["train", "--resume", "piped", "--steps", "20", "--data", "-"], THINGS)
    expect(resumed.code).toBe(0)
    const evaluated = await pipeInto(
      ["evaluate", "piped", "--data", "-", "--column", "name"],
      "name\nabc\ncab\n",
    )
    expect(evaluated.stdout).toMatch(/^data +2 /m)
    const configured = await pipeInto(["train", "--config", "-"], "steps: few\n")
    expect(configured.stderr).toMatch(/^error: standard input: steps: .*: give a whole number/m)
  }, 120_000)
})
