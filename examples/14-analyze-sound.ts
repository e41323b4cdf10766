/**
 * Prints acoustic features of each label's WAV files, and draws a spectrogram of their first second.
 *
 *   npx node examples/14-analyze-sound.ts [folder] [folder for the spectrograms]
 */
import "./errors.ts"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { charts, sound } from "../src/index.ts"

const [folder, out] = process.argv.slice(2)
const sampleRate = 8000

/** Without a folder: a hum that swells and fades three times a second. */
const hum = Float32Array.from({ length: 2 * sampleRate }, (_, k) => Math.sin(k / 10) * Math.sin(k / 850) ** 2)

const sounds: Record<string, sound.Sound> = folder ? {} : { hum: { sampleRate, samples: hum } }
const clips = folder ? (await sound.readClips(folder, { sampleRate })).clips : []
for (const [label, those] of Map.groupBy(clips, ({ label }) => label))
  sounds[label] = { sampleRate, samples: sound.muLawDecode(those.flatMap(({ levels }) => [...levels])) }

const figures = Object.values(sounds).map(sound.soundFigures)
const names = [
  "seconds",
  "levelDecibels",
  "flatness",
  "zeroCrossings",
  "speechBand",
  "syllables",
  "pitch",
] as const
const rows = names.map((name) => [name, ...figures.map((each) => each[name]?.toFixed(2) ?? "none")])
console.log(charts.table([["", ...Object.keys(sounds)], ...rows]))

for (const [title, { samples }] of Object.entries(out ? sounds : {})) {
  const { frames } = sound.spectrogram({ sampleRate, samples: samples.subarray(0, sampleRate) })
  const svg = await charts.spectrogramSvg({ frames, seconds: 1, highest: sampleRate / 2, title })
  await writeFile(join(out, `${title}.svg`), svg)
}
