/** Where lines come from: the data sets by name, files of the user's, and a download that is checked and kept. */

import { createHash } from "node:crypto"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { download } from "../src/data/download.ts"
import { dataSets, loadText } from "../src/data/index.ts"
import { nearest } from "../src/data/nearest.ts"
import { UserError } from "../src/errors.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-catalog-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const bytes = (text: string) => new TextEncoder().encode(text)

describe("catalog", () => {
  const nowhere = () => {
    throw new Error("no test may use the network")
  }

  test("names: 32,513 with their sex, and nothing else to do", async () => {
    const { lines, labels: { sex } = {}, name } = await loadText("names", { fetch: nowhere })
    expect(name).toBe("names")
    expect(lines).toHaveLength(32_513)
    expect(sex).toHaveLength(32_513)
    expect(sex[lines.indexOf("emma")]).toBe("female")
    expect(sex[lines.indexOf("liam")]).toBe("male")
    expect(new Set(sex)).toEqual(new Set(["female", "male"]))
    expect(lines.every((line) => /^[a-z]{2,15}$/.test(line))).toBe(true)
  })

  test("an unknown option is refused", async () => {
    await expect(loadText("names", { colum: "name" } as never)).rejects.toThrow(
      "loadText: there is no option colum: it has text, bytes, sounds, onProgress",
    )
  })

  test("a file of the user's", async () => {
    const text = await loadText(file("mine.txt", "\uFEFFfoo\r\nbar \r\n"))
    expect(text.lines).toEqual(["foo", "bar"])
    await expect(loadText(file("long.txt", "abcdef"), { maximumLineLength: 5 })).rejects.toThrow(
      /long\.txt: line 1 /,
    )
  })

  test.each([
    [
      "missing",
      () => join(folder, "none.txt"),
      /none\.txt: no such file or data set\. .*names, languages, makemore-names, brown$/,
    ],
    ["in a file as if it were a folder", () => join(file("a.txt", "a"), "b.txt"), /b\.txt: no such file/],
    [
      "a typing error",
      () => "makemore-nams",
      /Did you mean makemore-names\? .*: makemore-names, names, languages, brown$/,
    ],
    ["no word", () => "", /^"": no such file/],
    ["a word of every object", () => "constructor", /^constructor: no such file/],
    ["a folder", () => folder, /this is a folder/],
    ["a device", () => "/dev/null", /this is a device/],
    ["impossible", () => "a\0b", /cannot be read/],
    ["too long", () => "a".repeat(5000), /its name is too long/],
    ["empty", () => file("empty.txt", ""), /empty\.txt: the text is empty/],
    ["binary", () => file("binary", Uint8Array.of(0x7f, 69, 76, 70, 0, 1)), /binary: line 1 has a NUL/],
  ])("%s: one sentence", async (_, path, message) => {
    const error = await loadText(path()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as Error).message).toMatch(message)
  })

  test("a file without read permission: one sentence", async () => {
    const path = file("closed.txt", "emma")
    chmodSync(path, 0)
    const isRoot = process.getuid?.() === 0 // whom no permission stops
    if (isRoot) process.seteuid?.(65_534)
    try {
      await expect(loadText(path)).rejects.toThrow(/closed\.txt: no permission to read it/)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test("every data set has a description", () => {
    for (const { description } of Object.values(dataSets)) expect(description).toMatch(/\S/)
  })

  test("the nearest name, or none", () => {
    expect(nearest("name", Object.keys(dataSets))).toBe("names")
    expect(nearest("Names", Object.keys(dataSets))).toBe("names")
    expect(nearest("shakespeare.txt", Object.keys(dataSets))).toBeUndefined()
  })
})

describe("download", () => {
  const content = bytes("emma\nolivia\n")
  const sha256 = createHash("sha256").update(content).digest("hex")
  const options = { totalBytes: content.length, sha256 }

  /** A server that sends these bytes in pieces of five. */
  const serve = (sent: Uint8Array, init?: ResponseInit) => async () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < sent.length; at += 5) controller.enqueue(sent.slice(at, at + 5))
          controller.close()
        },
      }),
      init,
    )

  test("the bytes arrive, and progress is reported", async () => {
    const reported: number[] = []
    const onProgress = ({ receivedBytes }: { receivedBytes: number }) => reported.push(receivedBytes)
    expect(await download("https://x.test/a", { ...options, onProgress, fetch: serve(content) })).toEqual(
      content,
    )
    expect(reported).toEqual([0, 5, 10, 12])
  })

  test.each([
    [
      "not found",
      serve(content, { status: 404, statusText: "Not Found" }),
      "the server answered 404 Not Found",
    ],
    ["too few bytes", serve(content.subarray(1)), "received only 11 of 12 bytes"],
    [
      "too many bytes",
      serve(bytes("emma\nolivia\nava\n")),
      "the server sent more than the expected 12 bytes",
    ],
    ["other bytes", serve(bytes("emma\nsophia\n")), "the download does not have the SHA-256"],
    [
      "no network",
      async () => {
        throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND x.test") })
      },
      "getaddrinfo ENOTFOUND x.test",
    ],
  ])("%s: the reason", async (_, fetch, message) => {
    await expect(download("https://x.test/a", { ...options, fetch })).rejects.toThrow(message)
  })

  test("a silent server times out", async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)))
    await expect(
      download("https://x.test/a", { ...options, fetch: silent, timeoutSeconds: 0.01 }),
    ).rejects.toThrow(/timeout/)
  })

  test("makemore-names: a failed download says where to put the file by hand", async () => {
    const cacheFolder = join(folder, "unreachable")
    const loading = loadText("makemore-names", { dataFolder: folder, cacheFolder, fetch: serve(content) })
    await expect(loading).rejects.toThrow(UserError)
    await expect(loading).rejects.toThrow(`put it at ${join(cacheFolder, "names.txt")}`)
    await expect(loading).rejects.toThrow(/received only 12 of 228145 bytes.*MAKEWAVE_DATA/)
    await expect(loading).rejects.toThrow(/Data that needs no download: names, .* or a file of your own$/)
    expect(existsSync(cacheFolder)).toBe(false)
  })

  test("makemore-names: a different names.txt in the data folder is refused", async () => {
    const dataFolder = join(folder, "other")
    mkdirSync(dataFolder)
    writeFileSync(join(dataFolder, "names.txt"), "emma\n")
    await expect(loadText("makemore-names", { dataFolder })).rejects.toThrow(/not makemore's names\.txt/)
  })
})

