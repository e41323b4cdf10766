/**
 * What the address of the page says after its #: the preset and the settings that differ from it, the list if it is short, and what of
 * the page is shown. Source of the list's form: https://compression.spec.whatwg.org (deflate-raw), RFC 4648, section 5 (base64url).
 *
 *   #v=1&preset=lecture-row-5&hidden=64&steps=1000&view=train&panel=tree&typed=emm
 */
import { UserError } from "../../src/errors.ts"
import type { Settings } from "../../src/runs/settings.ts"
import { type Preset, presets } from "./presets.ts"
import type { List } from "./trainer/messages.ts"

/** What is trained. */
export interface Trained {
  readonly settings: Settings
  readonly list?: List
}

/** What of the page is shown; what is left out is as it begins. */
export type Shown = Partial<Record<(typeof shownNames)[number], string>>

const VERSION = "1"

export const shownNames = ["view", "chapter", "panel", "typed"] as const

/** The names of the address that are no settings. */
export const ownNames = ["v", "preset", "list", "lines", ...shownNames] as const

/** The most lines of a list that an address holds, and characters that it takes for them: programs cut what is longer. */
const MOST_LINES = 1000
const MOST_CHARACTERS = 32_000

/** The most bytes that the lines of an address become. */
const MOST_BYTES = 2 ** 20

/** A preset's name in an address: "lecture-row-5" for "Lecture, row 5: the tree, scaled up". */
export const idOf = ({ name }: Preset): string =>
  name
    .split(":")[0]
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")

/** The part of the address that says what is trained. A list that is too long is left out. */
export async function writeTrained({ settings, list }: Trained): Promise<{ text: string; hasList: boolean }> {
  const [preset, differences] = [undefined, ...presets]
    .map((preset) => [preset, differencesFrom(preset?.settings ?? {}, settings)] as const)
    .reduce((best, each) => (each[1].length < best[1].length ? each : best))
  const lines = list && !list.sounds ? await writeLines(list.bytes) : undefined
  const words = new URLSearchParams({
    v: VERSION,
    ...(preset && { preset: idOf(preset) }),
    ...Object.fromEntries(differences),
    ...(list && { list: list.name }),
    ...(lines !== undefined && { lines }),
  })
  return { text: words.toString(), hasList: !list || lines !== undefined }
}

/** What is shown, as the rest of the address; begins with & if there is anything. */
export const writeShown = (shown: Shown): string =>
  shownNames
    .flatMap((name) => (shown[name] === undefined ? [] : [`&${name}=${encodeURIComponent(shown[name])}`]))
    .join("")

/** The part of an address that says what is trained, as it is written; "" if it says nothing of it. */
export function trainedPart(hash: string): string {
  const words = wordsOf(hash)
  for (const name of shownNames) words.delete(name)
  return words.toString()
}

export function readShown(hash: string): Shown {
  const words = wordsOf(hash)
  return Object.fromEntries(shownNames.flatMap((name) => (words.has(name) ? [[name, words.get(name)!]] : [])))
}

/** Undefined for an address that says nothing of it. Throws a UserError if it is broken or of a later version. */
export async function readTrained(hash: string): Promise<Trained | undefined> {
  const words = wordsOf(hash)
  const version = words.get("v")
  if (version === null) return undefined
  if (version !== VERSION)
    throw new UserError(
      "The address is of another version of the lab, which this page cannot read: reload the page, or ask for a fresh address.",
    )
  const id = words.get("preset")
  const preset = presets.find((each) => idOf(each) === id)
  if (id !== null && !preset) throw broken(`there is no preset ${JSON.stringify(id)}`)
  const changes = [...words].filter(([name]) => !(ownNames as readonly string[]).includes(name))
  const all = {
    ...preset?.settings,
    ...Object.fromEntries(changes.map(([name, text]) => [name, readValue(text)])),
  }
  const settings = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const [name, lines] = [words.get("list"), words.get("lines")]
  if (name !== null && lines === null)
    throw new UserError(
      `The address names the list ${name}, but does not hold it: ask for the list, and open it here.`,
    )
  const list = name !== null && lines !== null ? { name, bytes: await readLines(lines) } : undefined
  return { settings, list }
}

const wordsOf = (hash: string): URLSearchParams => new URLSearchParams(hash.replace(/^#/, ""))

const broken = (what: string): UserError =>
  new UserError(`The address is broken, or of a later version of the lab: ${what}. Copy it again, all of it.`)

/** What to change in `from` to get the settings, as texts. */
function differencesFrom(from: Settings, settings: Settings): [string, string][] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(settings)])] as (keyof Settings)[]
  return names
    .map((name) => [name, textOf(from[name]), textOf(settings[name])])
    .filter(([, before, now]) => before !== now)
    .map(([name, , now]) => [name, now])
}

/** As JSON; a text as it is unless it would be read as something else, and "" for a setting that is left out. */
function textOf(value: Settings[keyof Settings]): string {
  if (value === undefined) return ""
  return typeof value === "string" && readValue(value) === value ? value : JSON.stringify(value)
}

function readValue(text: string): unknown {
  if (text === "") return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Undefined for a list that is too long. */
async function writeLines(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const isLong = bytes.reduce((count, byte) => count + Number(byte === LINE_FEED), 0) > MOST_LINES
  if (isLong || bytes.length > MOST_BYTES) return undefined
  const stream = through(bytes, new CompressionStream("deflate-raw"))
  const deflated = new Uint8Array(await new Response(stream).arrayBuffer())
  if ((4 / 3) * deflated.length > MOST_CHARACTERS) return undefined
  const text = btoa(String.fromCharCode(...deflated))
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

async function readLines(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
    const bytes = Uint8Array.from(characters, (character) => character.charCodeAt(0))
    for await (const part of through(bytes, new DecompressionStream("deflate-raw"))) {
      parts.push(part)
      length += part.length
      if (length > MOST_BYTES) throw new RangeError("too long")
    }
  } catch {
    throw broken("its list cannot be read")
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

const through = (
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> => new Blob([bytes]).stream().pipeThrough(stream)

const LINE_FEED = 10
