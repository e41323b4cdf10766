/** A file is the old one or the whole new one: after a kill at any moment, and after every error of the disk. */

import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { writeFileAtomic } from "../src/data/atomic-file.ts"
import { makeFolder } from "../src/data/make-folder.ts"
import { UserError } from "../src/errors.ts"

/** From here on writing to a file fails with this code, when 50 bytes are on the disk. */
function breakDisk(code: string): void {
  const { open } = fs
  vi.spyOn(fs, "open").mockImplementation(async (...given) => {
    const handle = await open(...given)
    const write = handle.writeFile.bind(handle)
    handle.writeFile = async (content) => {
      await write((content as Uint8Array).subarray(0, 50))
      throw Object.assign(new Error(`${code}: as the system says it`), { code })
    }
    return handle
  })
}

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-atomic-"))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

test("a new file, an old one replaced, text and bytes, and nothing left beside", async () => {
  const path = join(folder, "config.json")
  await writeFileAtomic(path, '{"a": "é"}')
  expect(readFileSync(path, "utf8")).toBe('{"a": "é"}')
  await writeFileAtomic(path, Uint8Array.of(0, 1, 255))
  expect([...readFileSync(path)]).toEqual([0, 1, 255])
  await writeFileAtomic(path, "")
  expect(readFileSync(path)).toHaveLength(0)
  expect(readdirSync(folder)).toEqual(["config.json"])
})

test("many writers at once: the file is one writer's whole", async () => {
  const path = join(folder, "a")
  const contents = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(100_000))
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)))
  expect(contents).toContain(readFileSync(path, "utf8"))
  expect(readdirSync(folder)).toEqual(["a"])
})

