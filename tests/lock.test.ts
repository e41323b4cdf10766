/** The lock of a run's folder: whose counts, for how long, and what a refusal says. That only one of many gets it: run.test.ts. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { UserError } from "../src/errors.ts"
import { diskStore } from "../src/runs/disk-store.ts"
import { lockFolder } from "../src/runs/lock.ts"

let folder = ""
/** The scope of process ids in the names of locks made here. */
let here = ""
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "makewave-lock-"))
  const { release } = await lockFolder(folder)
  here = readdirSync(folder)[0].split(".")[3]
  await release()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

/** Writes a lock of this name, last touched the given number of seconds ago. */
function leave(name: string, secondsAgo = 0): string {
  const path = join(folder, name)
  writeFileSync(path, "")
  const time = Date.now() / 1000 - secondsAgo
  utimesSync(path, time, time)
  return path
}

/** The sentence of a refusal; the lock stays. */
async function refusal(name: string, secondsAgo?: number): Promise<string> {
  const path = leave(name, secondsAgo)
  const error = await lockFolder(folder).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect(readdirSync(folder)).toEqual([name])
  rmSync(path)
  return (error as Error).message
}

/** The lock is ignored and removed. */
async function isIgnored(name: string, secondsAgo?: number): Promise<void> {
  leave(name, secondsAgo)
  const { release } = await lockFolder(folder)
  expect(readdirSync(folder)).toEqual([expect.stringMatching(`^lock\\.${process.pid}\\.`)])
  await release()
  expect(readdirSync(folder)).toEqual([])
}

/** What the system answers to the question whether a process is alive. */
const answering = (code: string) =>
  vi.spyOn(process, "kill").mockImplementation(() => {
    throw Object.assign(new Error(`kill ${code}`), { code })
  })

test("the lock of a live process counts, however long ago it was touched, and if it is another user's", async () => {
  const sentence = `process ${process.ppid} is training into this folder: wait for it`
  for (const name of [`lock.${process.ppid}.0.${here}`, `lock.${process.ppid}`, `lock.${process.ppid}-3`])
    expect(await refusal(name, 1e5)).toContain(sentence)
  answering("EPERM")
  expect(await refusal(`lock.${process.ppid}.0.${here}`)).toContain(sentence)
})

test("the lock of a dead process is ignored at once, even if its id was reused", async () => {
  await isIgnored(`lock.${process.pid}.1.${here}`)
  await isIgnored(`lock.${process.pid}`)
  if (existsSync("/proc/self/stat")) await isIgnored(`lock.${process.ppid}.1.${here}`)
  answering("ESRCH")
  await isIgnored(`lock.${process.ppid}.0.${here}`)
})

test("the lock of another machine counts while it is touched, and the refusal says for how long", async () => {
  const name = `lock.${process.ppid}.123.0123456789ab`
  const secondsLeft = async (...given: [secondsAgo?: number]) =>
    Number(
      /process \d+ of another machine or container is training .* its lock expires in (\d+) s$/.exec(
        await refusal(name, ...given),
      )?.[1],
    )
  const isFrom = (least: number, most: number) => (seconds: number) => least <= seconds && seconds <= most
  expect(await secondsLeft()).toSatisfy(isFrom(20, 30)) // a slow machine may take some of them
  expect(await secondsLeft(20)).toSatisfy(isFrom(1, 10))
  expect(await refusal(`lock.${process.pid}.123.0123456789ab`)).toContain("another machine or container")
  await isIgnored(name, 31)
})

test("a lock is touched every five seconds until it is released", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  const { release } = await lockFolder(folder)
  const path = join(folder, readdirSync(folder)[0])
  utimesSync(path, 1, 1)
  vi.advanceTimersByTime(5000)
  await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(Date.now() - 60_000))
  await release()
  expect(vi.getTimerCount()).toBe(0)
})

test("the lock of a killed process is ignored", async () => {
  const program = `
    import { lockFolder } from ${JSON.stringify(resolve("src/runs/lock.ts"))}
    await lockFolder(${JSON.stringify(folder)})
    console.log("locked")
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(child.stdout, "data")
  await expect(lockFolder(folder)).rejects.toThrow(`process ${child.pid} is training into this folder`)
  child.kill("SIGKILL")
  await once(child, "exit")
  await (await lockFolder(folder)).release()
  expect(readdirSync(folder)).toEqual([])
})

test.each(["open", "readdir"] as const)(
  "too many open files (%s) is a sentence, and leaves no lock",
  async (call) => {
    vi.spyOn(fs, call).mockRejectedValue(
      Object.assign(new Error("EMFILE: as the system says it"), { code: "EMFILE" }),
    )
    const error = await lockFolder(folder).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as Error).message).toMatch(/: not written: too many files are open: raise the limit/)
    expect(readdirSync(folder)).toEqual([])
  },
)

test("a folder with the name of a lock is ignored", async () => {
  mkdirSync(join(folder, "lock.1"))
  await (await lockFolder(folder)).release()
  expect(readdirSync(folder)).toEqual(["lock.1"])
})

test("a training whose lock another process took writes nothing more", async () => {
  const store = diskStore(folder)
  const release = await store.lock()
  await store.write("a", "own")
  const [name] = readdirSync(folder).filter((file) => file.startsWith("lock."))
  rmSync(join(folder, name)) // as a process elsewhere does when the lock was not touched
  const lost = `the lock of this training, ${name}, is gone. Another process took the folder over`
  await expect(store.write("a", "late")).rejects.toThrow(lost)
  await expect(store.append("a", Uint8Array.of(1))).rejects.toThrow(lost)
  await expect(store.truncate("a", 0)).rejects.toThrow(lost)
  await expect(store.remove("a")).rejects.toThrow(UserError)
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("own")
  await release()
  expect(readdirSync(folder)).toEqual(["a"])
})
