/** What the address of the lab's page says: written and read again, and refused with a sentence where it is broken. */
import { expect, inject, test } from "vitest"
import {
  ownNames,
  readShown,
  readTrained,
  trainedPart,
  writeShown,
  writeTrained,
} from "../../lab/src/address.ts"
import { presets } from "../../lab/src/presets.ts"
import { Generator } from "../../src/random/torch.ts"
import { settings as declared } from "../../src/runs/settings.ts"

const encode = (text: string) => new TextEncoder().encode(text)

test.each(presets)("the preset $name is its name in the address", async ({ settings }) => {
  const { text } = await writeTrained({ settings })
  expect(text).toMatch(/^v=1&preset=[a-z0-9-]+$/)
  expect(await readTrained(`#${text}`)).toEqual({ settings })
})

test("settings that differ from a preset are written one by one, those that are left out as nothing", async () => {
  const { seed: _, ...others } = presets[0].settings
  const settings = {
    ...others,
    hidden: 64,
    milestones: [10, 20],
    split: "90,10,0",
    data: "42",
    noHeader: true,
  }
  const { text } = await writeTrained({ settings })
  expect(text).toContain("preset=lecture-row-5")
  expect(text).toContain("&seed=&")
  expect(await readTrained(text)).toEqual({ settings })
  expect(await readTrained((await writeTrained({ settings: {} })).text)).toEqual({ settings: {} })
})

test("a list of 1,000 names is in the address, byte for byte, and a longer one is not", async () => {
  const bytes = encode(inject("names").slice(0, 1000).join("\n"))
  const list = { name: "towns & rivers.csv", bytes }
  const { text, hasList } = await writeTrained({ settings: {}, list })
  expect(hasList).toBe(true)
  expect(text.length).toBeLessThan(bytes.length)
  expect(await readTrained(text)).toEqual({ settings: {}, list })
  const long = { name: "long.txt", bytes: encode(inject("names").slice(0, 1002).join("\n")) }
  const without = await writeTrained({ settings: {}, list: long })
  expect(without).toEqual({ text: "v=1&list=long.txt", hasList: false })
  await expect(readTrained(without.text)).rejects.toThrow(
    "The address names the list long.txt, but does not hold it",
  )
})

test("few lines that are too long for an address are left out", async () => {
  const bytes = Uint8Array.from(new Generator(1).randint(0, 256, 60_000), Number)
  expect((await writeTrained({ settings: {}, list: { name: "a", bytes } })).hasList).toBe(false)
})

test("what is shown stands beside it, and is told apart", () => {
  const shown = writeShown({ view: "runs", typed: "é &=#" })
  expect(readShown(`#v=1&preset=gru${shown}`)).toEqual({ view: "runs", typed: "é &=#" })
  expect(trainedPart(`#v=1&preset=gru${shown}`)).toBe("v=1&preset=gru")
  expect(trainedPart("#view=runs")).toBe("")
})

test.each([
  ["v=2&preset=gru", /^The address is of another version of the lab/],
  ["v=1&preset=none", /there is no preset "none"/],
  ["v=1&list=a&lines=%%%", /its list cannot be read/],
  ["v=1&list=a&lines=AAAA", /its list cannot be read/],
])("#%s is refused with a sentence", async (hash, sentence) => {
  await expect(readTrained(hash)).rejects.toThrow(sentence)
})

test("a list that would grow beyond all memory is refused", async () => {
  const stream = new Blob([new Uint8Array(2 ** 22)])
    .stream()
    .pipeThrough(new CompressionStream("deflate-raw"))
  const lines = Buffer.from(await new Response(stream).arrayBuffer()).toString("base64url")
  await expect(readTrained(`v=1&list=a&lines=${lines}`)).rejects.toThrow("its list cannot be read")
})

test("no setting has a name that the address uses for itself", () => {
  expect(ownNames.filter((name) => Object.hasOwn(declared, name))).toEqual([])
})
