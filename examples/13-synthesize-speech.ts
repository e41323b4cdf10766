/**
 * Makes speech to train on: two espeak-ng voices read random sentences, each into its own folder. docs/sound.md continues from there.
 * Usage: npx node examples/13-synthesize-speech.ts [folder] [sentences per voice]
 */
import "./errors.ts"
import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Generator, UserError } from "../src/index.ts"

const [folder = "speech", count = "80"] = process.argv.slice(2)
const voices = { anna: "en+f3", paul: "en+m3" }

const who = [
  "My neighbour",
  "The old ferryman",
  "A girl from Genoa",
  "Our youngest judge",
  "Somebody's uncle",
]
const does = ["never opened", "would gladly repair", "quietly measured", "has forgotten", "dreams about"]
const what = ["the yellow boat", "a jar of cherries", "both wheels", "this heavy piano", "their voyage home"]
const when = ["before the thaw", "in April or June", "while it rained", "on cheap paper", "for five hours"]

const generator = new Generator(1)
const one = (words: string[]): string => words[generator.randint(0, words.length, 1)[0]]
const sentence = (): string => `${[who, does, what, when].map(one).join(" ")}.`
const sentences = Array.from({ length: Number(count) }, sentence)

for (const [name, voice] of Object.entries(voices)) {
  mkdirSync(join(folder, name), { recursive: true })
  for (const [k, sentence] of sentences.entries()) {
    const file = join(folder, name, `${String(k).padStart(3, "0")}.wav`)
    const { error } = spawnSync("espeak-ng", ["-v", voice, "-w", file, sentence])
    if (error)
      throw new UserError("espeak-ng is missing: apt-get install espeak-ng, or use your own recordings")
  }
}
console.log(`${2 * sentences.length} sentences in ${folder}, such as: ${sentences[0]}`)