describe.skipIf(!process.env.MAKEWAVE_DATA)("makemore-names (needs MAKEWAVE_DATA)", () => {
  const path = join(process.env.MAKEWAVE_DATA ?? "", "names.txt")

  test("found in the data folder, with the two lists as labels", async () => {
    const { lines, labels: { sex } = {} } = await loadText("makemore-names")
    expect(lines).toHaveLength(32_033)
    expect([lines[0], lines[18_029], lines[32_032]]).toEqual(["emma", "liam", "zzyzx"])
    expect([sex[0], sex[18_028], sex[18_029]]).toEqual(["female", "female", "male"])
    expect((await loadText(path)).labels?.sex, "a user's copy").toEqual(sex)
  })

  test("downloaded, cached, and read from the cache; a corrupt copy is replaced", async () => {
    const cacheFolder = join(folder, "cache", "deep")
    let requests = 0
    const fetch: typeof globalThis.fetch = async () => {
      requests++
      return new Response(readFileSync(path))
    }
    const options = { dataFolder: folder, cacheFolder, fetch }
    const load = async () => (await loadText("makemore-names", options)).lines.length
    expect([await load(), await load(), requests]).toEqual([32_033, 32_033, 1])
    writeFileSync(join(cacheFolder, "names.txt"), "emma\n")
    expect([await load(), await load(), requests]).toEqual([32_033, 32_033, 2])
  })

  test("a cache that cannot be written is no error", async () => {
    const cacheFolder = join(file("no-folder", ""), "cache")
    const fetch = async () => new Response(readFileSync(path))
    const { lines } = await loadText("makemore-names", { dataFolder: folder, cacheFolder, fetch })
    expect(lines).toHaveLength(32_033)
  })
})
