/**
 * Writes the lists of names, which come as code, as one text of a quarter of their size. Each name says how many characters it shares with
 * the one before; the digit behind it is the sex.
 *
 *   aadam, male; aadan, male  ->  "0aadam1,4n1"
 */
import { createRequire } from "node:module"
import type { Plugin } from "vite"

const SEXES = ["female", "male"]

/** Runs in the page: the names of the text with their sexes. */
function read(text: string, sexes: readonly string[]): Map<string, string> {
  let before = ""
  return new Map(
    text.split(",").map((line) => {
      const shared = Number.parseInt(line[0], 36)
      before = before.slice(0, shared) + line.slice(1, -1)
      return [before, sexes[Number(line.at(-1))]] as const
    }),
  )
}

function write(names: ReadonlyMap<string, string>): string {
  let before = ""
  const lines = [...names].map(([name, sex]) => {
    let shared = 0
    while (shared < 35 && shared < name.length && name[shared] === before[shared]) shared++
    before = name
    return `${shared.toString(36)}${name.slice(shared)}${SEXES.indexOf(sex)}`
  })
  return lines.join()
}

export function namesAsText(): Plugin {
  return {
    name: "names-as-text",
    enforce: "pre",
    load(id) {
      if (!/gender-detection-from-name\/names\/\w+\.js$/.test(id)) return undefined
      const names: ReadonlyMap<string, string> = createRequire(id)(id)
      const text = write(names)
      const again = read(text, SEXES)
      if ([...names].join() !== [...again].join()) this.error(`${id}: these names cannot be written as text`)
      return `${read}\nexport default read(${JSON.stringify(text)}, ${JSON.stringify(SEXES)})`
    },
  }
}