test.each([
  ["ENOSPC", /: not written: the disk is full: make room/],
  ["EDQUOT", /: not written: the disk is full: make room/],
  ["EROFS", /: not written: this file system is read-only/],
  ["EACCES", /: not written: this folder may not be written to/],
])("%s in the middle: one sentence, and the old file stays", async (code, message) => {
  const path = join(folder, "model.safetensors")
  await writeFileAtomic(path, "old")
  breakDisk(code)
  const error = await writeFileAtomic(path, new Uint8Array(100)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect((error as Error).message).toMatch(message)
  expect((error as Error).message).toContain(path)
  expect(readFileSync(path, "utf8")).toBe("old")
  expect(readdirSync(folder)).toEqual(["model.safetensors"])
})

test("an error that no user can mend keeps its trace", async () => {
  breakDisk("EBADF")
  const writing = writeFileAtomic(join(folder, "a"), new Uint8Array(100))
  await expect(writing).rejects.toThrow("EBADF: as the system says it")
  await expect(writing).rejects.not.toBeInstanceOf(UserError)
})

test("no folder, a file as folder, a folder as file, a folder that may not be written to: one sentence each", async () => {
  writeFileSync(join(folder, "file"), "")
  mkdirSync(join(folder, "taken"))
  const closed = join(folder, "closed")
  mkdirSync(closed)
  chmodSync(folder, 0o755)
  chmodSync(closed, 0o555)

  await expect(writeFileAtomic(join(folder, "none", "a"), "x")).rejects.toThrow(/its folder does not exist/)
  await expect(writeFileAtomic(join(folder, "file", "a"), "x")).rejects.toThrow(/its folder is a file/)
  await expect(writeFileAtomic(join(folder, "taken"), "x")).rejects.toThrow(/there is a folder of this name/)
  await expect(writeFileAtomic(join(folder, "a".repeat(300)), "x")).rejects.toThrow(/name is too long/)
  const isRoot = process.getuid?.() === 0 // whom no permission stops
  if (isRoot) process.seteuid?.(65_534)
  try {
    await expect(writeFileAtomic(join(closed, "a"), "x")).rejects.toThrow(/may not be written to/)
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  expect(readdirSync(folder).sort()).toEqual(["closed", "file", "taken"])
})

test("through links, the file that they lead to is replaced, and keeps its mode", async () => {
  const [target, near, far, fresh] = ["target", "near", "far", "fresh"].map((name) => join(folder, name))
  writeFileSync(target, "old", { mode: 0o640 })
  chmodSync(target, 0o640)
  symlinkSync("target", near)
  symlinkSync(near, far)
  await writeFileAtomic(far, "new")
  expect(readFileSync(target, "utf8")).toBe("new")
  expect(statSync(target).mode & 0o777).toBe(0o640)
  expect([near, far].map((link) => lstatSync(link).isSymbolicLink())).toEqual([true, true])

  symlinkSync("not-yet", fresh)
  await writeFileAtomic(fresh, "made")
  expect(readFileSync(join(folder, "not-yet"), "utf8")).toBe("made")
  expect(readlinkSync(fresh)).toBe("not-yet")

  symlinkSync("circle", join(folder, "circle"))
  await expect(writeFileAtomic(join(folder, "circle"), "x")).rejects.toThrow(/its links lead in a circle/)
  expect(readdirSync(folder).sort()).toEqual(["circle", "far", "fresh", "near", "not-yet", "target"])
})

test("a device and a FIFO are written into, and stay what they are", async () => {
  await writeFileAtomic("/dev/null", "gone")
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true)
  await expect(writeFileAtomic("/dev/full", "x")).rejects.toThrow("/dev/full: not written: the disk is full")
  const fifo = join(folder, "fifo")
  execFileSync("sh", ["-c", `mkfifo "$0"`, fifo])
  const reader = spawn("cat", [fifo], { stdio: ["ignore", "pipe", "inherit"] })
  const read = once(reader.stdout, "data")
  await writeFileAtomic(fifo, "through")
  expect(String((await read)[0])).toBe("through")
  expect(statSync(fifo).isFIFO()).toBe(true)
})

test("an output of the process is written into, also behind a redirection to a file", async () => {
  const path = join(folder, "out")
  const module = new URL("../src/data/atomic-file.ts", import.meta.url).href
  const program = `
    import { writeFileAtomic } from ${JSON.stringify(module)}
    for (const path of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) await writeFileAtomic(path, path + " ")`
  writeFileSync(path, "before ")
  execFileSync("sh", ["-c", `"$0" --input-type=module --eval "$1" >> "$2"`, process.execPath, program, path])
  expect(readFileSync(path, "utf8")).toBe("before /dev/stdout /dev/fd/1 /proc/self/fd/1 ")
})

test("a folder of the system that takes no files or folders gets a sentence at once", async () => {
  await expect(writeFileAtomic("/proc/x", "x")).rejects.toThrow(
    "/proc/x: not written: its folder takes no new files",
  )
  await expect(makeFolder("/proc/x/y")).rejects.toThrow("/proc/x/y: not created: /proc takes no new folders")
  writeFileSync(join(folder, "file"), "")
  await expect(makeFolder(join(folder, "file"))).rejects.toThrow(/this is a file: name a folder/)
  await expect(makeFolder(join(folder, "file", "a"))).rejects.toThrow(/file is a file: name another folder/)
  symlinkSync("nowhere", join(folder, "astray"))
  for (const path of ["astray", "astray/a"])
    await expect(makeFolder(join(folder, path))).rejects.toThrow(/astray is a link to nothing: remove it/)
  await makeFolder(join(folder, "a", "b", "c"))
  await makeFolder(join(folder, "a", "b"))
  expect(readdirSync(join(folder, "a", "b"))).toEqual(["c"])
})

test("killed at any moment, the file is whole", async () => {
  const path = join(folder, "a")
  const module = new URL("../src/data/atomic-file.ts", import.meta.url).href
  const program = `
    import { writeFileAtomic } from ${JSON.stringify(module)}
    for (let i = 0; ; i++) {
      await writeFileAtomic(${JSON.stringify(path)}, String(i % 10).repeat(300_000 + (i % 10)))
      if (i === 0) console.log("begun")
    }`
  for (let kill = 0; kill < 8; kill++) {
    const writer = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    await once(writer.stdout, "data")
    await setTimeout(kill * 7)
    writer.kill("SIGKILL")
    await once(writer, "exit")
    const content = readFileSync(path, "utf8")
    expect(content).toBe(content[0].repeat(300_000 + Number(content[0])))
  }
})
